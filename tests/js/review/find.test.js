/** Finding in texts that are not on the page. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findAll, firstFrom, pattern, stepFrom, wordAt } from '../../../static/js/review/find.js';

const TEXTS = { a: 'Blood pressure is 130/82.', b: 'No blood in stool, bloody nose.', c: 'A1c (8.1) q.d. and BLOOD.' };
const ORDER = ['a', 'b', 'c'];
const find = (needle, options) => findAll(ORDER, (id) => TEXTS[id], needle, options).map((p) => `${p.segment}${p.from}`);

test('nothing is looked for in nothing', () => {
  assert.equal(pattern('  '), null);
  assert.deepEqual(find(''), []);
});

test('what is written is not an expression', () => {
  assert.deepEqual(find('(8.1)'), ['c4']);
  assert.deepEqual(find('.*'), []);
  assert.deepEqual(find('130/82'), ['a18']);
});

test('case and whole words as asked', () => {
  assert.deepEqual(find('blood'), ['a0', 'b3', 'b19', 'c19']);
  assert.deepEqual(find('blood', { matchCase: true }), ['b3', 'b19']);
  assert.deepEqual(find('blood', { wholeWord: true }), ['a0', 'b3', 'c19']);
  assert.deepEqual(find('blood  in', { wholeWord: true }), ['b3']);
});

test('whole words end where items end: a part of a joined word is none', () => {
  const texts = { x: 'follow-up, follow up; follow.' };
  assert.deepEqual(findAll(['x'], (id) => texts[id], 'follow', { wholeWord: true }).map((p) => p.from), [11, 22]);
});

test('accents however they are composed', () => {
  assert.deepEqual(findAll(['x'], () => 'caf\u00e9', 'cafe\u0301').length, 1);
});

test('begins at the caret and goes round', () => {
  const places = findAll(ORDER, (id) => TEXTS[id], 'blood');
  assert.equal(firstFrom(places, ORDER, null), 0);
  assert.equal(firstFrom(places, ORDER, { segment: 'b', from: 4 }), 2);
  assert.equal(firstFrom(places, ORDER, { segment: 'c', from: 20 }), 0);
  assert.equal(firstFrom([], ORDER, null), -1);
  assert.equal(stepFrom(3, 4, 1), 0);
  assert.equal(stepFrom(0, 4, -1), 3);
  assert.equal(stepFrom(0, 0, 1), -1);
});

test('the word at the caret, or what is selected', () => {
  assert.equal(wordAt('No blood here', 5), 'blood');
  assert.equal(wordAt('No blood here', 3, 13), 'blood here');
  assert.equal(wordAt('a  b', 2), '');
});

test('four hours of text are searched in less than a tenth of a second', () => {
  const ids = Array.from({ length: 3600 }, (_, i) => `s${i}`);
  const begun = performance.now();
  assert.equal(findAll(ids, () => TEXTS.b, 'blood').length, 7200);
  assert.ok(performance.now() - begun < 100);
});
