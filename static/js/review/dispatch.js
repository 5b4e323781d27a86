/** The one listener for keys, and the one door for pedals and media keys: finds the command, runs it. */
import { commandOf, pressOf } from './keys.js';
import { shortcutsOn } from '../site/shortcuts.js';

const TEXT_FIELD = 'textarea, select, input:not([type="range"], [type="checkbox"], [type="radio"], [type="button"])';
/** Held down they would decide one thing after another. */
const ONCE = new Set(['confirm', 'toggle', 'attach', 'loop', 'split', 'merge', 'blank', 'query', 'replaceAll']);

/**
 * commands: {table, spot(), taking(event), tabLeaves()}; spot() is 'reading', 'mark' or 'transcript' for the
 * caret as it stands. A function of the table that returns false has left the key to the browser.
 * Returns {device(trigger, down)}.
 */
export function createDispatcher({ keymap, commands, root = document }) {
  const { table } = commands;
  let heldKey = null;

  function placeOf(target) {
    if (target?.matches?.('.rv-area')) return commands.spot();
    return target?.matches?.(TEXT_FIELD) ? 'field' : 'outside';
  }

  function allowed(id, press) {
    if (!table[id]) return false;
    if (root.querySelector('dialog[open]') && id !== 'help') return false;
    return !(id === 'help' && press.key?.length === 1 && !press.alt && !shortcutsOn());
  }

  root.addEventListener('keydown', (event) => {
    if (event.defaultPrevented) return;
    const press = pressOf(event);
    const place = placeOf(event.target);
    if (place !== 'field' && place !== 'outside' && commands.taking(event)) {
      event.preventDefault();
      return;
    }
    if (press?.code === 'Tab' && commands.tabLeaves()) return;
    const id = keymap.commandFor(press, place);
    if (!id || !allowed(id, press)) return;
    if (event.repeat && (ONCE.has(id) || commandOf(id).held)) {
      event.preventDefault();
      return;
    }
    if (commandOf(id).held) heldKey = { id, code: event.code };
    const done = table[id](true, event);
    if (done !== false) event.preventDefault();
  });
  function release() {
    if (heldKey) table[heldKey.id](false);
    heldKey = null;
  }
  root.addEventListener('keyup', (event) => { if (heldKey?.code === event.code) release(); });
  // Another window comes to the front: the key that is let go there is never told.
  window.addEventListener('blur', release);

  return {
    device(trigger, down = true) {
      const press = { code: trigger, key: trigger, alt: false, ctrl: false, shift: false };
      const id = keymap.commandFor(press, placeOf(root.activeElement));
      if (!id || !allowed(id, press)) return;
      if (down || commandOf(id).held) table[id](down);
    },
  };
}
