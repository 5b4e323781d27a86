/**
 * The card of clinical entities: asked for when it is opened, and again when the text changed.
 * Pressing an entry plays and selects its words.
 */
import { el, icon } from './dom.js';
import { clock, plural } from './format.js';
import { about, entries } from './terms.js';
import { get } from './transport.js';

const AGAIN_MS = 1500; // after the last change

/** on: {entity({segment, items, start, end})}; url is a function. Returns changed(ready). */
export function createClinical({ box, url, on }) {
  const body = el('div', { 'aria-live': 'polite' });
  const card = el('details', { class: 'rv-entity-group' },
    el('summary', {}, icon('chevron-right', 's'), el('h2', { class: 'grow' }, 'Clinical terms')), body);
  box.replaceChildren(card);
  let timer = 0;
  let asked = 0;
  let stale = true;

  function entry({ entity, mention }) {
    const code = entity.codes?.[0];
    return el('li', {}, el('button', { type: 'button', class: 'rv-entity',
      title: code ? `Hear it and select it. Candidate: ${code.code} ${code.name}` : 'Hear it and select it',
      onclick: () => on.entity(mention) },
    el('span', {}, entity.text, ' ', el('span', { class: 'small secondary' }, about(entity, mention))),
    el('span', { class: 'small secondary nowrap' }, mention.start === null ? '' : clock(mention.start))));
  }

  function draw({ groups, notes }) {
    const open = new Set([...body.querySelectorAll('details[open]')].map((d) => d.dataset.category));
    const count = groups.reduce((sum, g) => sum + entries(g).length, 0);
    body.replaceChildren(
      el('p', { class: 'small secondary' }, count ? `${plural(count, 'place')} found.` : 'None was found in this text.'),
      ...groups.map((group) => {
        const found = entries(group);
        const part = el('details', { class: 'rv-entity-group' }, el('summary', {}, icon('chevron-right', 's'),
          el('span', { class: 'grow' }, group.label), el('span', { class: 'count' }, String(found.length))),
        el('ul', { class: 'rv-entities' }, ...found.map(entry)));
        part.dataset.category = group.category;
        part.open = open.has(group.category);
        return part;
      }),
      el('p', { class: 'small secondary rv-entity-caution' }, notes.join(' ')));
  }

  async function load() {
    if (!card.open || !stale || !url()) return;
    stale = false;
    const number = ++asked;
    if (!body.childElementCount) body.replaceChildren(el('p', { class: 'small secondary' }, 'Looking…'));
    const { status, body: found } = await get(url());
    if (number !== asked) return;
    if (status === 200) draw(found);
    else {
      stale = true;
      body.replaceChildren(el('p', { class: 'small secondary' }, 'The terms could not be fetched. Close and open this to try again.'));
    }
  }

  card.addEventListener('toggle', load);
  return (ready) => {
    box.hidden = !ready;
    stale = true;
    clearTimeout(timer);
    if (ready && card.open) timer = setTimeout(load, AGAIN_MS);
  };
}
