/** What a caret or a selection means to an operation, and who speaks. Pure. */
import { normalise } from './text.js';

/** Offset between two words of the text as it is sent, at or before a caret in the field. */
export function between(text, caret) {
  let at = caret;
  while (at > 0 && at < text.length && /\S/.test(text[at - 1]) && /\S/.test(text[at])) at -= 1;
  return normalise(text.slice(0, at)).length;
}

/** Items that a selection touches; all of them when nothing or everything is selected. */
export function selected(items, ranges, from, to) {
  const inside = items.filter((_, i) => ranges[i] && ranges[i].from < to && ranges[i].to > from);
  return inside.length && inside.length < items.length ? inside : null;
}

/** Speakers of these segments in order of number: ["spk_0", …]. */
export function speakersOf(segments, names = {}) {
  const all = new Set([...Object.keys(names), ...segments.map((s) => s.speaker).filter(Boolean)]);
  return [...all].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}
