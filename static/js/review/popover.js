/** A small box beside something on the page: opened by a button or a key, closed by Esc or a press elsewhere. */
import { el } from './dom.js';
import { placeBeside, whenMoved } from './place.js';

/** name: of the box, for tests and styles; role and label as a screen reader has them. */
export function createPopover(name, { role = 'dialog' } = {}) {
  const box = el('div', { class: `rv-pop rv-${name}`, popover: 'auto', role, 'data-pop': name });
  document.getElementById('review').append(box);
  let beside = null;
  let back = null;

  const place = () => beside && placeBeside(box, beside());
  whenMoved(() => box.matches(':popover-open') && place());
  box.addEventListener('toggle', (event) => {
    if (event.newState === 'open') return;
    beside = null;
    // What was typed in a box that is gone must not be what Ctrl+Z takes back.
    queueMicrotask(() => { if (!box.matches(':popover-open')) box.replaceChildren(); });
    if (box.contains(document.activeElement) || document.activeElement === document.body) back?.focus({ preventScroll: true });
  });

  return {
    box,
    get open() { return box.matches(':popover-open'); },
    /** Shows content beside rect(); focus goes to the first control, and back when it closes. */
    show(label, rect, ...content) {
      if (box.matches(':popover-open')) box.hidePopover();
      back = document.activeElement;
      beside = rect;
      box.setAttribute('aria-label', label);
      box.replaceChildren(...content);
      box.showPopover();
      place();
      box.querySelector('[autofocus], button:not([disabled]), input, textarea')?.focus({ preventScroll: true });
    },
    replace(...content) {
      box.replaceChildren(...content);
      place();
    },
    hide() { if (box.matches(':popover-open')) box.hidePopover(); },
  };
}

/** Rectangle of the caret, or of the selection, in a view. */
export function caretRect(view) {
  const { from, to } = view.caret();
  const rects = view.domRange(from, Math.max(to, from + 1))?.getClientRects();
  return rects?.[0] ?? view.area.getBoundingClientRect();
}

/** Arrow keys move through the buttons of a menu. */
export function wireMenu(box) {
  box.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.target.matches('input, textarea')) return;
    const stops = [...box.querySelectorAll('button:not([disabled]), input')];
    const at = stops.indexOf(document.activeElement);
    stops[(at + step + stops.length) % stops.length]?.focus();
    event.preventDefault();
    event.stopPropagation();
  });
}
