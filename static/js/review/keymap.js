/**
 * The keys of one person: the registry with what this person changed, and what would be wrong with
 * a key somebody wants. Pure.
 *
 * Stored: {"keys": {command: [trigger, …]}, "tab": "play" | "next" | "page", "typing": bool,
 * "backStep": seconds, "order": "text" | "effort" (of marked words; ordering.js)}; what is absent is as it comes.
 */
import { COMMANDS, GROUPS, commandOf, fits, isDevice, parts, scopeOf, triggerText } from './keys.js';

/** What Tab does in the text. */
export const TAB = {
  play: 'Plays; next word on a marked one',
  next: 'Goes to the next marked word',
  page: 'Moves through the page',
};
export const BACK_STEPS = [0, 0.5, 1, 1.5, 2, 3];
export const HABITS = { tab: 'play', typing: true, backStep: 1 };

const NARROWEST_FIRST = { reading: ['reading', 'mark', 'transcript', 'page'], mark: ['mark', 'transcript', 'page'],
  transcript: ['transcript', 'page'], field: ['page'], outside: ['outside', 'page'], second: ['second'] };

/** Triggers of a command under a choice for Tab: [{trigger, scope}]. */
function bindings(entry, stored, tab) {
  const own = stored.keys?.[entry.id];
  const list = Array.isArray(own) && !entry.fixed ? own.filter((t) => typeof t === 'string' && t) : entry.triggers;
  return list.flatMap((trigger) => {
    let scope = scopeOf(entry, trigger);
    if (parts(trigger).last === 'Tab' && scope !== 'page' && !own) {
      if (tab === 'page') return [];
      if (tab === 'next') {
        if (entry.bare !== 'mark') return [];
        scope = 'transcript';
      }
    }
    return [{ trigger, scope }];
  });
}

/** stored as the server keeps it; anything in it that is not understood is passed over. */
export function createKeymap(stored = {}) {
  const habits = {
    tab: stored.tab in TAB ? stored.tab : HABITS.tab,
    typing: typeof stored.typing === 'boolean' ? stored.typing : HABITS.typing,
    backStep: BACK_STEPS.includes(stored.backStep) ? stored.backStep : HABITS.backStep,
  };
  const bound = COMMANDS.map((entry) => ({ entry, list: bindings(entry, stored, habits.tab) }));
  const of = (id) => bound.find((b) => b.entry.id === id)?.list ?? [];

  return {
    habits,
    triggers: (id) => of(id).map((b) => b.trigger),

    /** Id of the command for a press, or null. place: reading, mark, transcript, field, outside, second. */
    commandFor(press, place) {
      if (!press) return null;
      for (const scope of NARROWEST_FIRST[place]) {
        const found = bound.find(({ list }) => list.some((b) => b.scope === scope && fits(b.trigger, press)));
        if (found) return found.entry.id;
      }
      return null;
    },

    /** Keys of a command as people read them, those that work everywhere first. */
    texts: (id, mac = false) => [...of(id)].sort((a, b) => (b.scope === 'page') - (a.scope === 'page'))
      .filter((b) => !isDevice(b.trigger) && b.trigger !== 'NumpadEnter').map((b) => triggerText(b.trigger, mac)),
    devices: (id) => of(id).filter((b) => isDevice(b.trigger)).map((b) => triggerText(b.trigger)),

    /** The key for a tooltip, or "". */
    hint(id, mac = false) { return this.texts(id, mac)[0] ?? ''; },

    /** [[group, rows]]; a row is {ids, label}: numbered commands that belong together are one. */
    rows(has = () => true) {
      return GROUPS.map((group) => {
        const rows = [];
        for (const { id, series, label } of COMMANDS.filter((c) => c.group === group && has(c.id))) {
          const last = rows.at(-1);
          if (series && last?.label === series) last.ids.push(id);
          else rows.push({ ids: [id], label: series ?? label });
        }
        return [group, rows];
      }).filter(([, rows]) => rows.length);
    },

    /** [{trigger, ids}] of triggers that two commands answer to in the same place. */
    clashes() {
      const taken = new Map();
      for (const { entry, list } of bound) {
        for (const { trigger, scope } of list) {
          if (!taken.has(trigger)) taken.set(trigger, []);
          taken.get(trigger).push({ id: entry.id, scope });
        }
      }
      return [...taken].flatMap(([trigger, users]) => {
        const ids = users.filter((u) => users.some((o) => o.id !== u.id && meet(u.scope, o.scope))).map((u) => u.id);
        return ids.length ? [{ trigger, ids: [...new Set(ids)] }] : [];
      });
    },
  };
}

