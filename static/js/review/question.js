/** The box in which the dictator is asked about some words. */
import { button, el } from './dom.js';
import { caretRect, createPopover } from './popover.js';

const MOST = 500;

/** Returns ask(view, items, send): send(note) when it is asked. */
export function createQuestion() {
  const pop = createPopover('question');
  return (view, items, send) => {
    const rect = caretRect(view);
    const note = el('textarea', { class: 'input', rows: '3', maxlength: String(MOST), autofocus: true,
      'aria-label': 'Your question', placeholder: 'Which dose was meant?' });
    const go = () => {
      if (!note.value.trim()) {
        note.focus();
        return;
      }
      pop.hide();
      send(note.value.trim());
      view.area.focus({ preventScroll: true });
    };
    note.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        event.stopPropagation();
        go();
      }
    });
    pop.show('Ask the dictator', () => rect,
      el('p', { class: 'rv-lines-title small' }, 'Ask the dictator about ', el('strong', {}, items.map((i) => i.content).join(' '))),
      note, el('div', { class: 'row rv-pop-acts' }, button('Ask', { kind: 'btn-s btn-primary', onclick: go }),
        button('Cancel', { kind: 'btn-s btn-quiet', onclick: () => pop.hide() })));
  };
}
