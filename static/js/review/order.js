/**
 * The order of marked words with least effort, and what is still expected to be wrong. Pure. The
 * server says of each flag what it is worth to look at (review/order.py); words that only the line
 * of this review marks, and words without a mark, are summed up here by the same rules.
 */

export const WHY = 'Next comes the mark with the highest chance of being wrong × harm if it is ÷ seconds to check it.';
export const STOP_WHY = 'The sum of the machine’s own doubts about words that nobody has decided; the range allows for chance and for a calibration that is off by a factor of two.';
const LEAD = 1;
const DECIDE = 1.2;
const READ = 0.3;
const OFF = [0.5, 2];
const TAIL = 0.05;

const doubt = (item) => (typeof item.confidence === 'number' ? 1 - item.confidence : 0);
const settled = (flag) => flag.state === 'confirmed' || flag.state === 'corrected';

/** {wrong, seconds, worth} of an open mark; item: its first word, for marks the server has not. */
export function effortOf(flag, item) {
  if (typeof flag.worth === 'number') return { wrong: flag.wrong, seconds: flag.seconds, worth: flag.worth };
  const wrong = item ? doubt(item) : 0;
  const sound = item && item.start !== null && item.end !== null ? item.end - item.start : 2;
  const seconds = Math.max(0, sound) + 2 * LEAD + READ + DECIDE;
  return { wrong, seconds, worth: wrong / seconds };
}

/** Most worth first; of equals the one that stands first. marks: [{worth, place, from}] */
export const compare = (a, b) => b.worth - a.worth || a.place - b.place || a.from - b.from;

/** The mark after (1) or before (-1) the one gone to last (null: none yet); {mark, wrapped} or null. */
export function nextByWorth(marks, last, step) {
  if (!marks.length) return null;
  const sorted = [...marks].sort(compare);
  if (!last) return { mark: step > 0 ? sorted[0] : sorted.at(-1), wrapped: false };
  const mark = step > 0 ? sorted.find((m) => compare(m, last) > 0) : sorted.findLast((m) => compare(m, last) < 0);
  return mark ? { mark, wrapped: false } : { mark: step > 0 ? sorted[0] : sorted.at(-1), wrapped: true };
}

/** Expected wrong words of one segment, and how many words: {marked, unmarked, words}. */
function sumOf(segment) {
  const found = { marked: 0, unmarked: 0, words: 0 };
  const decided = new Set();
  const open = new Set();
  const byId = new Map(segment.items.map((item) => [item.id, item]));
  for (const flag of segment.flags) {
    if (settled(flag)) for (const id of flag.items) decided.add(id);
    if (flag.state !== 'open') continue;
    for (const id of flag.items) open.add(id);
    if (!['blank', 'query'].includes(flag.reason)) found.marked += effortOf(flag, byId.get(flag.items[0])).wrong;
  }
  for (const item of segment.items) {
    if (item.type === 'punctuation' || item.by !== 'machine' || decided.has(item.id) || open.has(item.id)) continue;
    found.unmarked += doubt(item);
    found.words += 1;
  }
  return found;
}

/** Sums over all segments; only those that changed are counted again. */
export function createLeft() {
  const known = new WeakMap();
  return (segments) => segments.reduce((all, segment) => {
    if (!known.has(segment)) known.set(segment, sumOf(segment));
    const one = known.get(segment);
    return { marked: all.marked + one.marked, unmarked: all.unmarked + one.unmarked, words: all.words + one.words };
  }, { marked: 0, unmarked: 0, words: 0 });
}

/** [least, most] where so many are expected; as review/order.py. */
export function interval(expected) {
  return [quantile(expected * OFF[0], TAIL), quantile(expected * OFF[1], 1 - TAIL)];
}

function quantile(mean, share) {
  if (mean > 400) return Math.max(0, Math.round(mean + (share > 0.5 ? 1.645 : -1.645) * Math.sqrt(mean)));
  let count = 0;
  let term = Math.exp(-mean);
  for (let total = term; total < share; total += term) {
    count += 1;
    term *= mean / count;
  }
  return count;
}

const many = (n) => n.toLocaleString('en-US');
const about = (n) => (n < 0.5 ? 'less than one' : `about ${many(Math.round(n))}`);

/** "Not marked: about 12 of 1,175 words may still be wrong (6 to 35)." */
export function stopLine({ unmarked, words }) {
  if (!words) return '';
  const [low, high] = interval(unmarked);
  return `Not marked: ${about(unmarked)} of ${many(words)} ${words === 1 ? 'word' : 'words'} may still be wrong (${many(low)} to ${many(high)}).`;
}

/** The same for what is marked and open, or "". */
export function markedLine({ marked }, open) {
  if (!open) return '';
  const [low, high] = interval(marked);
  return `Marked and open: ${about(marked)} of ${many(open)} ${open === 1 ? 'mark' : 'marks'} may be wrong (${many(low)} to ${many(Math.min(high, open))}).`;
}
