/** Finding in the whole transcript, on the page or not. Pure: texts in, places out. */

const ESCAPE = /[.*+?^${}()|[\]\\/-]/g;

/**
 * RegExp for what somebody looks for, or null for nothing; any white space is the same. Whole words
 * end where the server's items end: at white space, or at closing marks before it.
 */
export function pattern(needle, { matchCase = false, wholeWord = false } = {}) {
  const words = needle.normalize('NFC').trim().split(/\s+/u).filter(Boolean);
  if (!words.length) return null;
  const body = words.map((word) => word.replace(ESCAPE, '\\$&')).join('\\s+');
  const edge = wholeWord ? ['(?<!\\S)', '(?=[.,;:?!]*(?:\\s|$))'] : ['', ''];
  return new RegExp(edge[0] + body + edge[1], matchCase ? 'gu' : 'giu');
}

/** [{segment, from, to}] in reading order. order: ids; textOf(id) -> text. */
export function findAll(order, textOf, needle, options) {
  const wanted = pattern(needle, options);
  if (!wanted) return [];
  const found = [];
  for (const segment of order) {
    for (const match of textOf(segment).matchAll(wanted)) {
      found.push({ segment, from: match.index, to: match.index + match[0].length });
    }
  }
  return found;
}

/** Index of the first place at or after a caret {segment, from}, going round; -1 when none is found. */
export function firstFrom(places, order, caret) {
  if (!places.length) return -1;
  if (!caret) return 0;
  const rank = new Map(order.map((id, i) => [id, i]));
  const at = rank.get(caret.segment) ?? 0;
  const found = places.findIndex((p) => {
    const here = rank.get(p.segment);
    return here > at || (here === at && p.from >= caret.from);
  });
  return found < 0 ? 0 : found;
}

/** Index one on or back, going round. */
export const stepFrom = (index, count, step) => (count ? (index + step + count) % count : -1);

/** The word at a caret or the selected words, to look for. */
export function wordAt(text, from, to = from) {
  if (to > from) return text.slice(from, to).trim();
  const before = /[\p{L}\p{N}'’-]*$/u.exec(text.slice(0, from))[0];
  const after = /^[\p{L}\p{N}'’-]*/u.exec(text.slice(from))[0];
  return before + after;
}
