/** History of a word or a segment: every change with its author and time, in a small box. */
import { wordDiff } from './diff.js';
import { el } from './dom.js';
import { moment } from './format.js';
import { caretRect, createPopover } from './popover.js';

const KINDS = { replace_text: 'changed the text', replace_range: 'changed the text', confirm: 'confirmed', split: 'split the segment',
  merge: 'merged two segments', speaker: 'changed the speaker', rename_speaker: 'renamed a speaker',
  merge_speakers: 'merged two speakers', blank: 'marked a blank', query: 'asked the dictator', replace_all: 'replaced everywhere',
  undo: 'took a change back', carry: 'carried over' };

/** "changed the text"; a kind this page does not know is written out. */
export const kindText = (kind) => KINDS[kind] ?? String(kind ?? 'changed').replace(/_/g, ' ');

function change({ before, after }) {
  if (typeof before !== 'string' || typeof after !== 'string' || before === after) return null;
  return el('p', { class: 'rv-diff rv-history-change' }, ...wordDiff(before, after).flatMap((part) => {
    const tag = { added: 'ins', removed: 'del' }[part.kind];
    return [tag ? el(tag, {}, part.text) : shorten(part.text), ' '];
  }));
}

/** What did not change, no longer than is needed to see where it stands. */
export function shorten(text) {
  const words = text.split(' ');
  return words.length > 9 ? `${words.slice(0, 3).join(' ')} … ${words.slice(-3).join(' ')}` : text;
}

/** get(url) as in transport.js; url: where the history is told. */
export function createHistory({ get, url }) {
  const pop = createPopover('history');

  return async (view, item = null) => {
    const rect = caretRect(view);
    const beside = () => rect;
    const title = el('p', { class: 'rv-lines-title small' }, 'History of ', el('strong', {}, item ? item.content : `segment ${view.node.getAttribute('aria-posinset')}`));
    pop.show('History', beside, title, el('p', { class: 'menu-note' }, 'Looking it up…'));
    const query = item ? `item=${encodeURIComponent(item.id)}` : `segment=${encodeURIComponent(view.segment.id)}`;
    const { status, body } = await get(`${url}?${query}`);
    if (!pop.open) return;
    if (status !== 200) {
      pop.replace(title, el('p', { class: 'menu-note' }, 'The history could not be fetched. Please try again.'));
      return;
    }
    const rows = body.edits.map((edit) => el('li', { class: edit.undone ? 'is-undone' : '' },
      el('p', {}, el('strong', {}, typeof edit.by === 'object' ? edit.by?.name : edit.by), ` ${kindText(edit.kind)}${edit.undone ? ' (taken back)' : ''} `,
        el('time', { class: 'secondary small', datetime: edit.at }, moment(edit.at))), change(edit)));
    pop.replace(title, el('ol', { class: 'rv-history-list', tabindex: '0', 'aria-label': 'Changes, newest first' },
      ...rows, item?.by === 'human' ? null : el('li', {}, el('p', { class: 'secondary' }, 'The machine wrote it'))));
    pop.box.querySelector('ol').focus({ preventScroll: true });
  };
}
