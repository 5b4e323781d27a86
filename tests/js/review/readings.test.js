/** Other readings: which are offered, and what keys do while they are shown. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NUMBERED, hasFigure, lineReadings, menuAct, saidOf, takesDigits, wordReadings } from '../../../static/js/review/readings.js';

const item = (id, content, alternatives = undefined, more = {}) => ({ id, content, type: 'pronunciation', alternatives, ...more });
const alt = (content, confidence) => ({ content, confidence });
const key = (name, more = {}) => ({ key: name, altKey: false, ctrlKey: false, metaKey: false, shiftKey: false, repeat: false, ...more });

test('readings of a word: best first, without what stands there', () => {
  const found = wordReadings([item('a', 'crackles', [alt('crackers', 0.04), alt('crackles', 0.6), alt('cackles', 0.2), alt('cackles', 0.1), alt('', 0.1)])]);
  assert.deepEqual(found.map((r) => [r.item, r.content]), [['a', 'cackles'], ['a', 'crackers']]);
  assert.deepEqual(wordReadings([item('a', 'x'), item('b', 'y', [alt('z')])]), [{ item: 'b', content: 'z', confidence: null }]);
});

test('where a number is in question digits are typed, not taken', () => {
  assert.equal(hasFigure(['fifteen', 'fifty']), true);
  assert.equal(hasFigure(['to', 'Two']), true);
  assert.equal(hasFigure(['20 mg']), true);
  assert.equal(hasFigure(['twenty-five']), true);
  assert.equal(hasFigure(['lisinopril', 'fosinopril']), false);
  assert.equal(takesDigits('for', [{ content: 'four' }]), false);
  assert.equal(takesDigits('phlegm', [{ content: 'film' }]), true);
});

test('keys while two readings are shown', () => {
  const shown = { count: 2, index: -1 };
  assert.equal(menuAct(key('ArrowDown', { altKey: true }), shown), null);
  assert.deepEqual(menuAct(key('ArrowDown'), shown), { move: 0 });
  assert.deepEqual(menuAct(key('ArrowUp'), shown), { move: 1 });
  assert.deepEqual(menuAct(key('ArrowDown'), { ...shown, index: 1 }), { move: 0 });
  assert.deepEqual(menuAct(key('Escape'), shown), { close: true });
});

test('Enter confirms the word unless a reading is chosen; other keys stay the text\'s own', () => {
  const shown = { count: 2, index: -1 };
  assert.equal(menuAct(key('Enter'), shown), null);
  assert.deepEqual(menuAct(key('Enter'), { ...shown, index: 1 }), { take: 1 });
  assert.equal(menuAct(key('a'), shown), null);
  assert.equal(menuAct(key('Tab'), shown), null);
  assert.equal(menuAct(key('Escape'), { ...shown, count: 0 }), null);
});

test('only the first four are numbered', () => {
  assert.equal(NUMBERED, 4);
});

test('readings of a whole segment', () => {
  const segment = { text: 'Any fever?', alternatives: ['Any fever?', 'A fever?', 'A fever?', ''] };
  assert.deepEqual(lineReadings(segment), ['A fever?']);
  assert.deepEqual(lineReadings(segment, 'A fever?'), ['Any fever?']);
  assert.deepEqual(lineReadings({ text: 'x' }), []);
});

test('what was said', () => {
  assert.equal(saidOf([item('a', '15 mg', undefined, { spoken: 'fifteen milligrams' })]), 'fifteen milligrams');
  assert.equal(saidOf([item('a', 'about'), item('b', '15', undefined, { spoken: 'fifteen' })]), 'about fifteen');
  assert.equal(saidOf([item('a', 'about')]), '');
});
