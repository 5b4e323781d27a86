// Keys and slices of the pages of a second review.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandFor, slice, stepped } from '../../static/js/quality/keys.js';
import { createKeymap, objection } from '../../static/js/review/keymap.js';

const press = (key, more = {}) => ({ key, code: `Key${key.toUpperCase()}`, alt: false, ctrl: false, shift: false, ...more });
const does = (given, where = { typing: false }, stored = {}) => commandFor(createKeymap(stored), given, where);

test('single keys move among differences, play and choose; in a field or switched off they are typing', () => {
  assert.equal(does(press('j')), 'next');
  assert.equal(does(press('1')), 'signed_wrong');
  assert.equal(does(press('p'), { typing: true }), null);
  assert.equal(does(press('p'), { typing: false, on: false }), null);
  assert.equal(does(press('x')), null);
  assert.equal(does(null), null);
});

test('within a line it takes Alt, and no other key beside it', () => {
  const typing = { typing: true, on: false };
  assert.equal(does(press('p', { alt: true }), typing), 'play');
  assert.equal(does(press('p', { alt: true, ctrl: true }), typing), null);
  assert.equal(does(press('a', { alt: true }), typing), null);
});

test('a person can have other keys, which clash with nothing of the review screen', () => {
  const stored = { keys: { secondPlay: ['h', 'Alt+KeyH'], secondNext: ['Alt+KeyN'] } };
  assert.equal(does(press('h'), { typing: false }, stored), 'play');
  assert.equal(does(press('p'), { typing: false }, stored), null);
  assert.equal(does(press('n', { alt: true }), { typing: true }, stored), 'next');
  assert.deepEqual(createKeymap(stored).clashes(), []);
  assert.deepEqual(createKeymap({ keys: { secondPlay: ['j'] } }).clashes(), [{ trigger: 'j', ids: ['secondNext', 'secondPlay'] }]);
  assert.equal(objection('secondPlay', 'h'), null);
  assert.match(objection('secondPlay', 'Pedal1'), /review screen/);
});

test('going on stops at the ends', () => {
  assert.equal(stepped(-1, 1, 3), 0);
  assert.equal(stepped(-1, -1, 3), 2);
  assert.equal(stepped(2, 1, 3), 2);
  assert.equal(stepped(0, -1, 3), 0);
  assert.equal(stepped(-1, 1, 0), -1);
});

test('a slice has a second around it and never begins before the recording', () => {
  assert.deepEqual(slice({ start: 5, end: 6 }), { from: 4, to: 7 });
  assert.deepEqual(slice({ start: 0.2, end: 0.2 }), { from: 0, to: 1.2 });
});
