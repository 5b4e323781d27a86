/** The head of the page: whose recording this is, its state, who else is here, what is saved. */
import { el, icon, slot } from './dom.js';
import { date, initials, plural } from './format.js';

const BADGES = { waiting: '', ready: 'badge-info', in_review: 'badge-accent', ready_to_sign: 'badge-warn',
  signed: 'badge-ok' };

const fact = (label, value) => (value ? el('div', {}, el('dt', {}, label), el('dd', {}, value)) : null);

/** Facts that do not change while the page is open, unless the state is fetched again. */
export function showRecording(recording) {
  const { patient } = recording;
  slot('title').textContent = patient?.name ?? recording.name;
  slot('facts').replaceChildren(...[
    fact('MRN', patient?.mrn),
    fact('Born', date(patient?.birth_date)),
    fact('Encounter', date(recording.encounter_date)),
    fact('Type', [recording.type_label, recording.specialty_label].filter(Boolean).join(', ')),
    fact('Author', recording.author),
  ].filter(Boolean));
}

/** A job that ended without text says so in place of the review's state. */
const ENDED = { FAILED: ['badge-danger', 'Failed'], CANCELLED: ['', 'Cancelled'] };

export function showReview(review, job) {
  const badge = slot('state');
  const [kind, label] = ENDED[job?.status] ?? [BADGES[review?.state] ?? '', review?.state_label];
  badge.hidden = !label;
  badge.className = `badge badge-dot ${kind}`;
  badge.textContent = label ?? '';
}

/** Chips of the others; me is left out. */
export function showPeople(people, me) {
  const others = people.filter((p) => String(p.id) !== String(me.id));
  const box = slot('people');
  box.hidden = others.length === 0;
  box.replaceChildren(...others.map((p) => el('span', { class: 'rv-person', title: `${p.name} is here too`,
    role: 'img', 'aria-label': `${p.name} is here too` }, initials(p.name))));
  const names = others.map((p) => p.name).join(', ');
  if (names) box.append(el('span', { class: 'small secondary rv-person-names' }, `${names} ${others.length > 1 ? 'are' : 'is'} here too`));
}

const WORDS = {
  saved: ['check', 'All changes saved'],
  saving: ['clock', 'Saving…'],
  offline: ['offline', null],
  stalled: ['offline', null],
  login: ['lock', null],
  refused: ['warning', null],
  conflict: ['merge', null],
};

/** The one line about saving; status as the queue gives it, readOnly shows none. */
export function saveText(status, readOnly) {
  const waiting = plural(status.unsaved, 'change');
  if (status.state === 'offline') return `Offline – ${waiting} waiting, kept on this computer`;
  if (status.state === 'stalled') return `Not saved – ${waiting} kept on this computer`;
  if (status.state === 'login') return `Signed out – ${waiting} kept on this computer`;
  if (status.state === 'refused') return `${plural(status.refused, 'change')} not saved`;
  if (status.state === 'conflict') return `${plural(status.conflict, 'conflict')} to decide`;
  if (readOnly) return 'Read only';
  return WORDS[status.state][1];
}

/** idle: nothing can be edited yet, so nothing is said about it. */
export function showSaving(status, readOnly, idle = false) {
  const box = slot('saving');
  box.hidden = idle && status.unsaved === 0;
  const quiet = status.state === 'saved' || status.state === 'saving';
  box.className = `rv-saving ${quiet ? '' : 'is-trouble'}`;
  const text = saveText(status, readOnly);
  const name = readOnly && quiet ? 'lock' : WORDS[status.state][0];
  box.replaceChildren(icon(name, 's'), el('span', {}, text));
}
