import test from 'node:test';
import assert from 'node:assert/strict';

import { createPace, paceText } from '../../../static/js/review/pace.js';

function paced(...seconds) {
  let now = 0;
  const pace = createPace({ now: () => now });
  pace.began();
  for (const s of seconds) {
    now += s * 1000;
    pace.decided();
  }
  return pace;
}

test('before five words a fixed guess, and the page says so', () => {
  const estimate = paced(1, 1, 1, 1).estimate(12);
  assert.deepEqual(estimate, { seconds: 60, each: 5, known: 0 });
  assert.match(paceText(12, estimate), /12 words × 5.0 s.*your own pace/);
});

test('then the middle of one\'s own pace', () => {
  const estimate = paced(2, 2, 3, 9, 30).estimate(7);
  assert.deepEqual(estimate, { seconds: 21, each: 3, known: 5 });
  assert.match(paceText(7, estimate), /7 words × 3.0 s: the middle of your last 5/);
});

test('a pause of more than a minute was something else', () => {
  assert.equal(paced(2, 2, 2, 2, 600, 2).estimate(1).known, 5);
});

test('only the last twenty count', () => {
  assert.equal(paced(...Array(20).fill(30), ...Array(20).fill(2)).estimate(1).each, 2);
});

test('deciding without having gone to a word counts nothing', () => {
  const pace = createPace({ now: () => 0 });
  for (let i = 0; i < 6; i += 1) pace.decided();
  assert.equal(pace.estimate(1).known, 0);
});
