import test from 'node:test';
import assert from 'node:assert/strict';

import { countOf, createCounter, isLook, withLooks } from '../../../static/js/review/look.js';
import { kindOf } from '../../../static/js/review/marks.js';

const word = (id, confidence, more = {}) => ({ id, type: 'pronunciation', content: id, confidence, by: 'machine', ...more });
const segment = (items, flags = [], version = 1) => ({ id: 's', version, items, flags });
const lines = (below) => ({ threshold: 0.8, below });

test('words of people, punctuation, flagged and decided words are never marked a second time', () => {
  const items = [word('a', null, { by: 'human' }), word('b', 0.85, { type: 'punctuation' }), word('c', 0.85), word('d', 0.85), word('e', 0.7)];
  const flags = [{ id: 'f1', items: ['c'], reason: 'low_confidence', state: 'confirmed' },
    { id: 'f2', items: ['e'], reason: 'low_confidence', state: 'open' }];
  assert.deepEqual(withLooks(segment(items, flags), lines(0.9)).flags.filter(isLook).map((f) => f.items), [['d']]);
});

test('a line that is being transcribed has no marks yet', () => {
  assert.deepEqual(withLooks(segment([word('a', 0.85)], [], 0), lines(0.9)).flags, []);
});

test('lowering the line takes off its own marks and leaves the server\'s', () => {
  const flag = { id: 'f', items: ['a'], reason: 'low_confidence', state: 'open' };
  const raised = withLooks(segment([word('a', 0.5), word('b', 0.9)], [flag]), lines(0.95));
  assert.equal(raised.flags.length, 2);
  assert.deepEqual(withLooks(raised, lines(0.8)).flags, [flag]);
});

test('the same line again gives the same segment, so that nothing is drawn anew', () => {
  const raised = withLooks(segment([word('a', 0.85)]), lines(0.9));
  assert.equal(withLooks(raised, lines(0.9)), raised);
  assert.equal(withLooks(raised, lines(0.95)), raised);
});

test('counting under any line agrees with marking', () => {
  const items = Array.from({ length: 50 }, (_, i) => word(`w${i}`, i / 50));
  const counter = createCounter();
  counter.read([segment(items)], 0.8);
  for (const below of [0.8, 0.81, 0.9, 0.96, 0.99]) {
    const marked = withLooks(segment(items), lines(below)).flags.filter(isLook).length;
    assert.equal(counter.under(below), marked, String(below));
  }
});

test('a decided word moves from the line\'s count to the server\'s: the total stays', () => {
  const before = countOf({ flags_open: 7, flags_total: 12 }, 5);
  const after = countOf({ flags_open: 7, flags_total: 13 }, 4);
  assert.deepEqual([before.total, before.left, after.total, after.left], [17, 12, 17, 11]);
});

test('three bands', () => {
  assert.equal(kindOf('low_confidence', 0.49), 'low');
  assert.equal(kindOf('low_confidence', 0.5), 'open');
  assert.equal(kindOf('look', 0.9), 'look');
  assert.equal(kindOf('critical', 0.2), 'critical');
});
