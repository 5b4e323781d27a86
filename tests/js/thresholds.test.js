// Which point a click into a plot means.
import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest, valueAt } from "../../static/js/thresholds/points.js";

test("the edges of the axes are the ends of the values, whatever lies outside", () => {
  assert.equal(valueAt(56 / 520, 0.5), 0);
  assert.equal(valueAt(494 / 520, 0.5), 0.5);
  assert.equal(valueAt(0, 0.5), 0);
  assert.equal(valueAt(1, 40), 40);
});

test("the nearest step wins; values may come as text", () => {
  const steps = [{ flagged: 0, minutes: "0" }, { flagged: 0.1, minutes: "6" }, { flagged: 0.3, minutes: "18" }];
  assert.equal(nearest(steps, 0.12), 1);
  assert.equal(nearest(steps, 17, "minutes"), 2);
  assert.equal(nearest([], 0.1), -1);
});
