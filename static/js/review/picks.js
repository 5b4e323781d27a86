/**
 * Segments that are picked to be given to one speaker together. Which they are is seen at each of
 * them and in a bar below the text, which also works by touch.
 */
import { announce, button, el } from './dom.js';
import { speakerLabel } from './format.js';

export const pickedText = (count) => `${count} segment${count === 1 ? '' : 's'} picked`;

/** hint(id) -> key of a command as text; give(speaker) gives the picked segments to a speaker. */
export function createPicks({ transcript, session, speakers, hint, give }) {
  const picked = new Set();
  const bar = el('div', { class: 'rv-picks', role: 'group', 'aria-label': 'Picked segments', hidden: true });

  const mark = (view) => view.node.classList.toggle('is-picked', picked.has(view.segment.id));

  function show() {
    for (const view of transcript.views.values()) mark(view);
    bar.hidden = !picked.size;
    if (!picked.size) return;
    bar.replaceChildren(el('span', {}, `${pickedText(picked.size)}. Who speaks?`),
      ...speakers().map((name, i) => button(speakerLabel(name, session.speakers), { kind: 'btn-s',
        title: i < 9 ? hint(`speaker${i + 1}`) : null, onclick: () => give(name) })),
      button('Let go', { kind: 'btn-quiet btn-s', onclick: clear }));
  }

  function clear() {
    picked.clear();
    show();
  }

  return {
    bar,
    mark,
    clear,
    get any() { return picked.size > 0; },
    /** The picked ones in reading order; what was merged away since is none of them. */
    ids: () => transcript.order.filter((id) => picked.has(id)),
    toggle(view) {
      const { id } = view.segment;
      if (!picked.delete(id)) picked.add(id);
      show();
      announce(picked.size ? `${pickedText(picked.size)}. ${hint('speaker1')} and on gives them a speaker.` : 'No segment is picked');
    },
  };
}
