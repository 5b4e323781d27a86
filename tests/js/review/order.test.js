import test from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { createLeft, effortOf, interval, markedLine, nextByWorth, stopLine } from '../../../static/js/review/order.js';

const shared = JSON.parse(readFileSync(new URL('../../text/order.json', import.meta.url)));
const mark = (id, worth, place) => ({ id, worth, place, from: 0 });
const word = (id, confidence, more = {}) => ({ id, type: 'pronunciation', content: id, confidence, by: 'machine', ...more });

test('intervals and efforts are those of the server', () => {
  for (const [expected, range] of shared.intervals) assert.deepEqual(interval(expected), range);
  const made = effortOf({ reason: 'look' }, shared.look.item);
  assert.ok(Math.abs(made.wrong - shared.look.wrong) < 1e-9 && Math.abs(made.seconds - shared.look.seconds) < 1e-9);
});

test('without marks there is no next one', () => assert.equal(nextByWorth([], null, 1), null));

test('the most worth comes first, of equals the one that stands first, and at the end again from the top', () => {
  const marks = [mark('a', 1, 0), mark('b', 3, 1), mark('c', 3, 2), mark('d', 2, 3)];
  const seen = [];
  let last = null;
  for (let n = 0; n < 5; n += 1) {
    const found = nextByWorth(marks, last, 1);
    seen.push(found.mark.id + (found.wrapped ? '!' : ''));
    last = found.mark;
  }
  assert.deepEqual(seen, ['b', 'c', 'd', 'a', 'b!']);
  assert.equal(nextByWorth(marks, marks[3], -1).mark.id, 'c');
});

test('after a mark that was settled comes the one behind it, not the top again', () => {
  const gone = mark('b', 3, 1);
  assert.equal(nextByWorth([mark('a', 4, 0), mark('d', 2, 3)], gone, 1).mark.id, 'd');
});

test('what is left are doubts of the machine about words that nobody decided', () => {
  const segment = { items: [word('a', 0.9), word('b', 0.5), word('c', 0.6), word('h', null, { by: 'human' }), word('d', 0.4)],
    flags: [{ items: ['b'], state: 'open', reason: 'drug', wrong: 0.25, seconds: 3, worth: 1 },
      { items: ['c'], state: 'confirmed', reason: 'low_confidence' },
      { items: ['d'], state: 'open', reason: 'query', wrong: 1, seconds: 3, worth: 2 }] };
  const sums = createLeft()([segment]);
  assert.ok(Math.abs(sums.unmarked - 0.1) < 1e-9);
  assert.deepEqual([sums.marked, sums.words], [0.25, 1]);
});

test('the lines say how many, of how many, and the range', () => {
  assert.equal(stopLine({ unmarked: 12, words: 1175 }), 'Not marked: about 12 of 1,175 words may still be wrong (2 to 32).');
  assert.equal(stopLine({ unmarked: 0.3, words: 1 }), 'Not marked: less than one of 1 word may still be wrong (0 to 2).');
  assert.equal(stopLine({ unmarked: 0, words: 0 }), '');
  assert.equal(markedLine({ marked: 1 }, 2), 'Marked and open: about 1 of 2 marks may be wrong (0 to 2).');
  assert.equal(markedLine({ marked: 0 }, 0), '');
});
