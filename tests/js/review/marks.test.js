/** Marked words: their order, the one at the caret, the next one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindOf, kindsIn, markAt, neighbour, openMarks, reasonText, shapes } from '../../../static/js/review/marks.js';
import { layOut } from '../../../static/js/review/text.js';

const make = (id, text, flags) => ({
  id,
  items: text.split(' ').map((content, i) => ({ id: `${id}${i}`, content, type: 'pronunciation', by: 'machine' })),
  flags: flags.map(([items, state], i) => ({ id: `${id}f${i}`, items, state, reason: 'low_confidence' })),
});
const A = make('a', 'one two three four', [[['a3'], 'open'], [['a1'], 'open'], [['a0'], 'confirmed']]);
const B = make('b', 'five six', []);
const C = make('c', 'seven eight nine', [[['c0', 'c1'], 'open'], [['cX'], 'open']]);
const ALL = { a: A, b: B, c: C };
const marksOf = (id) => openMarks(ALL[id], layOut(ALL[id].items).ranges);
const go = (at, step) => neighbour(['a', 'b', 'c'], marksOf, at, step);

test('open marks stand in text order; unknown items are left out', () => {
  assert.deepEqual(marksOf('a').map((m) => m.items), [['a1'], ['a3']]);
  assert.deepEqual(marksOf('c').map((m) => [m.from, m.to]), [[0, 11]]);
});

test('a mark whose words were typed over is gone', () => {
  assert.equal(openMarks(A, [null, null, null, { from: 0, to: 4 }]).length, 1);
});

test('next goes on across segments and round the end', () => {
  assert.equal(go(null, 1).mark.items[0], 'a1');
  assert.equal(go({ segment: 'a', from: 4, to: 7 }, 1).mark.items[0], 'a3');
  assert.equal(go({ segment: 'a', from: 14, to: 18 }, 1).mark.items[0], 'c0');
  const last = go({ segment: 'c', from: 0, to: 11 }, 1);
  assert.equal(last.mark.items[0], 'a1');
  assert.equal(last.wrapped, true);
});

test('previous is the mirror', () => {
  assert.equal(go(null, -1).mark.items[0], 'c0');
  assert.equal(go({ segment: 'c', from: 0, to: 11 }, -1).mark.items[0], 'a3');
  assert.equal(go({ segment: 'a', from: 4, to: 7 }, -1).mark.items[0], 'c0');
});

test('nothing open, nothing next', () => {
  assert.equal(neighbour(['b'], marksOf, { segment: 'b', from: 0, to: 0 }, 1), null);
  assert.equal(neighbour([], marksOf, null, 1), null);
});

test('mark under the caret or the selection', () => {
  const marks = marksOf('a');
  assert.equal(markAt(marks, 5).items[0], 'a1');
  assert.equal(markAt(marks, 4, 7).items[0], 'a1');
  assert.equal(markAt(marks, 2), null);
});

test('shapes: open wins, human words are their own shape', () => {
  const s = make('s', 'x y', [[['s0'], 'confirmed'], [['s0'], 'open']]);
  s.items[1].by = 'human';
  const found = shapes(s);
  assert.equal(found.get('s0').shape, 'open');
  assert.equal(found.get('s1').shape, 'human');
  assert.equal(reasonText('sound_alike'), 'Sound alike');
});

test('kinds of marks: each reason its own, an unknown one like one that matters', () => {
  assert.deepEqual(['low_confidence', 'no_speech', 'loop', 'sound_alike'].map((reason) => kindOf(reason)), ['open', 'silent', 'loop', 'critical']);
  assert.equal(reasonText('no_speech'), 'Nobody was heard here');
  assert.equal(reasonText('loop'), 'The machine repeated itself here');
  assert.deepEqual([...kindsIn([A, B])], ['open']);
});

test('of two open marks on a word the graver one shows', () => {
  const s = make('s', 'x', [[['s0'], 'open'], [['s0'], 'open'], [['s0'], 'confirmed']]);
  s.flags[1].reason = 'loop';
  assert.equal(shapes(s).get('s0').flag.reason, 'loop');
  s.flags.reverse();
  assert.equal(shapes(s).get('s0').flag.reason, 'loop');
});
