/**
 * The menu of one segment: everything the keys do to it, for touch and for those who look things
 * up. And the box for its speaker: who says this, what the speaker is called, two that are one.
 */
import { button, el, icon } from './dom.js';
import { speakerLabel } from './format.js';
import { createPopover, wireMenu } from './popover.js';

/** on: {history(view), machine(), readings(view)}; hint(id) -> key as text. */
export function createSegmentMenu({ session, operations, hint, on }) {
  const menu = createPopover('menu', { role: 'menu' });
  const who = createPopover('speakers');
  wireMenu(menu.box);
  wireMenu(who.box);

  const entry = (name, label, command, act, disabled = false) => el('button', { type: 'button', class: 'menu-item', role: 'menuitem',
    disabled, onclick: () => {
      menu.hide();
      act();
    } }, icon(name, 's'), el('span', { class: 'grow' }, label), command && hint(command) ? el('kbd', { 'aria-hidden': 'true' }, hint(command)) : null);

  function open(view, opener) {
    const { id } = view.segment;
    const locked = view.area.readOnly;
    // The caret says where; it must be known before the menu takes the focus.
    menu.show(`Segment ${view.node.getAttribute('aria-posinset')}`, () => opener.getBoundingClientRect(),
      entry('split', 'Split at the caret', 'split', () => operations.split(id), locked),
      entry('merge', 'Merge with the one before', 'merge', () => operations.merge(id), locked),
      entry('users', 'Speaker…', null, () => speakers(view, opener), locked),
      entry('check', 'Pick, to give several to one speaker', 'pick', () => operations.pick(id), locked),
      entry('question', 'Mark a blank at the caret', 'blank', () => operations.blank(id), locked),
      entry('conversation', 'Ask the dictator…', 'query', () => operations.query(id), locked),
      el('div', { class: 'menu-sep', role: 'separator' }),
      entry('clock', 'History', 'history', () => on.history(view)),
      entry('eye', "The machine's words", 'machine', () => on.machine()));
  }

  function speakers(view, opener) {
    const names = session.speakers;
    const known = operations.speakers();
    const now = view.segment.speaker;
    const next = `spk_${known.length ? Math.max(...known.map((s) => Number(/\d+$/.exec(s)?.[0] ?? 0))) + 1 : 0}`;
    const pick = (name, label, n) => el('button', { type: 'button', class: 'menu-item', 'aria-pressed': String(name === now),
      onclick: () => {
        who.hide();
        operations.speaker(name, view.segment.id);
      } }, icon(name === now ? 'check' : 'user', 's'), el('span', { class: 'grow' }, label),
    n <= 9 && hint(`speaker${n}`) ? el('kbd', { 'aria-hidden': 'true' }, hint(`speaker${n}`)) : null);
    const rows = known.map((name, i) => pick(name, speakerLabel(name, names), i + 1));
    rows.push(pick(next, `New: ${speakerLabel(next)}`, known.length + 1));
    const parts = [el('p', { class: 'menu-note' }, 'Who says this?'), ...rows];
    if (now) parts.push(renaming(now, names), ...joining(now, known, names));
    who.show('Speaker', () => opener.getBoundingClientRect(), ...parts);
  }

  function renaming(now, names) {
    const input = el('input', { class: 'input', type: 'text', maxlength: '60', value: names[now] ?? '', 'aria-label': `Name of ${speakerLabel(now, names)}`,
      placeholder: 'Clinician, patient, a name' });
    const save = () => {
      who.hide();
      operations.rename(now, input.value.trim());
    };
    input.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.isComposing) return;
      event.preventDefault();
      event.stopPropagation();
      save();
    });
    return el('div', { class: 'rv-speaker-name' }, el('p', { class: 'menu-note' }, `${speakerLabel(now, names)} is called`),
      el('div', { class: 'row' }, input, button('Rename', { kind: 'btn-s', onclick: save })));
  }

  function joining(now, known, names) {
    const others = known.filter((name) => name !== now);
    if (!others.length) return [];
    return [el('p', { class: 'menu-note' }, `${speakerLabel(now, names)} is the same person as`),
      ...others.map((name) => el('button', { type: 'button', class: 'menu-item', onclick: () => {
        who.hide();
        operations.join(now, name);
      } }, icon('merge', 's'), `${speakerLabel(name, names)}, everywhere`))];
  }

  return { open, speakers };
}
