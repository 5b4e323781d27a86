/**
 * Which word is being spoken at a moment. Two binary searches (segments, then words), so that a
 * corrected segment costs only its own words. Pure; times in seconds.
 */

/** How long a word stays lit after its end when nothing follows at once. */
const LINGER = 0.35;
/** Channels and speakers overlap; this many segments before the one found may still speak. */
const LOOK_BACK = 6;

/** Last index with values[i] <= t, or -1. */
export function lastAtOrBefore(values, t) {
  let low = 0;
  let high = values.length - 1;
  while (low <= high) {
    const mid = (low + high) >> 1;
    if (values[mid] <= t) low = mid + 1;
    else high = mid - 1;
  }
  return high;
}

function entry(segment) {
  const words = segment.items.filter((item) => item.start !== null && item.end !== null);
  const last = words[words.length - 1];
  return {
    id: segment.id,
    start: words.length ? Math.min(segment.start, words[0].start) : segment.start,
    end: last ? Math.max(segment.end, last.end) : segment.end,
    starts: words.map((word) => word.start),
    ends: words.map((word) => word.end),
    ids: words.map((word) => word.id),
  };
}

/** Index over segments (any order). */
export function createTiming(segments) {
  let entries;
  let starts;
  const order = () => {
    entries.sort((a, b) => a.start - b.start);
    starts = entries.map((e) => e.start);
  };
  const reset = (list) => {
    entries = list.map(entry);
    order();
  };
  reset(segments);

  return {
    reset,
    /** Put a changed or new segment in its place. */
    update(segment) {
      const at = entries.findIndex((e) => e.id === segment.id);
      const next = entry(segment);
      const stays = at >= 0 && entries[at].start === next.start;
      if (at < 0) entries.push(next);
      else entries[at] = next;
      if (!stays) order();
    },
    /** {segment, item} ids of the word spoken at t, or null in a pause. */
    wordAt(t) {
      const top = lastAtOrBefore(starts, t);
      let found = null;
      let since = -1;
      for (let i = top; i >= 0 && i > top - LOOK_BACK; i -= 1) {
        const e = entries[i];
        if (e.end + LINGER < t) continue;
        const w = lastAtOrBefore(e.starts, t);
        if (w < 0 || e.starts[w] <= since) continue;
        const nextStart = w + 1 < e.starts.length ? e.starts[w + 1] : Infinity;
        if (t < Math.min(nextStart, e.ends[w] + LINGER)) {
          found = { segment: e.id, item: e.ids[w] };
          since = e.starts[w];
        }
      }
      return found;
    },
  };
}

/** [start, end] of some items; where they have no times, of the gap they stand in. */
export function sliceOf(items, segment) {
  const timed = items.filter((item) => item?.start !== null && item?.end !== null);
  if (timed.length) return [timed[0].start, timed.at(-1).end];
  const all = segment.items;
  const at = all.findIndex((item) => item.id === items[0]?.id);
  const before = all.slice(0, Math.max(at, 0)).findLast((item) => item.end !== null);
  const after = all.slice(at + 1).find((item) => item.start !== null);
  return [before?.end ?? segment.start, after?.start ?? segment.end];
}
