import test from 'node:test';
import assert from 'node:assert/strict';

import { createHeard } from '../../../static/js/review/heard.js';

const play = (heard, from, to, rate = 1) => {
  for (let at = from; at < to; at += 0.25) heard.at(at, rate);
  heard.stop(to);
};

test('nothing played covers nothing', () => {
  assert.equal(createHeard({ duration: 60 }).covers(10, 11), false);
});

test('the words alone are not enough: a second on each side', () => {
  const heard = createHeard({ duration: 60 });
  play(heard, 10, 11);
  assert.equal(heard.covers(10, 11), false);
  play(heard, 9, 12);
  assert.equal(heard.covers(10, 11), true);
});

test('a jump inside leaves a gap', () => {
  const heard = createHeard({ duration: 60 });
  play(heard, 9, 10);
  play(heard, 11, 12.5);
  assert.equal(heard.covers(10, 11), false);
  heard.at(9.5, 1);
  heard.at(30, 1);
  heard.stop(30.2);
  assert.equal(heard.covers(28, 29), false);
});

test('parts that touch are one, in any order', () => {
  const heard = createHeard({ duration: 60 });
  play(heard, 10.4, 12.2);
  play(heard, 8.9, 10.5);
  assert.equal(heard.covers(10, 11), true);
});

test('the ends of the recording need no second beyond them', () => {
  const heard = createHeard({ duration: 12 });
  play(heard, 0, 2);
  play(heard, 9, 12);
  assert.equal(heard.covers(0.2, 0.9), true);
  assert.equal(heard.covers(10.2, 11.9), true);
});

test('each stretch is reported once, and again when that failed', () => {
  const heard = createHeard({ duration: 60 });
  play(heard, 1, 3, 1.5);
  const taken = heard.take();
  assert.deepEqual(taken.map(({ from, to, rate }) => [from, to, rate]), [[1, 3, 1.5]]);
  assert.deepEqual(heard.take(), []);
  heard.back(taken);
  assert.equal(heard.take().length, 1);
});

test('a long stretch is cut without a gap', () => {
  const heard = createHeard({ duration: 60 });
  for (let at = 0; at <= 5; at += 0.25) heard.at(at, 1);
  heard.cut();
  for (let at = 5.25; at <= 10; at += 0.25) heard.at(at, 1);
  heard.stop(10);
  assert.equal(heard.take().length, 2);
  assert.equal(heard.covers(1, 9), true);
});
