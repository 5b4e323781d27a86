/** Text and items: the contract's text rule, ranges, and items followed through typing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { follow, itemAt, layOut, moveCaret, normalise, oneLine, pieces } from '../../../static/js/review/text.js';

const word = (id, content) => ({ id, content, type: 'pronunciation' });
const mark = (id, content) => ({ id, content, type: 'punctuation' });
const ITEMS = [word('a', 'takes'), word('b', 'lisinopril'), mark('c', ','), word('d', '20'),
  word('e', 'mg'), word('f', 'q.d.'), mark('g', '.')];
const TEXT = 'takes lisinopril, 20 mg q.d..';
const cut = (text, range) => (range ? text.slice(range.from, range.to) : null);

test('items are joined by one space, none before punctuation', () => {
  const { text, ranges } = layOut(ITEMS);
  assert.equal(text, TEXT);
  assert.deepEqual(ranges.map((r) => cut(text, r)), ITEMS.map((i) => i.content));
  assert.equal(layOut([mark('x', '.'), word('y', 'Go')]).text, '. Go');
  assert.equal(layOut([]).text, '');
});

test('numbers with points stay whole, closing punctuation stands alone', () => {
  assert.deepEqual(pieces('A1c is 8.1, ok?').map((p) => p.text), ['A1c', 'is', '8.1', ',', 'ok', '?']);
});

test('unchanged text keeps every item', () => {
  const { ranges, typed } = follow(ITEMS, TEXT);
  assert.ok(ranges.every(Boolean));
  assert.deepEqual(typed, []);
});

test('a replaced word loses its item, its neighbours keep theirs and move', () => {
  const text = 'takes metoprolol tartrate, 20 mg q.d..';
  const { ranges, typed } = follow(ITEMS, text);
  assert.deepEqual(ranges.map((r) => cut(text, r)), ['takes', null, ',', '20', 'mg', 'q.d.', '.']);
  assert.deepEqual(typed.map((r) => cut(text, r)), ['metoprolol', 'tartrate']);
});

test('edits in two places leave the words between them marked', () => {
  const text = 'took lisinopril, 20 ml q.d..';
  const { ranges } = follow(ITEMS, text);
  assert.deepEqual(ranges.map((r) => cut(text, r)), [null, 'lisinopril', ',', '20', null, 'q.d.', '.']);
});

test('a letter more or less changes the word', () => {
  for (const text of [TEXT.replace('lisinopril', 'lisinoprils'), TEXT.replace('lisinopril', 'lisinopri')]) {
    assert.equal(follow(ITEMS, text).ranges[1], null);
  }
});

test('emptied field keeps nothing', () => {
  const { ranges, typed } = follow(ITEMS, '');
  assert.ok(ranges.every((r) => r === null));
  assert.deepEqual(typed, []);
});

test('random edits never claim a range that is not the item', () => {
  let seed = 7;
  const random = (n) => {
    seed = (seed * 16807) % 2147483647;
    return seed % n;
  };
  for (let round = 0; round < 400; round += 1) {
    const from = random(TEXT.length);
    const to = Math.min(TEXT.length, from + random(8));
    const text = TEXT.slice(0, from) + ['', 'x', ' ', ', 5', 'mg '][random(5)] + TEXT.slice(to);
    const { ranges } = follow(ITEMS, text);
    let last = 0;
    ranges.forEach((r, i) => {
      if (!r) return;
      assert.equal(cut(text, r), ITEMS[i].content);
      assert.ok(r.from >= last, text);
      last = r.to;
    });
  }
});

test('item at the caret: ends belong to the word, the word wins over its comma', () => {
  const { ranges } = layOut(ITEMS);
  const at = (from, to) => ITEMS[itemAt(ITEMS, ranges, from, to)]?.id ?? null;
  assert.equal(at(0), 'a');
  assert.equal(at(5), 'a');
  assert.equal(at(6), 'b');
  assert.equal(at(16), 'b');
  assert.equal(at(17), 'c');
  assert.equal(at(6, 16), 'b');
  assert.equal(itemAt([], [], 0), -1);
});

test('caret stays beside its words when the text is replaced', () => {
  assert.equal(moveCaret('one two three', 'one 2 three', 2), 2);
  assert.equal(moveCaret('one two three', 'one 2 three', 13), 11);
  assert.equal(moveCaret('one two three', 'one 2 three', 6), 5);
});

test('what is sent is one line, composed, single spaced', () => {
  assert.equal(normalise('  cafe\u0301 \n au\tlait '), 'café au lait');
  assert.equal(oneLine('a\r\nb\n\nc'), 'a b c');
});
