/** What a key means on the pages of a second review. Pure. */

const DOES = { secondNext: 'next', secondPrevious: 'previous', secondPlay: 'play', secondSigned: 'signed_wrong',
  secondMine: 'second_wrong', secondEither: 'either' };

/**
 * What a press does here by the person's keys, or null. A key without Alt or Ctrl does nothing while
 * somebody is `typing`, nor where single keys are switched off.
 */
export function commandFor(keymap, press, { typing, on = true }) {
  const single = press && !press.alt && !press.ctrl && [...press.key].length === 1;
  if (!press || (single && (typing || !on))) return null;
  return DOES[keymap.commandFor(press, 'second')] ?? null;
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
