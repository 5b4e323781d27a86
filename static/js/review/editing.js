/**
 * The text side of the screen joined: operations and their boxes, finding, history, the machine's
 * words, who else is here. Makes these parts; what they do is in them.
 */
import { announce, slot } from './dom.js';
import { createFindBar } from './findbar.js';
import { createHistory } from './history.js';
import { createOperations } from './operations.js';
import { createOriginal } from './original.js';
import { createPresence } from './presence.js';
import { createQuestion } from './question.js';
import { createSegmentMenu } from './segmentmenu.js';
import { listenForSteps } from './steps.js';
import { get } from './transport.js';
import { toast } from '../site/toast.js';

/** hint(id) -> the key of a command as text; say(message) -> to the other people, by the socket. */
export function createEditing({ session, transcript, saving, undo, hint, say }) {
  const operations = createOperations({ session, transcript, saving, undo, hint, ask: createQuestion() });
  slot('list').after(operations.picks.bar);
  const original = createOriginal({ transcript });
  const history = createHistory({ get, url: `${location.pathname}history` });
  const presence = createPresence({ me: session.me, transcript, say, announce });
  const menu = createSegmentMenu({ session, operations, hint, on: {
    history: (view) => history(view),
    machine: () => original.toggle(),
  } });
  const find = createFindBar({ transcript, canEdit: () => session.canEdit, textOf: saving.textOf, on: {
    replace({ segment, from, to }, text) {
      const view = transcript.need(segment);
      if (!view || view.area.readOnly) return;
      view.type(from, to, text);
      saving.queue.flush(segment);
    },
    replaceAll: (fields) => operations.replaceAll(fields),
  } });

  function historyHere() {
    const view = transcript.active;
    if (!view) toast('Go to a word first.', { kind: 'info' });
    else {
      const item = view.itemHere();
      history(view, item?.type === 'punctuation' ? null : item);
    }
  }

  const table = { ...operations.table, find: () => find.open(), replaceAll: () => find.open({ replacing: true }),
    history: historyHere, machine: () => { original.toggle(); } };

  return {
    table,
    operations,
    presence,
    find,
    menu: menu.open,
    who: menu.speakers,
    /** A field came onto the page, or was drawn anew. */
    shown(view) {
      presence.show(view);
      original.show(view);
      operations.picks.mark(view);
    },
    drawn: () => find.refresh(false),
    changed: () => find.refresh(),
    listen: () => listenForSteps(transcript),
  };
}
