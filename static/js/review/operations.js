/**
 * What one does to segments beside typing: split, merge, speaker, blank, question, undo. Finds out
 * from the caret what is meant, and hands an operation to the queue.
 */
import { announce } from './dom.js';
import { speakerLabel } from './format.js';
import { createPicks } from './picks.js';
import { between, selected, speakersOf } from './places.js';
import { normalise } from './text.js';
import { toast } from '../site/toast.js';

const MOST_SPEAKERS = 9;

/** ask(view, items, words): the box for a question to the dictator; hint(id): a command's key. */
export function createOperations({ session, transcript, saving, undo, ask, hint }) {
  const { queue } = saving;
  let pending = null; // an undo (false) or redo (true) that waits for the last save

  // The browser's own history knows nothing of what came from the server; there is one undo, ours.
  document.addEventListener('beforeinput', (event) => {
    const again = { historyUndo: false, historyRedo: true }[event.inputType];
    if (again === undefined || !event.target.matches('.rv-area')) return;
    event.preventDefault();
    back(again);
  }, true);

  /** The view acted upon, or null with the reason said. */
  function target(id = null) {
    const view = id ? transcript.need(id) : transcript.active;
    if (!view) announce('Go to a segment first');
    else if (view.area.readOnly) announce('This segment cannot be changed');
    else return view;
    return null;
  }

  function act(id, fields, said) {
    if (queue.act(id, fields)) {
      if (said) announce(said);
      return true;
    }
    toast(queue.problem(id) ? 'Decide the conflict of this segment first (Alt + C).'
      : 'The last change of this segment is still being saved.', { kind: 'warn' });
    return false;
  }

  function split(id = null) {
    const view = target(id);
    if (!view) return;
    const at = between(view.text, view.area.selectionStart);
    if (at <= 0 || at >= normalise(view.text).length) announce('Put the caret between two words to split there');
    else act(view.segment.id, { kind: 'split', at }, 'Segment split');
  }

  function merge(id = null) {
    const view = target(id);
    if (!view) return;
    const at = transcript.order.indexOf(view.segment.id);
    const before = transcript.order[at - 1];
    const other = before && session.segment(before);
    if (!other || other.version === 0) announce('There is no segment before this one');
    else if (other.channel !== view.segment.channel) announce('The segment before is of another channel');
    else act(view.segment.id, { kind: 'merge', with: before }, 'Merged with the segment before');
  }

  const picks = createPicks({ transcript, session, hint, give: (name) => speakerOfPicked(name),
    speakers: () => speakersOf(session.segments, session.speakers) });

  /** speaker "spk_N" for all that are picked; one that can't be changed now stays picked. */
  function speakerOfPicked(name) {
    const ids = picks.ids().filter((id) => session.segment(id)?.speaker !== name);
    const done = ids.filter((id) => queue.act(id, { kind: 'speaker', speaker: name }));
    if (done.length < ids.length) toast('Some segments are still being saved. Please try again in a moment.', { kind: 'warn' });
    else picks.clear();
    announce(`${done.length} segment${done.length === 1 ? '' : 's'}: ${speakerLabel(name, session.speakers)}`);
  }

  /** speaker "spk_N" for what is picked, for the selection, or for the whole segment. */
  function speaker(name, id = null) {
    if (picks.any && !id) {
      speakerOfPicked(name);
      return;
    }
    const view = target(id);
    if (!view) return;
    const { from, to } = view.caret();
    const ranges = view.segment.items.map((item) => view.rangeOf(item.id));
    const part = queue.localText(view.segment.id) === null && to > from ? selected(view.segment.items, ranges, from, to) : null;
    if (!part && view.segment.speaker === name) {
      announce(`This is ${speakerLabel(name, session.speakers)} already`);
      return;
    }
    act(view.segment.id, { kind: 'speaker', speaker: name, ...(part ? { from: part[0].id, to: part.at(-1).id } : {}) },
      `${part ? 'Selection' : 'Segment'}: ${speakerLabel(name, session.speakers)}`);
  }

  function numbered(n) {
    const known = speakersOf(session.segments, session.speakers);
    const name = `spk_${n - 1}`;
    if (!known.includes(name) && n > known.length + 1) announce(`There are only ${known.length} speakers`);
    else speaker(name);
  }

  function blank(id = null) {
    const view = target(id);
    if (!view) return;
    act(view.segment.id, { kind: 'blank', at: between(view.text, view.area.selectionStart) }, 'Blank marked');
  }

  function query(id = null) {
    const view = target(id);
    if (!view) return;
    const { from, to } = view.caret();
    const ranges = view.segment.items.map((item) => view.rangeOf(item.id));
    const here = view.itemHere();
    const items = (to > from && view.segment.items.filter((_, i) => ranges[i] && ranges[i].from < to && ranges[i].to > from)) || (here ? [here] : []);
    if (!items.length) announce('Put the caret on the words you ask about');
    else {
      ask(view, items, (note) => act(view.segment.id, { kind: 'query', items: items.map((i) => i.id), note }, 'The dictator is asked'));
    }
  }

  function takeBack(again) {
    const record = again ? undo.nextAgain : undo.next;
    if (!record) {
      announce(again ? 'Nothing to redo' : 'Nothing more to undo');
      return;
    }
    const view = record.segment && session.segment(record.segment) && transcript.need(record.segment);
    if (view && !view.focused) transcript.select(view, { from: view.text.length, to: view.text.length });
    queue.act(null, { kind: 'undo', edit: record.edit, again });
    announce(again ? 'Done again' : 'Taken back');
  }

  /** The newest change of this person; what is typed and not yet saved must be known before it can go. */
  function back(again) {
    const view = transcript.active;
    if (view?.composing) return;
    const { state } = queue.status();
    const typed = view && queue.localText(view.segment.id);
    if (state === 'saving') {
      pending = again;
      queue.flush();
    } else if (state !== 'saved' && !again && typed !== null && view?.focused && !queue.problem(view.segment.id)) {
      const text = queue.savedText(view.segment.id);
      view.setText(text);
      queue.edit(view.segment.id, text);
      announce('Taken back');
    } else takeBack(again);
  }

  function pick(id = null) {
    const view = target(id);
    if (view) picks.toggle(view);
  }

  const table = { pick: () => pick(), split: () => split(), merge: () => merge(), blank: () => blank(), query: () => query(),
    undo: () => back(false), redo: () => back(true) };
  for (let n = 1; n <= MOST_SPEAKERS; n += 1) table[`speaker${n}`] = () => numbered(n);

  /** Everything is saved. */
  function settled() {
    if (pending === null) return;
    const again = pending;
    pending = null;
    takeBack(again);
  }

  return { table, settled, split, merge, speaker, blank, query, pick, picks,
    rename: (name, to) => act(null, { kind: 'rename_speaker', speaker: name, name: to, expect: session.speakers[name] ?? null }),
    join: (from, into) => act(null, { kind: 'merge_speakers', from, into }),
    replaceAll: (fields) => act(null, { kind: 'replace_all', ...fields }),
    speakers: () => speakersOf(session.segments, session.speakers) };
}
