/** The machine's own words beside the text, where the two differ: one switch for the whole page. */
import { wordDiff } from './diff.js';
import { announce, el } from './dom.js';

function lines(view) {
  const { machine_text: machine } = view.segment;
  if (typeof machine !== 'string' || machine === view.text) return null;
  return el('p', { class: 'rv-machine' }, el('span', { class: 'rv-machine-name' }, 'Machine'), el('span', {}, ...wordDiff(machine, view.text)
    .filter((part) => part.kind !== 'added').flatMap((part) => [part.kind === 'removed' ? el('mark', {}, part.text) : part.text, ' '])));
}

export function createOriginal({ transcript }) {
  let on = false;
  const show = (view) => view.original(on ? lines(view) : null);
  return {
    show(view) { if (on) show(view); },
    toggle() {
      on = !on;
      transcript.views.forEach(show);
      announce(on ? "The machine's words are shown where they differ" : "The machine's words are hidden");
      return on;
    },
  };
}
