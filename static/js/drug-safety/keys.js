/** What a key means on the worklist of drug safety. Pure. */

const KEYS = { j: 'next', k: 'previous', p: 'play', a: 'accept', r: 'reject', u: 'undo' };
const FIELDS = new Set(['INPUT', 'SELECT', 'TEXTAREA']);

/** The command for a key press, or null: in fields and with Ctrl, Alt or Meta keys are the browser's. */
export function commandOf({ key, tag, ctrlKey, altKey, metaKey }) {
  if (ctrlKey || altKey || metaKey || FIELDS.has(tag)) return null;
  return KEYS[key] ?? null;
}

/** Index of the row to go to; stays at the ends. at: index of the current one, -1 for none. */
export function stepped(at, by, count) {
  if (!count) return -1;
  if (at < 0) return by > 0 ? 0 : count - 1;
  return Math.min(count - 1, Math.max(0, at + by));
}
