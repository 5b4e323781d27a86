import test from 'node:test';
import assert from 'node:assert/strict';

import { clashText, offer, restored, without } from '../../../static/js/keys/remap.js';
import { createKeymap } from '../../../static/js/review/keymap.js';

test('a key nobody has is added', () => {
  const { stored, refused, takes } = offer({}, 'replay', 'F8');
  assert.deepEqual([stored, refused, takes], [{ keys: { replay: ['Alt+KeyR', 'F8'] } }, null, []]);
});

test('a key that another command has is taken from it, and that is said', () => {
  const { stored, takes } = offer({}, 'replay', 'Alt+KeyN');
  assert.deepEqual(takes, ['next']);
  assert.deepEqual(createKeymap(stored).clashes(), []);
  assert.ok(!createKeymap(stored).triggers('next').includes('Alt+KeyN'));
});

test('a key that means something else at a marked word clashes with nothing in the text', () => {
  assert.deepEqual(offer({}, 'loop', 'Enter').takes, []);
});

test('what can\'t be had changes nothing', () => {
  for (const trigger of ['Escape', 'x', 'Ctrl+w', 'Alt+KeyR']) {
    const { stored, refused } = offer({}, 'replay', trigger);
    assert.deepEqual(stored, {}, trigger);
    assert.ok(refused, trigger);
  }
});

test('the last key of a command may go; as it comes brings it back', () => {
  const none = without({}, 'replay', 'Alt+KeyR');
  assert.deepEqual(none, { keys: { replay: [] } });
  assert.deepEqual(restored(none, 'replay'), { keys: {} });
});

test('a clash in words', () => {
  assert.equal(clashText({ trigger: 'Alt+KeyN', ids: ['next', 'replay'] }), 'Alt + N: Next marked word, and hear it · Hear the word again');
});
