import assert from "node:assert/strict";
import test from "node:test";

import { fileText, lineNumbers, lineRange } from "../../static/js/vocabulary/text.js";

test("a line past the end is the last, and one before the start the first", () => {
  assert.deepEqual(lineRange("ab\ncde", 9), { from: 3, to: 6 });
  assert.deepEqual(lineRange("ab\ncde", 0), { from: 0, to: 2 });
  assert.deepEqual(lineRange("", 1), { from: 0, to: 0 });
});

test("lines are found by their number", () => {
  assert.deepEqual(lineRange("ab\n\ncde", 2), { from: 3, to: 3 });
  assert.deepEqual(lineRange("ab\n\ncde", 3), { from: 4, to: 7 });
  assert.deepEqual(lineNumbers("a\nb\n"), [1, 2, 3]);
});

test("a file's line ends and byte order mark go", () => {
  assert.equal(fileText("\uFEFFa\tb\r\nc\rd\n"), "a\tb\nc\nd\n");
});
