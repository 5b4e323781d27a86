/** What the caret means to an operation. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { between, selected, speakersOf } from '../../../static/js/review/places.js';

test('a split is between words; inside a word it goes before it', () => {
  assert.equal(between('one two', 0), 0);
  assert.equal(between('one two', 1), 0);
  assert.equal(between('one two', 3), 3);
  assert.equal(between('one two', 4), 3);
  assert.equal(between('one two', 5), 3);
  assert.equal(between('one two', 7), 7);
});

test('the offset counts in the text as it is sent', () => {
  assert.equal(between('  one   two', 8), 3);
});

test('a mark goes with its word', () => {
  assert.equal(between('one. two', 3), 0);
});

test('a selection means its words; the whole segment means no words', () => {
  const items = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
  const ranges = [{ from: 0, to: 3 }, { from: 4, to: 7 }, null];
  assert.deepEqual(selected(items, ranges, 5, 6), [{ id: 'b' }]);
  assert.equal(selected(items.slice(0, 2), ranges, 0, 7), null);
  assert.equal(selected(items, ranges, 3, 4), null);
});

test('speakers in order of number, also those that have a name only', () => {
  assert.deepEqual(speakersOf([{ speaker: 'spk_10' }, { speaker: 'spk_2' }, { speaker: null }], { spk_1: 'Clinician' }), ['spk_1', 'spk_2', 'spk_10']);
});
