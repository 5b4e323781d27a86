/** Who speaks, and where somebody else begins. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { speakerName } from '../../../static/js/review/format.js';
import { voices } from '../../../static/js/review/voices.js';

test('names with channels and speakers', () => {
  assert.equal(speakerName({ speaker: 'spk_1', channel: 0 }, 2), 'Channel 1 · Speaker 2');
  assert.equal(speakerName({ speaker: 'spk_1', channel: 0 }, 1), 'Speaker 2');
  assert.equal(speakerName({ speaker: 'Nurse', channel: null }, 2), 'Nurse');
});

test('voices are numbered as they appear; the name is told where it changes', () => {
  const found = voices(['spk_1', 'spk_1', 'spk_0', null, 'spk_1'].map((speaker, i) => ({ id: `s${i}`, speaker })), 1);
  assert.deepEqual([...found.values()].map((v) => [v.name, v.voice, v.starts]), [
    ['Speaker 2', 0, true], ['Speaker 2', 0, false], ['Speaker 1', 1, true], ['Speaker 2', 0, true]]);
  assert.equal(found.has('s3'), false);
});

test('a dictation has no voices', () => {
  assert.equal(voices([{ id: 'a', speaker: null, channel: 0 }], 1).size, 0);
});
