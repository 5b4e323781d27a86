/**
 * How the items of a segment and the text in its field belong together: where each item stands
 * in the text, and which items survive while somebody types. No DOM, no times, no network.
 */
import { matches } from './diff.js';

/** Pieces a text is compared by: closing punctuation is a piece of its own. */
const PIECE = /[^\s.,;:?!]+(?:[.,:][^\s.,;:?!]+)*|[.,;:?!]/gu;

/**
 * The contract's text rule: items joined by one space, none before punctuation.
 * Returns {text, ranges} where ranges[i] = {from, to} (UTF-16 offsets) of items[i].
 */
export function layOut(items) {
  let text = '';
  const ranges = items.map((item) => {
    if (text && item.type !== 'punctuation') text += ' ';
    const from = text.length;
    text += item.content;
    return { from, to: text.length };
  });
  return { text, ranges };
}

/** Text as it is sent: composed, one line, single spaces, no space at either end. */
export function normalise(text) {
  return text.normalize('NFC').replace(/\s+/gu, ' ').trim();
}

/** Line breaks do not exist in a segment; anything pasted keeps its words apart. */
export function oneLine(text) {
  return text.replace(/[\r\n\u2028\u2029\t]+/gu, ' ');
}

/** [{text, from, to}] of the pieces of a text. */
export function pieces(text) {
  return Array.from(text.matchAll(PIECE), (m) => ({
    text: m[0],
    from: m.index,
    to: m.index + m[0].length,
  }));
}

/**
 * Follow items into a text that may have been edited since.
 * Returns {ranges, typed}: ranges[i] = {from, to} or null when items[i] was touched by the edit;
 * typed = [{from, to}] of new words that belong to no item.
 */
export function follow(items, text) {
  const laid = layOut(items);
  if (laid.text === text) return { ranges: laid.ranges, typed: [] };

  const old = [];
  items.forEach((item, owner) => {
    for (const piece of pieces(item.content)) old.push({ text: piece.text, owner });
  });
  const now = pieces(text);
  const partner = new Array(old.length).fill(-1);
  const taken = new Array(now.length).fill(false);
  for (const [i, j] of matches(old.map((p) => p.text), now.map((p) => p.text))) partner[i] = j;

  const ranges = items.map(() => null);
  let i = 0;
  while (i < old.length) {
    const { owner } = old[i];
    let end = i;
    let whole = true;
    while (end < old.length && old[end].owner === owner) {
      if (partner[end] < 0 || (end > i && partner[end] !== partner[end - 1] + 1)) whole = false;
      end += 1;
    }
    // The pieces must also stand as the item wrote them: "q.d." is not "q. d."
    if (whole) {
      const from = now[partner[i]].from;
      const to = now[partner[end - 1]].to;
      if (text.slice(from, to) === items[owner].content) {
        ranges[owner] = { from, to };
        for (let k = i; k < end; k += 1) taken[partner[k]] = true;
      }
    }
    i = end;
  }
  const typed = now.filter((_, j) => !taken[j]).map(({ from, to }) => ({ from, to }));
  return { ranges, typed };
}

/**
 * Index of the item under a caret or selection, or -1. A caret at the end of a word belongs to
 * that word, and of two that touch ("daily" and ",") the word wins over the punctuation.
 */
export function itemAt(items, ranges, from, to = from) {
  let best = -1;
  for (let i = 0; i < ranges.length; i += 1) {
    const range = ranges[i];
    if (!range) continue;
    if (range.from > to) break;
    const inside = from === to
      ? range.from <= from && from <= range.to
      : range.from < to && from < range.to;
    if (inside && (best < 0 || items[best].type === 'punctuation')) best = i;
  }
  return best;
}

/**
 * Where a caret goes when a text is replaced by another: it stays beside the same characters as
 * far as beginning or end are the same, else at the end of what changed.
 */
export function moveCaret(before, after, caret) {
  const limit = Math.min(before.length, after.length);
  let head = 0;
  while (head < limit && before[head] === after[head]) head += 1;
  if (caret <= head) return caret;
  let tail = 0;
  while (tail < limit - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) {
    tail += 1;
  }
  if (before.length - caret <= tail) return after.length - (before.length - caret);
  return after.length - tail;
}
