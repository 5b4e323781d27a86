// What a chart of the dashboard draws is what its table says.
import assert from "node:assert/strict";
import test from "node:test";
import { moment, number, series, spoken } from "../../static/js/dashboard/series.js";

const HEAD = ["Day", "Signed", "p50, hours"];
const ROWS = [
  ["2026-03-01", "2", "1.5"],
  ["2026-03-02", "0", "–"],
  ["2026-03-03", "1,200", "0"],
];

test("columns that are lines are drawn over the days, and what is not known is a gap", () => {
  const { names, data } = series(HEAD, ROWS, [false, false, true]);
  assert.deepEqual(names, ["p50, hours"]);
  assert.deepEqual(data[1], [1.5, null, 0]);
  assert.equal(data[0][2] - data[0][0], 2 * 86_400);
});

test("thousands are numbers, dashes and words are none", () => {
  assert.equal(number(" 1,234.5 "), 1234.5);
  assert.equal(number("–"), null);
  assert.equal(number(""), null);
});

test("an hour is an hour of its day", () => {
  assert.equal(moment("2026-03-02 14:00") - moment("2026-03-02"), 14 * 3600);
});

test("a chart that cannot be seen says each line's last value and where it lay", () => {
  const drawn = series(HEAD, ROWS, [false, true, true]);
  assert.equal(spoken(drawn), "Signed: last 1200, from 0 to 1200. p50, hours: last 0, from 0 to 1.5");
  assert.equal(spoken({ names: ["x"], data: [[1], [null]] }), "x: nothing known");
});
