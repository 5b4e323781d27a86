/** Clock times, dates and names. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { about, clock, date, initials, jobText, ordinal, percent, plural, segmentName, speakerName } from '../../../static/js/review/format.js';

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

test('counting places', () => {
  assert.deepEqual([1, 2, 3, 4, 11, 12, 13, 21, 102, 112].map(ordinal),
    ['1st', '2nd', '3rd', '4th', '11th', '12th', '13th', '21st', '102nd', '112th']);
  assert.equal(percent(0.426), '43\u202f%');
  assert.equal(percent(null), '');
});

test('estimates are no more exact than they are', () => {
  const words = [[0, 'a few seconds'], [7, 'a few seconds'], [12, 'about 10 s'], [21, 'about 20 s'], [42, 'about 40 s'],
    [54, 'about 50 s'], [58, 'about 1 min'], [89, 'about 1 min'], [175, 'about 3 min'], [560, 'about 9 min'],
    [760, 'about 15 min'], [3420, 'about 55 min'], [3560, 'about 1 h'], [5400, 'about 1 h 30 min'], [8000, 'about 2 h']];
  for (const [seconds, text] of words) assert.equal(about(seconds), text);
});

test('where a job stands', () => {
  const queued = { status: 'QUEUED', queue_position: 2, estimated_seconds: 175 };
  assert.equal(jobText(queued), '2nd in the queue · about 3 min');
  assert.equal(jobText({ ...queued, queue_position: 1, estimated_seconds: null }), 'Next in the queue');
  assert.equal(jobText({ ...queued, queue_position: null, estimated_seconds: null }), 'Starts in a moment');
  const running = { status: 'IN_PROGRESS', seconds_done: 34, seconds_total: 130, estimated_seconds: 21 };
  assert.equal(jobText(running), '0:34 of 2:10 · about 20 s left');
  assert.equal(jobText({ ...running, estimated_seconds: null }), '0:34 of 2:10');
  assert.equal(jobText({ ...running, seconds_done: 130, estimated_seconds: 4 }), '2:10 of 2:10 · finishing');
});
