/** The help dialog, and the few keys in the panel: written from the person's own key map. */
import { el, isMac, slot } from './dom.js';

/** <kbd>s of one key combination. */
export function kbd(text) {
  return text.split(' + ').flatMap((key, i) => [i ? ' ' : '', el('kbd', {}, key)]);
}

/** Keys of a row: its combinations, or "Alt + 1 … 9" where numbered commands go on evenly. */
function keysOf(keymap, ids) {
  const cell = el('dd', {});
  const all = ids.map((id) => keymap.texts(id, isMac));
  const firsts = all.map((list) => list[0] ?? '');
  const even = ids.length > 1 && firsts.every((text, i) => text && text.slice(0, -1) === firsts[0].slice(0, -1)
    && text.endsWith(String(i + 1)));
  const shown = even ? [] : all.flat();
  if (even) cell.append(...kbd(firsts[0]), ' – ', el('kbd', {}, String(ids.length)));
  shown.forEach((text, i) => cell.append(...(i ? [el('span', { class: 'muted small' }, ' or ')] : []), ...kbd(text)));
  const devices = ids.flatMap((id) => keymap.devices(id)).filter((name) => !name.startsWith('Button'));
  if (devices.length) cell.append(el('span', { class: 'muted small rv-device' }, devices.join(', ')));
  if (!even && !shown.length && !devices.length) cell.append(el('span', { class: 'muted small' }, 'no key'));
  return cell;
}

const NOTES = { 'Marked words': [['Any letter', 'It is wrong: type, and the marked word is replaced'],
  ['↓ ↑', 'Choose among the other readings; Enter takes the one chosen']] };

/** has(id): is there such a command on this page? Returns {toggle()}. */
export function createHelp({ keymap, has }) {
  const dialog = slot('help');
  const body = dialog.querySelector('.rv-help');
  let back = null;
  let filled = false;

  /** Once, when it is first asked for: by then every part of the page has brought its commands. */
  function fill() {
    if (filled) return;
    filled = true;
    for (const [name, rows] of keymap.rows(has)) {
      const notes = (NOTES[name] ?? []).map(([keys, label]) => el('div', {}, el('dt', {}, label), el('dd', {}, el('kbd', {}, keys))));
      body.append(el('section', { class: 'rv-keys' }, el('h3', {}, name), el('dl', {},
        ...rows.map(({ ids, label }) => el('div', {}, el('dt', {}, label), keysOf(keymap, ids))), ...notes)));
    }
  }

  dialog.querySelector('[data-close]').addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener('close', () => back?.focus({ preventScroll: true }));
  return {
    toggle() {
      fill();
      if (dialog.open) dialog.close();
      else {
        back = document.activeElement;
        dialog.showModal();
      }
    },
  };
}

const SHORT = [['next', 'Next marked word'], ['confirm', 'It is right, go on'], [null, 'It is wrong'],
  ['replay', 'Hear it again'], ['toggle', 'Play or pause'], ['leave', 'Leave the text']];

/** The keys of daily use, for the panel. */
export function fillShortKeys(node, keymap) {
  for (const [id, label] of SHORT) {
    const text = id && (keymap.triggers(id).includes('Tab') ? 'Tab' : keymap.hint(id, isMac));
    if (id && !text) continue;
    node.append(el('div', {}, el('dt', {}, label),
      el('dd', {}, ...(text ? kbd(id === 'next' ? keymap.hint(id, isMac) : text) : [el('span', { class: 'muted' }, 'just type')]))));
  }
}
