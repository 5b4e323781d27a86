/**
 * The one list of commands and of their keys as they come. Dispatcher, help, tooltips, the page
 * where a person changes them and the table in the manual read it, so that they can't disagree.
 * Pure. How an own map changes it is in keymap.js.
 *
 * A trigger is a text: "Alt+KeyK", "Ctrl+Shift+z", "Tab", "?", "Pedal2". What stands last is a
 * physical key (event.code) so that Option on a Mac and other layouts work, or a single character
 * for keys that go by their letter; Ctrl means Ctrl or Command. A pedal ("Pedal1" …), a button of
 * a game controller ("Pad1" …) and a media key ("MediaPlayPause" …) are triggers like any other.
 */

export const GROUPS = ['Marked words', 'Sound', 'Text', 'Speakers', 'Work', 'Page', 'Second reviews'];
export const SPEAKERS = [1, 2, 3, 4, 5, 6, 7, 8, 9];
export const READINGS = [1, 2, 3, 4];

const command = (id, group, label, triggers, more = {}) => ({ id, group, label, triggers, ...more });

/**
 * bare: where a key without Alt or Ctrl counts: 'transcript' (focus in a segment, the default),
 * 'mark' (the caret is on a marked word), 'reading' (readings of a word are offered). All other
 * triggers count everywhere on the review screen. 'second': any trigger, on pages of second reviews
 * alone. held: told of the release too. fixed: stays as it is.
 */
export const COMMANDS = [
  command('next', 'Marked words', 'Next marked word, and hear it', ['Alt+KeyN', 'Tab', 'MediaTrackNext'], { bare: 'mark' }),
  command('previous', 'Marked words', 'Previous marked word, and hear it', ['Alt+KeyP', 'Shift+Tab', 'MediaTrackPrevious'], { bare: 'mark' }),
  command('confirm', 'Marked words', 'The marked word is right: confirm it and go on', ['Enter', 'NumpadEnter'], { bare: 'mark' }),
  ...READINGS.map((n) => command(`take${n}`, 'Marked words', `Take reading ${n} of the marked word`, [String(n)],
    { bare: 'reading', series: 'Take another reading of the marked word, as numbered' })),
  command('readings', 'Marked words', 'Other readings of the word, then of the whole segment', ['Alt+KeyO']),
  command('replay', 'Marked words', 'Hear the word again', ['Alt+KeyR']),

  command('toggle', 'Sound', 'Play or pause', ['Tab', 'Alt+KeyK', 'Ctrl+Space', 'MediaPlayPause']),
  command('hold', 'Sound', 'Play while held', ['Pedal2', 'Pad2'], { held: true }),
  command('pause', 'Sound', 'Pause', ['MediaStop']),
  command('back2', 'Sound', '2 seconds back', ['Shift+Tab']),
  command('back', 'Sound', '5 seconds back', ['Alt+KeyJ', 'Pedal1', 'Pad1', 'MediaRewind']),
  command('forward', 'Sound', '5 seconds on', ['Alt+KeyL', 'Pedal3', 'Pad3', 'MediaFastForward']),
  command('slower', 'Sound', 'Slower; the pitch stays', ['Alt+Minus']),
  command('faster', 'Sound', 'Faster; the pitch stays', ['Alt+Equal']),
  command('attach', 'Sound', 'Bring the caret to the voice and let it follow; again: let go', ['Alt+KeyV']),
  command('loop', 'Sound', 'Repeat the segment; again: stop repeating', ['Alt+KeyB']),
  command('zoomIn', 'Sound', 'Waveform: closer', ['Alt+Period']),
  command('zoomOut', 'Sound', 'Waveform: wider', ['Alt+Comma']),

  command('split', 'Text', 'Split the segment at the caret', ['Alt+KeyS']),
  command('merge', 'Text', 'Merge with the segment before', ['Alt+KeyM']),
  command('blank', 'Text', 'Mark a blank [___]', ['Alt+KeyG']),
  command('query', 'Text', 'Ask the dictator about the words', ['Alt+KeyQ']),
  command('replaceAll', 'Text', 'Replace all of the same word', ['Alt+KeyA']),
  command('undo', 'Text', 'Undo', ['Ctrl+z']),
  command('redo', 'Text', 'Redo', ['Ctrl+Shift+z', 'Ctrl+y']),
  command('find', 'Text', 'Find in the whole transcript', ['Ctrl+f']),
  command('history', 'Text', 'History of the word', ['Alt+KeyH']),
  command('machine', 'Text', "Show the machine's words beside the text", ['Alt+KeyW']),
  command('decide', 'Text', 'Go to the conflict that waits for a decision', ['Alt+KeyC']),
  command('save', 'Text', 'Nothing to do: everything is saved as you type', ['Ctrl+s']),

  ...SPEAKERS.map((n) => command(`speaker${n}`, 'Speakers', `Speaker ${n} for the segment, the selected words or the picked segments`,
    [`Alt+Digit${n}`], { series: 'Speaker of the segment, of the selected words, or of the picked segments' })),
  command('pick', 'Speakers', 'Pick the segment, to give several to one speaker; again: let it go', ['Alt+KeyX']),

  command('claim', 'Work', 'Take the document; again: give it back', ['Alt+KeyT']),
  command('pend', 'Work', 'Pend the document, and say why; again: take it up', ['Alt+KeyI']),
  command('claimNext', 'Work', 'Claim the next document and open it', ['Alt+KeyU']),

  command('leave', 'Page', 'Close what is open; then leave the text', ['Escape'], { fixed: true }),
  command('help', 'Page', 'All keys', ['?', 'Alt+Slash']),

  command('secondNext', 'Second reviews', 'Next difference, or line', ['j', 'Alt+KeyJ'], { bare: 'second' }),
  command('secondPrevious', 'Second reviews', 'Previous difference, or line', ['k', 'Alt+KeyK'], { bare: 'second' }),
  command('secondPlay', 'Second reviews', 'Hear the difference, or line', ['p', 'Alt+KeyP'], { bare: 'second' }),
  command('secondSigned', 'Second reviews', 'The signed text is wrong', ['1'], { bare: 'second' }),
  command('secondMine', 'Second reviews', 'Mine was wrong', ['2'], { bare: 'second' }),
  command('secondEither', 'Second reviews', 'Both are right', ['3'], { bare: 'second' }),
];

