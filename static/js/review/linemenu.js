/** The box with other readings of a whole segment, opened from the button in its margin. */
import { wordDiff } from './diff.js';
import { el } from './dom.js';
import { placeBeside, whenMoved } from './place.js';
import { lineReadings } from './readings.js';

/** The reading with the words that differ from the text marked. */
function marked(text, other) {
  const out = el('span', { class: 'rv-reading-text' });
  for (const part of wordDiff(text, other)) {
    const tag = { added: 'mark', removed: 'del' }[part.kind];
    out.append(tag ? el(tag, {}, part.text) : part.text, ' ');
  }
  return out;
}

/** on: {take(view, text)}; canEdit() says whether taking is offered at all. */
export function createLineMenu({ box, canEdit, on }) {
  let at = null; // {view, button}

  function place() {
    const rect = at.button.getBoundingClientRect();
    placeBeside(box, rect, rect.left > window.innerWidth / 2 ? 'end' : 'start');
  }

  box.addEventListener('toggle', (event) => {
    if (event.newState === 'closed') at = null;
    else if (at) place();
    box.classList.toggle('is-placed', event.newState === 'open');
  });
  whenMoved(() => at && box.matches(':popover-open') && place());

  return {
    /** Fills the box for this view; the button itself opens it afterwards (popovertarget). */
    fill(view, button) {
      if (box.matches(':popover-open') && at?.view !== view) box.hidePopover();
      at = { view, button };
      const readings = lineReadings(view.segment, view.text);
      const free = canEdit() && !view.area.readOnly;
      box.setAttribute('aria-label', `Other readings of ${view.area.getAttribute('aria-label')}`);
      box.replaceChildren(el('p', { class: 'rv-lines-title small' }, readings.length
        ? free ? 'Other readings. Taking one replaces the text.' : 'Other readings'
        : 'The text is the only reading.'),
      ...readings.map((text, i) => (free
        ? el('button', { type: 'button', class: 'rv-line-reading', autofocus: i === 0,
          onclick: () => {
            box.hidePopover();
            on.take(view, text);
          } }, marked(view.text, text))
        : el('p', { class: 'rv-line-reading' }, marked(view.text, text)))));
    },
  };
}
