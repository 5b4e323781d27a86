// How the worklist follows the server: rows changed in place, added, removed; and where the focus goes.
import assert from "node:assert/strict";
import test from "node:test";
import { heir, plan, readCounts, shifts } from "../../static/js/worklist/plan.js";

const row = (id, ...cells) => ({ id, cells });

test("the same rows need nothing", () => {
  const rows = [row("a", "1", "2"), row("b", "3", "4")];
  assert.deepEqual(plan(rows, rows), { changed: [], added: [], removed: [], moved: false });
});

test("only the cells that differ are changed", () => {
  const todo = plan([row("a", "x", "10 %"), row("b", "y", "–")], [row("a", "x", "20 %"), row("b", "y", "–")]);
  assert.deepEqual(todo.changed, [{ id: "a", cells: [1] }]);
  assert.equal(shifts(todo), false);
});

test("a new row and a vanished row shift the table", () => {
  const todo = plan([row("a", "1"), row("b", "2")], [row("c", "3"), row("a", "1")]);
  assert.deepEqual(todo.added, ["c"]);
  assert.deepEqual(todo.removed, ["b"]);
  assert.equal(todo.moved, false);
  assert.equal(shifts(todo), true);
});

test("another order is noticed", () => {
  assert.equal(plan([row("a"), row("b")], [row("b"), row("a")]).moved, true);
});

test("focus goes to the next row that stays, else to the one before", () => {
  assert.equal(heir("b", ["a", "b", "c"], new Set(["a", "c"])), "c");
  assert.equal(heir("c", ["a", "b", "c"], new Set(["a", "b"])), "b");
  assert.equal(heir("a", ["a"], new Set()), null);
});

test("counts come as text", () => {
  assert.deepEqual(readCounts("all=10,000+ ready_to_sign=1 "), { all: "10,000+", ready_to_sign: "1" });
  assert.deepEqual(readCounts(undefined), {});
});
