/** Word differences and the three-way merge. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matches, merge, mergeParts, wordDiff } from '../../../static/js/review/diff.js';

const show = (a, b) => wordDiff(a, b)
  .map((p) => ({ same: p.text, removed: `[-${p.text}-]`, added: `{+${p.text}+}` })[p.kind]).join(' ');

test('same text is one part', () => {
  assert.equal(show('a b c', 'a b c'), 'a b c');
  assert.deepEqual(wordDiff('', ''), []);
});

test('replaced, added and removed words', () => {
  assert.equal(show('takes fifteen mg daily', 'takes fifty mg daily'), 'takes [-fifteen-] {+fifty+} mg daily');
  assert.equal(show('a c', 'a b c'), 'a {+b+} c');
  assert.equal(show('a b c', 'a c'), 'a [-b-] c');
  assert.equal(show('', 'a'), '{+a+}');
});

test('parts rebuild both texts', () => {
  const a = 'he denies chest pain dyspnea or edema';
  const b = 'he denies any chest pain or peripheral edema today';
  const parts = wordDiff(a, b);
  const side = (skip) => parts.filter((p) => p.kind !== skip).map((p) => p.text).join(' ');
  assert.equal(side('added'), a);
  assert.equal(side('removed'), b);
});

test('pairs ascend in both', () => {
  const pairs = matches([...'abcabba'], [...'cbabac']);
  pairs.forEach(([i, j], k) => {
    if (k) assert.ok(i > pairs[k - 1][0] && j > pairs[k - 1][1]);
  });
  assert.equal(pairs.length, 4);
});

test('changes in different places merge cleanly', () => {
  assert.deepEqual(merge('a b c d e', 'a X c d e', 'a b c d Y'), { text: 'a X c d Y', clean: true });
  assert.deepEqual(merge('a b c', 'a c', 'a b c d'), { text: 'a c d', clean: true });
  assert.deepEqual(merge('a b', 'a b', 'a Z'), { text: 'a Z', clean: true });
});

test('two insertions in one place are both kept, and a person must look', () => {
  assert.deepEqual(merge('a b', 'a b mine', 'a b theirs'), { text: 'a b theirs mine', clean: false });
});

test('the same words changed twice: mine, and a person must look', () => {
  assert.deepEqual(merge('fifteen mg', 'fifty mg', 'five mg'), { text: 'fifty mg', clean: false });
  assert.deepEqual(merge('fifteen mg', 'fifty mg', 'fifty mg'), { text: 'fifty mg', clean: true });
});

test('parts of a merge: what one changed is text, what both changed are two readings', () => {
  assert.deepEqual(mergeParts('take two daily now', 'take 2 daily today', 'take too daily now'),
    [{ text: 'take' }, { mine: '2', theirs: 'too', was: 'two' }, { text: 'daily today' }]);
  assert.deepEqual(mergeParts('a b', 'a b', 'a c'), [{ text: 'a c' }]);
  assert.deepEqual(mergeParts('', 'mine', 'theirs'), [{ mine: 'mine', theirs: 'theirs', was: '' }]);
});

test('words side by side that two people changed are one question: a dose and its unit', () => {
  assert.deepEqual(mergeParts('takes 20 mg daily', 'takes 25 mg daily', 'takes 20 mcg daily'),
    [{ text: 'takes' }, { mine: '25 mg', theirs: '20 mcg', was: '20 mg' }, { text: 'daily' }]);
});
