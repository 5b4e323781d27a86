/** What a key means on the pages of a second review. Pure. */

const PLACES = { j: 'next', k: 'previous', p: 'play', 1: 'signed_wrong', 2: 'second_wrong', 3: 'either' };
const LINES = { KeyP: 'play', KeyJ: 'next', KeyK: 'previous' };

/** Single keys among the differences, or null; `typing` says that a field has the key. */
export function placeCommand({ key, typing, on = true }) {
  return typing || !on ? null : PLACES[key] ?? null;
}

/** Alt and a key within a line; matched by place, so that every layout has it. */
export function lineCommand({ code, altKey, ctrlKey, metaKey, shiftKey }) {
  return altKey && !ctrlKey && !metaKey && !shiftKey ? LINES[code] ?? null : null;
}

/** Index to go to; stays at the ends. at: the current one, -1 for none. */
export function stepped(at, by, count) {
  if (!count) return -1;
  if (at < 0) return by > 0 ? 0 : count - 1;
  return Math.min(count - 1, Math.max(0, at + by));
}

/** From where to where to play: a second around what is meant. */
export function slice({ start, end }, around = 1) {
  return { from: Math.max(0, start - around), to: Math.max(end, start) + around };
}
