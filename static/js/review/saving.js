/**
 * Joins queue, session and fields: what an answer, a foreign edit or a conflict does to the
 * segment on the screen. The text under somebody's caret is never taken from him.
 */
import { announce } from './dom.js';
import { conflictBox } from './conflict.js';
import { placeIn } from './parts.js';
import { createQueue } from './queue.js';
import { createShelf } from './shelf.js';
import { moveCaret, normalise } from './text.js';
import { sendOperation } from './transport.js';
import { toast } from '../site/toast.js';

/**
 * on: {status(status), reviewed(review, seq), changed(view), layout() when segments came, went or
 * have other speakers, missing() when the server must be asked anew, before(op) awaited before an
 * operation is sent}; undo as in undo.js.
 */
export function createSaving({ session, transcript, undo, on }) {
  const boxes = new Map();
  const aside = new Map(); // versions that came while an input method was composing

  /** Show the server's segment; the field keeps its text when only spaces differ and it is in use. */
  function show(view, segment) {
    view.setServer(segment);
    if (!(view.focused && normalise(view.text) === normalise(segment.text))) view.setText(segment.text);
    transcript.retime(segment);
    credit(view);
    on.changed(view);
  }

  function credit(view) {
    const by = view.segment.edited_by;
    view.credit(by && by !== session.me.name ? by : null);
  }

  function saved(op, answer, kept) {
    on.reviewed(answer.review, answer.seq);
    if (op.kind === 'undo') undo.moved({ edit: op.edit, by: answer.edit, again: op.again });
    else if (op.kind !== 'replace_text') undo.record({ edit: answer.edit, segment: op.segment ?? answer.segment?.id ?? null });
    else undo.record({ edit: answer.edit, segment: op.segment, before: op.base_text, after: answer.segment.text });
    if (answer.speakers && JSON.stringify(answer.speakers) !== JSON.stringify(session.speakers)) {
      session.setSpeakers(answer.speakers);
      on.layout();
    }
    if (!['replace_text', 'confirm', 'query'].includes(op.kind)) return; // the others come by hear()
    session.put(answer.segment);
    const view = transcript.view(op.segment);
    if (view && kept) {
      view.setServer(answer.segment);
      transcript.retime(answer.segment);
      on.changed(view);
    } else if (view) show(view, answer.segment);
    else transcript.retime(answer.segment);
    const left = answer.review?.flags_open;
    if (op.kind === 'confirm') announce(`Confirmed, ${left} left`);
    else if (op.kind === 'replace_text') announce(left === undefined ? 'Saved' : `Saved, ${left} left`);
  }

  function problem(id, found) {
    const view = transcript.view(id);
    const old = boxes.get(id);
    const hadFocus = old?.contains(document.activeElement);
    const draft = old?.draft() ?? null;
    old?.remove();
    boxes.delete(id);
    if (!found) {
      view?.node.classList.remove('has-problem');
      if (hadFocus) view?.area.focus({ preventScroll: true });
      return;
    }
    if (!session.segment(id)) {
      toast(`A change of yours could not be saved: ${found.message}`, { kind: 'danger' });
      return;
    }
    const box = conflictBox(found, (choice, text) => choose(id, choice, text), draft);
    boxes.set(id, box);
    if (view) attach(view, box);
    if (hadFocus && !box.contains(document.activeElement)) box.focusFirst();
    if (!old) {
      announce(found.kind === 'conflict'
        ? `Conflict: ${found.by} changed the same words. Press Alt C to decide. Nothing is lost.`
        : `Not saved: ${found.message}`);
    }
  }

  function attach(view, box) {
    view.node.classList.add('has-problem');
    view.below.append(box);
  }

  function choose(id, choice, text) {
    const found = queue.problem(id);
    if (found.theirs) session.put(found.theirs);
    queue.resolve(id, choice, text);
    const current = session.segment(id);
    const view = transcript.view(id);
    transcript.retime(current);
    if (!view) return;
    view.setServer(current);
    view.setText(choice === 'theirs' ? current.text : choice === 'merged' ? normalise(text) : found.mine);
    on.changed(view);
  }

  /** Segments in one piece: the texts go where reshape.js says, the caret with its words. */
  function reshaped(what) {
    const view = transcript.active;
    const start = view?.focused ? what.starts[view.segment.id] : undefined;
    const at = start === undefined ? null
      : placeIn(what.cuts, moveCaret(what.mine, what.now, start + view.area.selectionStart), what.now);
    for (const id of what.removed) {
      boxes.get(id)?.remove();
      boxes.delete(id);
      const gone = session.segment(id);
      if (gone) session.put({ ...gone, removed: true });
    }
    for (const part of what.parts) session.put(part);
    for (const part of what.parts) {
      const here = transcript.view(part.id);
      here?.setServer(part);
      here?.setText(queue.localText(part.id) ?? part.text);
    }
    on.layout();
    const next = at && transcript.need(what.parts[at.part]?.id);
    if (next) transcript.select(next, { from: at.offset, to: at.offset });
  }

  /**
   * Segments as the server has them after one operation, of this window or from elsewhere.
   * Returns ids of those whose words others changed on this page.
   */
  function hear(segments, op = null) {
    const shaping = segments.some((s) => s.removed || !session.segment(s.id)) || (op && op.segment);
    if (shaping) {
      queue.reshaped(segments);
      return segments.filter((s) => !s.removed).map((s) => s.id);
    }
    let moved = false;
    const news = [];
    for (const segment of segments) {
      const before = session.segment(segment.id)?.text;
      moved = session.put(segment) || moved;
      const view = transcript.view(segment.id);
      if (view) api.fill(view, segment);
      else {
        queue.receive(segment);
        transcript.retime(segment);
      }
      if (segment.text !== before) news.push(segment.id);
    }
    if (moved) on.layout();
    return news;
  }

  /** Does the server take changes of it? Lines of a running job only when their part is done. */
  const live = (segment) => segment.version > 0 || Boolean(segment.editable);

  const shelf = createShelf({ user: session.me.id, recording: session.recording.id, window_: crypto.randomUUID(),
    found: (ops) => queue.restore(ops) });

  const queue = createQueue({
    send: async (op, options) => {
      if (!options?.keepalive) await on.before?.(op);
      return sendOperation(session.review?.operations_url, op, options);
    },
    store: shelf,
    clock: { now: () => Date.now(), setTimeout: (f, ms) => setTimeout(f, ms), clearTimeout: (t) => clearTimeout(t) },
    newId: () => crypto.randomUUID(),
    order: (ids) => session.segments.filter((s) => ids.includes(s.id)).map((s) => s.id),
    known: (id) => session.segment(id),
    composing: (id) => transcript.view(id)?.composing ?? false,
    on: {
      status: (status) => on.status(status),
      saved,
      problem,
      reshaped,
      changed: (segments, op) => hear(segments, op),
      restored(op) {
        const view = op.segment && transcript.view(op.segment);
        const local = op.segment && queue.localText(op.segment);
        if (view && local !== null) view.setText(local);
        queue.flush(op.segment);
      },
      adopt(segment) {
        session.put(segment);
        const view = transcript.view(segment.id);
        if (view?.composing) {
          aside.set(segment.id, segment);
          queue.standOn(segment.id, view.segment);
        } else if (view) show(view, segment);
      },
      merged(id, { segment, by }) {
        session.put(segment);
        const view = transcript.view(id);
        const text = queue.localText(id);
        view?.setServer(segment);
        if (text !== null) view?.setText(text);
        view?.touched(by);
        transcript.retime(segment);
        announce(`${by ?? 'Somebody'} changed other words of this segment; both changes are in the text`);
      },
      dropped(op, message) {
        if (op.kind === 'undo') undo.forget(op.edit);
        const view = op.segment && transcript.view(op.segment);
        if (view && queue.isClean(op.segment)) show(view, session.segment(op.segment));
        toast(message || 'The words changed meanwhile; nothing was done.', { kind: 'warn' });
      },
      gone(id, heir) {
        const old = session.segment(id);
        if (old) session.put({ ...old, removed: true });
        if (!heir.removed) session.put(heir);
        boxes.get(id)?.remove();
        boxes.delete(id);
        on.layout();
        on.missing();
      },
    },
  });

  const api = {
    queue,
    hear,

    /** What the field of a segment shows, or would. */
    textOf: (id) => transcript.view(id)?.text ?? queue.localText(id) ?? session.segment(id)?.text ?? '',

    /** A field came onto the page: its local text and its conflict with it. */
    shown(view) {
      const { id } = view.segment;
      if (!live(view.segment)) return;
      queue.receive(view.segment);
      const local = queue.localText(id);
      if (local !== null) view.setText(local);
      credit(view);
      if (boxes.has(id)) attach(view, boxes.get(id));
      else if (queue.problem(id)) problem(id, queue.problem(id));
    },

    /** Segments that stay on the page: those with a text that was begun to be merged. */
    pinned: () => [...boxes].filter(([, box]) => box.contains(document.activeElement)).map(([id]) => id),

    /** A segment from the server into its field, next to what is local. Returns the verdict. */
    fill(view, segment) {
      if (!live(segment)) {
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

    /** After a new state: work on segments that are not on the page hears of it too. */
    reconcile() {
      for (const id of queue.ids()) {
        const segment = session.segment(id);
        if (segment && !transcript.view(id)) queue.receive(segment);
      }
    },

    /** The text of a field changed by its user. */
    edited(view) {
      const { id } = view.segment;
      queue.edit(id, view.text, view.area.selectionStart);
      const waiting = aside.get(id);
      aside.delete(id);
      if (waiting && queue.receive(waiting) === 'flags') view.setServer(waiting);
      queue.composed(id);
    },

    /** The tidy text of the server, once nobody is in the field. */
    settle(view) {
      if (queue.isClean(view.segment.id) && live(view.segment)) view.setText(view.segment.text);
    },

    /** The nearest conflict; false when there is none. */
    decide() {
      const id = transcript.order.find((each) => boxes.has(each));
      if (!id || !transcript.need(id)) return false;
      transcript.bring(boxes.get(id));
      boxes.get(id).focusFirst();
      return true;
    },

    hasProblem: (id) => boxes.has(id),
  };
  return api;
}
