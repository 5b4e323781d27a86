/** Clock times, dates and names. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clock, date, initials, plural, segmentName, speakerName } from '../../../static/js/review/format.js';

test('clock', () => {
  assert.equal(clock(0), '0:00');
  assert.equal(clock(754.9), '12:34');
  assert.equal(clock(3600), '1:00:00');
  assert.equal(clock(null), '0:00');
});

test('dates cannot be read the wrong way round', () => {
  assert.equal(date('1957-03-02'), '2 Mar 1957');
  assert.equal(date('2026-11-24T10:00:00Z'), '24 Nov 2026');
  assert.equal(date(null), '');
});

test('names', () => {
  assert.equal(speakerName({ speaker: 'spk_0' }), 'Speaker 1');
  assert.equal(speakerName({ speaker: null, channel: 1 }, 2), 'Channel 2');
  assert.equal(speakerName({ speaker: null, channel: 0 }, 1), '');
  assert.equal(segmentName({ speaker: 'spk_0', start: 12, end: 19 }, 3, 1), 'Segment 3, Speaker 1, 0:12 to 0:19');
  assert.equal(initials('Dr. Alma van Berg'), 'AB');
  assert.equal(plural(1, 'change'), '1 change');
  assert.equal(plural(2, 'change'), '2 changes');
});
