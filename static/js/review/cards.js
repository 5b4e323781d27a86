/** Two cards of the panel: the health information found in the text, and how the text was made. */
import { el, icon, slot } from './dom.js';
import { byType } from './entities.js';
import { clock, plural } from './format.js';

const NOT_SURE = 'An aid, not a guarantee: a person must check before anything is shared.';

/** on: {entity(entity)}. Returns show({transcript, review, ready}). */
export function createCards({ on }) {
  const health = slot('health');
  const made = slot('made');
  let shown = '';

  function group({ name, entities }) {
    const list = el('ul', { class: 'rv-entities' }, ...entities.map((entity) => el('li', {},
      el('button', { type: 'button', class: 'rv-entity', title: 'Hear it and select it',
        onclick: () => on.entity(entity) },
      el('span', {}, entity.content), el('span', { class: 'small secondary' }, clock(entity.start))))));
    return el('details', { class: 'rv-entity-group' }, el('summary', {}, icon('chevron-right', 's'),
      el('span', { class: 'grow' }, name), el('span', { class: 'count' }, String(entities.length))), list);
  }

  function showHealth(transcript) {
    health.hidden = !transcript?.phi_asked;
    if (health.hidden) return;
    const open = new Set([...health.querySelectorAll('details[open]')].map((d) => d.dataset.type));
    const groups = byType(transcript.entities ?? []);
    health.replaceChildren(el('h2', {}, 'Health information'),
      el('p', { class: 'small secondary' }, groups.length
        ? `${plural(transcript.entities.length, 'place')} found.` : 'None was found in this text.'),
      ...groups.map((g) => {
        const box = group(g);
        box.dataset.type = g.type;
        box.open = open.has(g.type);
        return box;
      }),
      el('p', { class: 'small secondary rv-entity-caution' }, NOT_SURE));
  }

  const fact = (label, value) => (value
    ? el('div', {}, el('dt', {}, label), el('dd', {}, value)) : null);

  function showMade(transcript, review) {
    const links = [
      review?.rerun_url ? ['retry', 'Transcribe again…', review.rerun_url] : null,
      review?.details_url ? ['user', 'Patient and author…', review.details_url] : null,
    ].filter(Boolean);
    made.hidden = !transcript && !links.length;
    if (made.hidden) return;
    made.replaceChildren(el('h2', {}, transcript ? 'How it was made' : 'This recording'),
      transcript ? el('dl', { class: 'rv-made' }, ...[
        fact('Engine', transcript.engine),
        fact('Model', transcript.model ? el('span', { class: 'mono' }, transcript.model) : ''),
        fact('Tags', (transcript.tags ?? []).map(({ key, value }) => (value ? `${key}: ${value}` : key)).join(', ')),
        ...(transcript.settings ?? []).map(({ label, value }) => fact(label, value)),
      ].filter(Boolean)) : '',
      links.length ? el('ul', { class: 'rv-downloads rv-made-links' }, ...links.map(([name, label, href]) => el('li', {},
        el('a', { href }, icon(name, 's'), label)))) : '');
  }

  return ({ transcript, review, ready }) => {
    const found = ready ? transcript : null;
    const state = JSON.stringify([found, ready && review?.rerun_url, review?.details_url]);
    if (state === shown) return;
    shown = state;
    showHealth(found);
    showMade(found, ready ? review : { details_url: review?.details_url });
  };
}
