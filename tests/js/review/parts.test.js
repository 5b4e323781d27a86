/** Texts of segments that came out of others, with what was typed meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeIn, samePlace, spread } from '../../../static/js/review/parts.js';

test('nothing typed: the texts as the server has them', () => {
  assert.deepEqual(spread('one two three', 'one two three', ['one', 'two three']).texts, ['one', 'two three']);
});

test('typed while a split was under way: each part has its own', () => {
  assert.deepEqual(spread('one two three', 'one two and three', ['one', 'two three']).texts, ['one', 'two and three']);
  assert.deepEqual(spread('one two three', 'once two three', ['one', 'two three']).texts, ['once', 'two three']);
});

test('typed at the very place of the split: it goes on in the second part', () => {
  assert.deepEqual(spread('one two', 'one new two', ['one', 'two']).texts, ['one', 'new two']);
});

test('merged: both typed texts in one', () => {
  assert.deepEqual(spread('one two three', 'ones two three!', ['one two three']).texts, ['ones two three!']);
});

test('three parts of one, an empty part among them', () => {
  assert.deepEqual(spread('a b c', 'a b b c', ['a', 'b', 'c']).texts, ['a', 'b', 'b c']);
  assert.deepEqual(spread('a', 'a x', ['a', '']).texts.join('|'), 'a x|');
});

test('the server changed words as well: both changes stand', () => {
  assert.deepEqual(spread('take daily now', 'take it daily now', ['take daily [___] now']).texts, ['take it daily [___] now']);
});

test('no word is lost or doubled, wherever one splits and types', () => {
  const base = 'the quick brown fox jumps over the lazy dog';
  for (let cut = 1; cut < 9; cut += 1) {
    const words = base.split(' ');
    const texts = [words.slice(0, cut).join(' '), words.slice(cut).join(' ')];
    for (let at = 0; at <= 9; at += 1) {
      const mine = [...words.slice(0, at), 'typed', ...words.slice(at)].join(' ');
      assert.equal(spread(base, mine, texts).texts.filter(Boolean).join(' '), mine);
    }
  }
});

test('the caret goes with its words', () => {
  const { cuts, now } = spread('one two', 'one two', ['one', 'two']);
  assert.deepEqual(placeIn(cuts, 1, now), { part: 0, offset: 1 });
  assert.deepEqual(placeIn(cuts, 3, now), { part: 1, offset: 0 });
  assert.deepEqual(placeIn(cuts, 6, now), { part: 1, offset: 2 });
  assert.deepEqual(placeIn(cuts, 99, now), { part: 1, offset: 95 });
});

test('a place between words in another text: where the same words meet, else nowhere', () => {
  assert.equal(samePlace('one two three', 'zero one two three', 8), 13);
  assert.equal(samePlace('one two three', 'one two four', 8), null);
});