/** Do two scopes meet? A narrower one goes before the text around it, that is meant so. */
const meet = (a, b) => a === b || (a !== 'second' && b !== 'second' && (a === 'page' || b === 'page'));

const BROWSER = new Set(['Ctrl+c', 'Ctrl+v', 'Ctrl+x', 'Ctrl+a', 'Ctrl+t', 'Ctrl+w', 'Ctrl+n', 'Ctrl+r', 'Ctrl+l',
  'Ctrl+d', 'Ctrl+h', 'Ctrl+j', 'Ctrl+p', 'Ctrl+q', 'Ctrl+m', 'Ctrl+u', 'Ctrl+0', 'Ctrl++', 'Ctrl+-', 'Ctrl+=',
  'Ctrl+Tab', 'Ctrl+Shift+Tab', 'Ctrl+Shift+t', 'Ctrl+Shift+w', 'Ctrl+Shift+n', 'Ctrl+Shift+i', 'Ctrl+Shift+v', 'Ctrl+F4',
  'Alt+KeyD', 'Alt+KeyE', 'Alt+KeyF', 'Alt+ArrowLeft', 'Alt+ArrowRight', 'Alt+Home', 'Alt+F4', 'Alt+Tab', 'Alt+Space',
  'Alt+Enter', 'F5', 'F6', 'F7', 'F10', 'F11', 'F12', ...'123456789'.split('').map((n) => `Ctrl+${n}`)]);
const EDITING = /^(Backspace|Delete|Insert|Home|End|PageUp|PageDown|Arrow\w+|Space|ContextMenu)$/;

/** Why a trigger can't be given to a command, as a sentence; null when it can. Clashes are apart. */
export function objection(id, trigger) {
  const entry = commandOf(id);
  const { alt, ctrl, last } = parts(trigger);
  const second = entry.bare === 'second';
  if (entry.fixed) return 'This key stays, so that the text can always be left.';
  if (last === 'Escape') return 'Esc always leaves the text; nothing else can have it.';
  if (BROWSER.has(trigger)) return `The browser or the system needs ${triggerText(trigger)} itself.`;
  if (second && isDevice(trigger)) return 'Pedals and media keys are of the review screen.';
  if (isDevice(trigger) || alt || ctrl || /^F\d+$/.test(last)) return null;
  if (last.length === 1 && entry.bare === 'reading' && /\d/.test(last)) return null;
  if (last.length === 1 && second) return null; // never while something is typed
  if (last.length === 1 && id === 'help' && !/[a-z0-9]/.test(last)) return null;
  if (last.length === 1 || /^(Key|Digit|Numpad\d)/.test(last)) return `${triggerText(trigger)} is needed for typing. Add Alt or Ctrl.`;
  if (EDITING.test(last)) return `${triggerText(trigger)} is needed for editing. Add Alt or Ctrl.`;
  return null;
}

const MODIFIERS = new Set(['Control', 'Alt', 'Shift', 'Meta', 'AltGraph', 'CapsLock', 'Dead', 'Process', 'Unidentified']);

/** The trigger somebody means who presses this; null for a modifier alone. */
export function triggerOf(press) {
  if (!press || MODIFIERS.has(press.key) || !press.code) return null;
  const character = [...press.key].length === 1 && press.key !== ' ' && !press.alt && (press.ctrl || !press.shift || !/[a-z]/i.test(press.key));
  const last = character ? press.key.toLowerCase() : press.code;
  const shift = press.shift && (last.length > 1 || /[a-z]/.test(last));
  return [press.ctrl && 'Ctrl', press.alt && 'Alt', shift && 'Shift', last].filter(Boolean).join('+');
}

/** The stored form with another list of keys for a command; the registry's own list is not stored. */
export function withKeys(stored, id, triggers) {
  const keys = { ...stored.keys };
  const own = commandOf(id).triggers;
  if (triggers.length === own.length && triggers.every((t, i) => t === own[i])) delete keys[id];
  else keys[id] = triggers;
  return { ...stored, keys };
}
