/** The column of which only a part is on the page. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createColumn, plan } from '../../../static/js/review/column.js';

function column(count, px = 50) {
  const made = createColumn(() => px);
  made.reset(Array.from({ length: count }, (_, i) => `s${i}`));
  return made;
}
const rows = (parts) => parts.map((p) => (p.row === undefined ? `(${p.gap})` : p.row)).join(' ');

test('an empty column has nothing', () => {
  assert.equal(column(0).total, 0);
  assert.deepEqual(plan(column(0), 0, 5), []);
});

test('heights that were measured count, those that were not are guessed', () => {
  const c = column(10);
  assert.equal(c.total, 500);
  assert.equal(c.set('s2', 150), true);
  assert.equal(c.set('s2', 150), false);
  assert.equal(c.total, 600);
  assert.equal(c.top(3), 250);
  c.forget('s2');
  assert.equal(c.total, 500);
});

test('the row at a height', () => {
  const c = column(10);
  c.set('s0', 10);
  for (const [y, row] of [[-5, 0], [0, 0], [9, 0], [10, 1], [59, 1], [60, 2], [100_000, 9]]) assert.equal(c.at(y), row);
});

test('rows near the window, gaps for the rest, in reading order', () => {
  assert.equal(rows(plan(column(100), 10, 13)), '(500) 10 11 12 13 (4300)');
  assert.equal(rows(plan(column(4), -3, 40)), '0 1 2 3');
});

test('the row with the caret stays, wherever the window is', () => {
  assert.equal(rows(plan(column(100), 50, 51, [3])), '(150) 3 (2300) 50 51 (2400)');
  assert.equal(rows(plan(column(100), 50, 51, [90, -1])), '(2500) 50 51 (1900) 90 (450)');
});

test('a gap of a row or two is not worth it', () => {
  assert.equal(rows(plan(column(100), 50, 51, [48])), '(2400) 48 49 50 51 (2400)');
});

test('gaps and rows together are as high as the whole, for any window', () => {
  const c = column(200);
  for (let i = 0; i < 200; i += 3) c.set(`s${i}`, 20 + i);
  for (let from = 0; from < 200; from += 7) {
    const parts = plan(c, from, from + 12, [5, 150]);
    const sum = parts.reduce((px, p) => px + (p.row === undefined ? p.gap : c.top(p.row + 1) - c.top(p.row)), 0);
    assert.equal(sum, c.total);
    const order = parts.filter((p) => p.row !== undefined).map((p) => p.row);
    assert.deepEqual(order, [...order].sort((a, b) => a - b));
  }
});

test('four hours are placed in less than a frame', () => {
  const c = column(6500);
  const begun = performance.now();
  for (let i = 0; i < 20; i += 1) {
    c.set('s1', 60 + i);
    plan(c, 3000, 3040, [1]);
  }
  assert.ok((performance.now() - begun) / 20 < 16);
});
