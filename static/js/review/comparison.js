/** The card about another engine's transcript of the same recording: how many words differ, by class. */
import { el, icon } from './dom.js';
import { plural } from './format.js';
import { alikeText } from '../comparison/places.js';

/** box: the card. Returns show(comparison of the snapshot, or null). */
export function createComparison({ box }) {
  const row = ({ label, of, differ }) => el('div', {}, el('dt', {}, label),
    el('dd', {}, differ ? el('strong', {}, plural(differ, 'difference')) : 'none', el('span', { class: 'muted' }, ` in ${of}`)));

  return (comparison) => {
    box.hidden = !comparison;
    if (!comparison) return;
    const { engine, running, note, found } = comparison;
    const small = (text) => el('p', { class: 'small secondary' }, text);
    box.replaceChildren(...[
      el('h2', {}, `Compared with ${engine}`),
      found ? small(alikeText(found)) : null,
      found ? el('dl', { class: 'rv-made rv-compared' }, ...found.kinds.map(row)) : null,
      found ? el('ul', { class: 'rv-downloads rv-made-links' }, el('li', {},
        el('a', { href: found.url }, icon('list', 's'), 'Hear the differences'))) : null,
      running ? small('The same recording is still being transcribed there.') : null,
      note ? small(`There is nothing to compare. ${note}`) : null,
    ].filter(Boolean));
  };
}
