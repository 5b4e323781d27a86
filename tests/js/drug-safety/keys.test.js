import test from 'node:test';
import assert from 'node:assert/strict';
import { commandOf, stepped } from '../../../static/js/drug-safety/keys.js';

test('letters typed into a field and keys of the browser do nothing here', () => {
  assert.equal(commandOf({ key: 'a', tag: 'INPUT' }), null);
  assert.equal(commandOf({ key: 'r', tag: 'BODY', ctrlKey: true }), null);
  assert.equal(commandOf({ key: 'x', tag: 'BODY' }), null);
});

test('j, k, p, a, r and u are commands', () => {
  assert.deepEqual([...'jkparu'].map((key) => commandOf({ key, tag: 'LI' })), ['next', 'previous', 'play', 'accept', 'reject', 'undo']);
});

test('steps end at the ends', () => {
  assert.deepEqual([stepped(-1, 1, 3), stepped(2, 1, 3), stepped(0, -1, 3), stepped(-1, -1, 3), stepped(0, 1, 0)], [0, 2, 0, 2, -1]);
});
