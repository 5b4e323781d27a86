import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alikeText, sliceOf } from '../../../static/js/comparison/places.js';

test('how many words were heard alike', () => {
  assert.equal(alikeText({ same: 412, ours: 430 }), '412 of 430 words were heard alike.');
  assert.equal(alikeText({ same: 1, ours: 1 }), '1 of 1 word was heard alike.');
});

test('a place is played with a little around it, never before the recording', () => {
  assert.deepEqual(sliceOf({ start: '10.000', end: '10.500' }).map((s) => s.toFixed(1)), ['9.4', '10.9']);
  assert.equal(sliceOf({ start: '0.100', end: '0.3' })[0], 0);
});
