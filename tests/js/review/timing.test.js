/** The word spoken at a moment. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTiming, lastAtOrBefore, sliceOf } from '../../../static/js/review/timing.js';

const segment = (id, ...times) => ({
  id,
  start: times[0][0],
  end: times.at(-1)[1],
  items: [...times.map(([start, end], i) => ({ id: `${id}.${i}`, start, end })),
    { id: `${id}.dot`, start: null, end: null }],
});

test('binary search finds the last start at or before', () => {
  assert.equal(lastAtOrBefore([1, 2, 2, 5], 0.5), -1);
  assert.equal(lastAtOrBefore([1, 2, 2, 5], 2), 2);
  assert.equal(lastAtOrBefore([1, 2, 2, 5], 9), 3);
  assert.equal(lastAtOrBefore([], 1), -1);
});

test('words, gaps and ends', () => {
  const timing = createTiming([segment('b', [10, 10.5], [10.5, 11]), segment('a', [1, 1.4], [3, 3.2])]);
  assert.equal(timing.wordAt(0.9), null);
  assert.equal(timing.wordAt(1).item, 'a.0');
  assert.equal(timing.wordAt(1.6).item, 'a.0');
  assert.equal(timing.wordAt(2.5), null);
  assert.equal(timing.wordAt(3.1).item, 'a.1');
  assert.equal(timing.wordAt(10.5).item, 'b.1');
  assert.equal(timing.wordAt(99), null);
});

test('overlapping channels: the word that began last', () => {
  const timing = createTiming([segment('l', [0, 1], [1, 5], [5, 6]), segment('r', [2, 2.5], [2.6, 3])]);
  assert.equal(timing.wordAt(2.2).item, 'r.0');
  assert.equal(timing.wordAt(4).item, 'l.1');
});

test('a changed segment is found with its new words', () => {
  const timing = createTiming([segment('a', [1, 2])]);
  timing.update(segment('a', [1, 1.5], [1.5, 2]));
  timing.update(segment('b', [4, 5]));
  assert.equal(timing.wordAt(1.7).item, 'a.1');
  assert.equal(timing.wordAt(4.5).item, 'b.0');
});

test('the slice of a word; of a word without times, the gap between its neighbours', () => {
  const s = segment('a', [1, 2], [2, 3], [6, 7]);
  assert.deepEqual(sliceOf([s.items[1]], s), [2, 3]);
  const typed = { id: 'h', start: null, end: null };
  const edited = { ...s, items: [s.items[0], s.items[1], typed, s.items[2]] };
  assert.deepEqual(sliceOf([typed], edited), [3, 6]);
  assert.deepEqual(sliceOf([typed], { ...s, items: [typed] }), [1, 7]);
});
