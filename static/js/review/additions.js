/** The card of a signed document: what was signed after it, and what may be signed or added now. */
import { el, icon } from './dom.js';
import { moment } from './format.js';

const DOORS = [
  ['cosign_url', 'sign', 'Co-sign or return…'],
  ['addendum_url', 'addendum', 'Add to it or amend it…'],
  ['review_url', 'check-double', 'Sign as reviewer…'],
  ['recipients_url', 'list', 'Who received it before'],
];

/** box: the card. Returns show(additions of the review, or null). */
export function createAdditions({ box }) {
  const entry = ({ label, by, at, reason, text }) => el('li', {},
    el('strong', {}, label), el('span', { class: 'secondary small' }, ` ${by}, `, el('time', { datetime: at }, moment(at))),
    reason ? el('p', { class: 'small secondary' }, reason) : null,
    ...text.split('\n').filter(Boolean).map((line) => el('p', {}, line)));

  return (additions) => {
    const doors = additions ? DOORS.filter(([url]) => additions[url]) : [];
    box.hidden = !additions || !(additions.signed.length || doors.length);
    if (box.hidden) return;
    box.replaceChildren(
      el('h2', {}, 'After the signature'),
      additions.signed.length ? el('ol', { class: 'rv-additions' }, ...additions.signed.map(entry))
        : el('p', { class: 'small secondary' }, 'Nothing was added. The signed text stays as it is; what is missing or wrong is added beside it.'),
      doors.length ? el('ul', { class: 'rv-downloads rv-made-links no-print' }, ...doors.map(([url, name, label]) => el('li', {},
        el('a', { href: additions[url] }, icon(name, 's'), label)))) : '');
  };
}
