// Keys and slices of the pages of a second review.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineCommand, placeCommand, slice, stepped } from '../../static/js/quality/keys.js';

test('single keys move among differences, play and choose; in a field or switched off they are typing', () => {
  assert.equal(placeCommand({ key: 'j', typing: false }), 'next');
  assert.equal(placeCommand({ key: '1', typing: false }), 'signed_wrong');
  assert.equal(placeCommand({ key: 'p', typing: true }), null);
  assert.equal(placeCommand({ key: 'p', typing: false, on: false }), null);
  assert.equal(placeCommand({ key: 'x', typing: false }), null);
});

test('within a line it takes Alt, and no other key beside it', () => {
  const press = { altKey: true, ctrlKey: false, metaKey: false, shiftKey: false };
  assert.equal(lineCommand({ ...press, code: 'KeyP' }), 'play');
  assert.equal(lineCommand({ ...press, code: 'KeyP', ctrlKey: true }), null);
  assert.equal(lineCommand({ ...press, code: 'KeyP', altKey: false }), null);
  assert.equal(lineCommand({ ...press, code: 'KeyA' }), null);
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
