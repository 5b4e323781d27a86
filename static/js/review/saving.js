/**
 * Joins queue, session and fields: what an answer, a foreign edit or a conflict does to the
 * segment on the screen. The text under somebody's caret is never taken from him.
 */
import { announce } from './dom.js';
import { conflictBox } from './conflict.js';
import { createQueue } from './queue.js';
import { normalise } from './text.js';
import { createShelf, sendOperation } from './transport.js';
import { toast } from '../site/toast.js';

/** on: {status(status), reviewed(review, seq), changed(view)}; undo as in undo.js. */
export function createSaving({ session, transcript, undo, on }) {
  const shelf = createShelf(session.me.id, session.recording.id);
  const boxes = new Map();
  const aside = new Map(); // versions that came while an input method was composing

  /** Show the server's segment; the field keeps its text when only spaces differ and it is in use. */
  function show(view, segment) {
    view.setServer(segment);
    if (!(view.focused && normalise(view.text) === normalise(segment.text))) view.setText(segment.text);
    transcript.retime(segment);
    view.credit(segment.edited_by && segment.edited_by !== session.me.name ? segment.edited_by : null);
    on.changed(view);
  }

  function saved(op, answer, kept) {
    const before = session.segment(op.segment)?.text;
    session.put(answer.segment);
    if (op.kind === 'replace_text' && before !== undefined) undo.record(op.segment, before, answer.segment.text);
    on.reviewed(answer.review, answer.seq);
    const view = transcript.view(op.segment);
    if (view && kept) {
      view.setServer(answer.segment);
      transcript.retime(answer.segment);
      on.changed(view);
    } else if (view) show(view, answer.segment);
    const left = answer.review?.flags_open;
    if (op.kind === 'confirm') announce(`Confirmed, ${left} left`);
    else announce(left === undefined ? 'Saved' : `Saved, ${left} left`);
  }

  function problem(id, found) {
    const view = transcript.view(id);
    const old = boxes.get(id);
    const hadFocus = old?.contains(document.activeElement);
    const draft = old?.draft() ?? null;
    old?.remove();
    boxes.delete(id);
    if (!view) {
      if (found) toast(`A change of yours could not be saved: ${found.message}`, { kind: 'danger' });
      return;
    }
    view.node.classList.toggle('has-problem', Boolean(found));
    if (!found) {
      if (hadFocus) view.area.focus({ preventScroll: true });
      return;
    }
    const box = conflictBox(found, (choice, text) => choose(id, choice, text), draft);
    boxes.set(id, box);
    view.below.append(box);
    if (hadFocus && !box.contains(document.activeElement)) box.focusFirst();
    if (!old) {
      announce(found.kind === 'conflict'
        ? `Conflict: ${found.by} changed this segment too. Press Alt C to decide. Nothing is lost.`
        : `Not saved: ${found.message}`);
    }
  }

  function choose(id, choice, text) {
    const view = transcript.view(id);
    const found = queue.problem(id);
    if (found.theirs) session.put(found.theirs);
    queue.resolve(id, choice, text);
    const current = session.segment(id);
    view.setServer(current);
    view.setText(choice === 'theirs' ? current.text : choice === 'merged' ? normalise(text) : found.mine);
    transcript.retime(current);
    on.changed(view);
  }

  const queue = createQueue({
    send: (op, options) => sendOperation(session.review?.operations_url, op, options),
    store: shelf,
    clock: { now: () => Date.now(), setTimeout: (f, ms) => setTimeout(f, ms), clearTimeout: (t) => clearTimeout(t) },
    newId: () => crypto.randomUUID(),
    on: {
      status: (status) => on.status(status),
      saved,
      problem,
      adopt(segment) {
        session.put(segment);
        const view = transcript.view(segment.id);
        if (view?.composing) {
          aside.set(segment.id, segment);
          queue.standOn(segment.id, view.segment);
        } else if (view) show(view, segment);
      },
      dropped(op, message) {
        const view = transcript.view(op.segment);
        if (view) show(view, session.segment(op.segment));
        toast(message || 'The word changed meanwhile and was not confirmed.', { kind: 'warn' });
      },
    },
  });

  return {
    queue,
    restore: () => queue.restore(shelf.all()),

    /** A segment from the server into its field, next to what is local. Returns the verdict. */
    fill(view, segment) {
      if (segment.version === 0) {
        view.setServer(segment);
        view.setText(segment.text);
        return 'adopt';
      }
      if (view.composing) {
        aside.set(segment.id, segment);
        return 'keep';
      }
      const verdict = queue.receive(segment);
      if (verdict === 'flags') view.setServer(segment);
      const local = queue.localText(segment.id);
      if (local !== null && !view.focused && normalise(view.text) !== local) view.setText(local);
      return verdict;
    },

    /** The text of a field changed by its user. */
    edited(view) {
      const { id } = view.segment;
      queue.edit(id, view.text);
      const waiting = aside.get(id);
      aside.delete(id);
      if (waiting && queue.receive(waiting) === 'flags') view.setServer(waiting);
    },

    /** The tidy text of the server, once nobody is in the field. */
    settle(view) {
      if (queue.isClean(view.segment.id) && view.segment.version > 0) view.setText(view.segment.text);
    },

    /** The nearest conflict; false when there is none. */
    decide() {
      const [box] = boxes.values();
      if (!box) return false;
      transcript.bring(box);
      box.focusFirst();
      return true;
    },

    hasProblem: (id) => boxes.has(id),
  };
}
