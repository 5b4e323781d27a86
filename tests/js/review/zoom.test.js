import test from 'node:test';
import assert from 'node:assert/strict';

import { missing, nextZoom, placeIn, spread, stretches } from '../../../static/js/review/zoom.js';

test('closer and wider again comes back to the whole', () => {
  for (const duration of [55, 14_400]) {
    const size = { duration, width: 800 };
    let zoom = 0;
    const steps = [];
    for (let i = 0; i < 20; i += 1) steps.push((zoom = nextZoom(zoom, 1, size)));
    assert.equal(zoom, 160);
    assert.ok(new Set(steps).size <= 9, `${duration} s in ${new Set(steps).size} steps`);
    for (let i = 0; i < 20; i += 1) zoom = nextZoom(zoom, -1, size);
    assert.equal(zoom, 0);
  }
});

test('a recording too short to come closer stays as it is', () => {
  assert.equal(nextZoom(0, 1, { duration: 1, width: 800 }), 800);
});

test('only stretches that are seen and not there are asked for', () => {
  assert.deepEqual(missing(1700, 3700, new Set([1800]), 1800), [0, 3600]);
  assert.deepEqual(missing(-5, 10, new Set([0]), 1800), []);
});

test('coarse peaks stand where they belong', () => {
  const out = spread([0, 100, 50], 0.5, 6, 2);
  assert.deepEqual([...out], [0, 0, 0, 0, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5]);
});

test('one speaker\'s segments are one stretch until somebody else speaks', () => {
  const who = new Map([['a', { voice: 0 }], ['b', { voice: 0 }], ['c', { voice: 1 }]]);
  const segments = [{ id: 'a', start: 0, end: 2 }, { id: 'b', start: 2.5, end: 4 }, { id: 'c', start: 4, end: 5 }, { id: 'd', start: 6, end: 7 }];
  assert.deepEqual(stretches(segments, who), [{ from: 0, to: 4, voice: 0 }, { from: 4, to: 5, voice: 1 }]);
});

test('a time as a place in the window', () => assert.equal(placeIn(15, [10, 20], 300), 150));
