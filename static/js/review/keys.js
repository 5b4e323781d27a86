/**
 * The one list of keys. The dispatcher, the help dialog and every tooltip read it, so that they
 * can't disagree. Pure: matches events, does nothing itself.
 *
 * Alt combinations are matched by physical key (event.code), so that Option on a Mac and layouts
 * with other letters work; AltGr is never taken for Alt, it writes letters.
 */

/**
 * where: 'transcript' (focus in a segment), 'page' (anywhere), 'outside' (not in a text field).
 * combo: {code | key, alt, ctrl, shift}; ctrl means Ctrl or Command.
 */
export const KEYS = [
  key('next', 'Next marked word, and hear it', 'Marked words', [
    { where: 'transcript', code: 'Tab' }, { where: 'page', code: 'KeyN', alt: true }]),
  key('previous', 'Previous marked word', 'Marked words', [
    { where: 'transcript', code: 'Tab', shift: true }, { where: 'page', code: 'KeyP', alt: true }]),
  key('confirm', 'Marked word is right: confirm it and go on', 'Marked words', [
    { where: 'transcript', code: 'Enter' }, { where: 'transcript', code: 'NumpadEnter' }]),
  note('Any letter', 'Marked word is wrong: type, it is replaced', 'Marked words'),
  note('1 – 4', 'Take another reading of the marked word, as numbered; figures are typed', 'Marked words'),
  note('↓ ↑', 'Choose among its other readings; Enter takes the one chosen', 'Marked words'),
  key('readings', 'Other readings of the word, then of the whole segment', 'Marked words', [
    { where: 'page', code: 'KeyO', alt: true }]),
  key('replay', 'Hear the word again', 'Marked words', [{ where: 'page', code: 'KeyR', alt: true }]),

  key('toggle', 'Play or pause', 'Sound', [
    { where: 'page', code: 'KeyK', alt: true }, { where: 'page', code: 'Space', ctrl: true }]),
  key('back', '5 seconds back', 'Sound', [{ where: 'page', code: 'KeyJ', alt: true }]),
  key('forward', '5 seconds on', 'Sound', [{ where: 'page', code: 'KeyL', alt: true }]),
  key('slower', 'Slower', 'Sound', [{ where: 'page', code: 'Minus', alt: true }]),
  key('faster', 'Faster', 'Sound', [{ where: 'page', code: 'Equal', alt: true }]),

  key('undo', 'Undo; then take back saved edits of this segment', 'Text', [
    { where: 'transcript', key: 'z', ctrl: true }]),
  note('Ctrl + Shift + Z', 'Redo', 'Text'),
  key('save', 'Nothing to do: everything is saved as you type', 'Text', [
    { where: 'page', key: 's', ctrl: true }]),
  key('decide', 'Go to the conflict that waits for a decision', 'Text', [
    { where: 'page', code: 'KeyC', alt: true }]),
  key('leave', 'Close the readings; leave the text and go to the sound controls; Tab then moves through the page',
    'Page', [{ where: 'transcript', code: 'Escape' }]),
  key('help', 'This list', 'Page', [
    { where: 'outside', key: '?' }, { where: 'page', code: 'Slash', alt: true }]),
];

function key(id, label, group, combos) {
  return { id, label, group, combos };
}

function note(shown, label, group) {
  return { id: null, label, group, combos: [], shown };
}

/** Does the combination fit the event? */
function fits(combo, event) {
  if (combo.where !== 'page' && combo.where !== event.where) return false;
  if (Boolean(combo.alt) !== event.alt || Boolean(combo.ctrl) !== event.ctrl) return false;
  if (combo.code) return combo.code === event.code && Boolean(combo.shift) === event.shift;
  if (combo.key === '?') return event.key === '?';
  return combo.key === String(event.key).toLowerCase() && Boolean(combo.shift) === event.shift;
}

/**
 * Id of the command for a keydown, or null. place: 'transcript', 'field' (another text field) or
 * 'outside'. While an input method composes, no key is ours.
 */
export function commandFor(event, place) {
  if (event.isComposing || event.keyCode === 229) return null;
  if (event.getModifierState?.('AltGraph') || (event.altKey && event.ctrlKey)) return null;
  const plain = {
    where: place,
    code: event.code,
    key: event.key,
    alt: event.altKey,
    ctrl: event.ctrlKey || event.metaKey,
    shift: event.shiftKey,
  };
  return KEYS.find((entry) => entry.combos.some((combo) => fits(combo, plain)))?.id ?? null;
}

const NAMES = { Tab: 'Tab', Enter: 'Enter', Escape: 'Esc', Space: 'Space', Minus: '−', Equal: '=',
  Slash: '/', NumpadEnter: null };

/** "Alt + K"; on a Mac "⌥ K". null for a combination not worth showing. */
export function comboText(combo, mac = false) {
  const name = combo.key
    ? combo.key.toUpperCase()
    : combo.code in NAMES ? NAMES[combo.code] : combo.code.replace(/^Key|^Digit/, '');
  if (name === null) return null;
  const parts = [];
  if (combo.ctrl) parts.push(mac && combo.key ? '⌘' : 'Ctrl');
  if (combo.alt) parts.push(mac ? '⌥' : 'Alt');
  if (combo.shift) parts.push('Shift');
  return [...parts, name].join(' + ');
}

/** Combinations of a command as text, the first is the one for tooltips. */
export function combosOf(entry, mac = false) {
  if (entry.shown) return [mac ? entry.shown.replace('Ctrl', '⌘') : entry.shown];
  return entry.combos.map((combo) => comboText(combo, mac)).filter(Boolean);
}

/** First combination of a command, for tooltips. */
export function hint(id, mac = false) {
  const entry = KEYS.find((k) => k.id === id);
  return entry ? combosOf(entry, mac)[0] : '';
}

/** [[group, entries]] in the order of the list. */
export function groups() {
  const map = new Map();
  for (const entry of KEYS) {
    if (!map.has(entry.group)) map.set(entry.group, []);
    map.get(entry.group).push(entry);
  }
  return [...map];
}

/** Pairs of commands that would answer to the same key; empty when the list is sound. */
export function clashes(list = KEYS) {
  const taken = new Map();
  const found = [];
  for (const entry of list) {
    for (const c of entry.combos) {
      const places = c.where === 'page' ? ['transcript', 'field', 'outside'] : [c.where];
      for (const place of places) {
        const mark = [place, c.code ?? c.key, c.alt, c.ctrl, c.shift].map(String).join(' ');
        if (taken.has(mark) && taken.get(mark) !== entry.id) found.push([taken.get(mark), entry.id]);
        taken.set(mark, entry.id);
      }
    }
  }
  return found;
}