const BY_ID = new Map(COMMANDS.map((c) => [c.id, c]));
export const commandOf = (id) => BY_ID.get(id) ?? null;

/** {alt, ctrl, shift, last} of a trigger. "+" itself can stand last. */
export function parts(trigger) {
  const names = trigger.replace(/\+$/, '+Plus').split('+').filter(Boolean);
  const last = names.pop() ?? '';
  return { alt: names.includes('Alt'), ctrl: names.includes('Ctrl'), shift: names.includes('Shift'),
    last: last === 'Plus' && trigger.endsWith('+') ? '+' : last };
}

/** Pedals, controllers and media keys: nothing that could be typed. */
export const isDevice = (trigger) => /^(Pedal|Pad)\d+$|^Media[A-Z]/.test(trigger);

/** Where a trigger of a command counts: 'page', 'transcript', 'mark', 'reading', 'outside' or 'second'. */
export function scopeOf(entry, trigger) {
  if (entry.bare === 'second') return 'second';
  const { alt, ctrl, last } = parts(trigger);
  if (alt || ctrl || isDevice(trigger) || /^F\d+$/.test(last)) return 'page';
  if (entry.bare === 'reading') return 'reading';
  return last.length === 1 ? 'outside' : entry.bare ?? 'transcript';
}

/** What a keydown presses, or null where the key is not ours: composing, or AltGr, which writes. */
export function pressOf(event) {
  if (event.isComposing || event.keyCode === 229) return null;
  if (event.getModifierState?.('AltGraph') || (event.altKey && event.ctrlKey)) return null;
  return { code: event.code, key: event.key, alt: Boolean(event.altKey),
    ctrl: Boolean(event.ctrlKey || event.metaKey), shift: Boolean(event.shiftKey) };
}

/** Does this press pull this trigger? A character that needs Shift on some layout may have it. */
export function fits(trigger, press) {
  const { alt, ctrl, shift, last } = parts(trigger);
  if (alt !== press.alt || ctrl !== press.ctrl) return false;
  if (last.length > 1) return last === press.code && shift === press.shift;
  if (last !== String(press.key).toLowerCase()) return false;
  return shift === press.shift || !/[a-z]/.test(last);
}

const NAMES = { Escape: 'Esc', Minus: '−', Equal: '=', Slash: '/', Period: '.', Comma: ',', NumpadEnter: 'Enter (numbers)',
  Backquote: '`', Semicolon: ';', Quote: "'", BracketLeft: '[', BracketRight: ']', Backslash: '\\',
  ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→',
  MediaPlayPause: 'Media play', MediaStop: 'Media stop', MediaTrackNext: 'Media next', MediaTrackPrevious: 'Media previous',
  MediaRewind: 'Media rewind', MediaFastForward: 'Media fast-forward' };

/** "Alt + K"; on a Mac "⌥ + K". */
export function triggerText(trigger, mac = false) {
  const { alt, ctrl, shift, last } = parts(trigger);
  const name = NAMES[last] ?? last.replace(/^Key|^Digit/, '').replace(/^(Pedal|Pad)(\d+)$/, (_, what, n) => (
    `${what === 'Pad' ? 'Button' : what} ${n}`)).replace(/^Numpad(.+)$/, '$1 (numbers)');
  return [ctrl && (mac && last !== 'Space' ? '⌘' : 'Ctrl'), alt && (mac ? '⌥' : 'Alt'), shift && 'Shift',
    name.length === 1 ? name.toUpperCase() : name].filter(Boolean).join(' + ');
}
