/** The help dialog, written from the key registry. */
import { el, isMac, slot } from './dom.js';
import { combosOf, groups } from './keys.js';

function keysOf(entry) {
  const cell = el('dd', {});
  combosOf(entry, isMac).forEach((combo, i) => {
    if (i) cell.append(el('span', { class: 'muted small' }, ' or '));
    combo.split(' + ').forEach((key, k) => cell.append(k ? ' ' : '', el('kbd', {}, key)));
  });
  return cell;
}

/** Returns {toggle}. */
export function createHelp() {
  const dialog = slot('help');
  const body = dialog.querySelector('.dialog-body');
  let back = null;
  for (const [name, entries] of groups()) {
    body.append(el('section', { class: 'rv-keys' }, el('h3', {}, name),
      el('dl', {}, ...entries.map((entry) => el('div', {}, el('dt', {}, entry.label), keysOf(entry))))));
  }
  dialog.querySelector('[data-close]').addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener('close', () => back?.focus({ preventScroll: true }));
  return {
    toggle() {
      if (dialog.open) dialog.close();
      else {
        back = document.activeElement;
        dialog.showModal();
      }
    },
  };
}

/** The five keys of daily use, for the panel. */
export function fillShortKeys(node) {
  const ids = ['next', 'confirm', null, 'replay', 'toggle', 'leave'];
  const all = groups().flatMap(([, list]) => list);
  const short = { next: 'Next marked word', confirm: 'It is right, go on', replay: 'Hear it again',
    toggle: 'Play or pause', leave: 'Leave the text' };
  for (const id of ids) {
    const entry = id ? all.find((e) => e.id === id) : null;
    node.append(el('div', {}, el('dt', {}, entry ? short[id] : 'It is wrong'),
      el('dd', {}, ...(entry ? combosOf(entry, isMac)[0].split(' + ') : ['type'])
        .flatMap((k, i) => [i ? ' ' : '', entry ? el('kbd', {}, k) : el('span', { class: 'muted' }, 'just type')]))));
  }
}
