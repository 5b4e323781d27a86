/**
 * Which words are worth a look. Two lines: under the practice's (`threshold`) a word is flagged by
 * the server and holds up signing until somebody decides; between it and the line of this review
 * (`below`) it is only shown as a mark, so that raising the line adds words to look at and
 * lowering it resolves nothing. Pure.
 */

/** Calibrated: under it a word is more likely wrong than right. */
export const EVEN = 0.5;
const PREFIX = 'look:';

export const isLook = (flag) => flag.id.startsWith(PREFIX);

/** A machine's word between the lines that nobody has decided. flagged: ids that any flag has. */
const between = (item, flagged, { threshold, below }) => item.by === 'machine' && item.type !== 'punctuation'
  && typeof item.confidence === 'number' && item.confidence >= threshold && item.confidence < below && !flagged.has(item.id);

const flaggedIn = (segment) => new Set(segment.flags.filter((f) => !isLook(f)).flatMap((f) => f.items));

/** The segment with marks between the lines as flags of reason "look"; other looks are taken off. */
export function withLooks(segment, lines) {
  const flags = segment.flags.filter((f) => !isLook(f));
  const flagged = flaggedIn(segment);
  const more = lines.below > lines.threshold && segment.version > 0
    ? segment.items.filter((item) => between(item, flagged, lines)) : [];
  const had = segment.flags.filter(isLook);
  if (had.length === more.length && had.every((flag, i) => flag.items[0] === more[i].id)) return segment;
  return { ...segment, flags: [...flags, ...more.map((item) => (
    { id: PREFIX + item.id, items: [item.id], reason: 'look', state: 'open' }))] };
}

/** Counts words between the practice's line and any other, quickly enough to follow a finger. */
export function createCounter() {
  const known = new WeakMap(); // segment -> confidences of its undecided words
  let sorted = [];
  return {
    /** Reads the segments anew; only those that changed cost something. */
    read(segments, threshold) {
      const all = [];
      for (const segment of segments) {
        let list = known.get(segment);
        if (!list) {
          const flagged = flaggedIn(segment);
          list = segment.items.filter((item) => between(item, flagged, { threshold, below: 2 })).map((i) => i.confidence);
          known.set(segment, list);
        }
        for (const confidence of list) all.push(confidence);
      }
      sorted = Float64Array.from(all).sort();
    },
    /** Words under this line. */
    under(below) {
      let low = 0;
      let high = sorted.length;
      while (low < high) {
        const mid = (low + high) >> 1;
        if (sorted[mid] < below) low = mid + 1;
        else high = mid;
      }
      return low;
    },
  };
}

/** {left, total} as the page counts: flags of the server and words between the lines. */
export const countOf = (review, looks) => ({ left: review.flags_open + looks, total: review.flags_total + looks });
