/**
 * The save queue: turns edits and confirmations into operations, one in flight per segment, kept
 * in a store until the server has acknowledged them. Clock, transport, store and ids are passed
 * in; nothing here knows the page. Rules for answers are in lane.js.
 */
import { normalise } from './text.js';
import { createLane, isHead, lastText, localText, settleConflict, takeRemote } from './lane.js';

export const DEBOUNCE_MS = 600;
export const MAX_ATTEMPTS = 8;
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 30_000;

/**
 * send(op, {keepalive}) resolves to {kind: 'ok', segment, review, seq} | {kind: 'conflict',
 * segment, by, message} | {kind: 'refused', message} | {kind: 'login', message} | {kind: 'unreachable'}.
 * store: {put(op), remove(op_id)}. on: {status, saved(op, answer, kept), adopt(segment),
 * problem(segmentId, problem|null), dropped(op, message)}.
 */
export function createQueue({ send, store, clock, newId, random = Math.random, on }) {
  const lanes = new Map();
  let attempts = 0;
  let halted = null; // null | 'stalled' | 'login'
  let reason = null; // a sentence for 'login'
  let retryTimer = null;

  const lane = (id) => {
    if (!lanes.has(id)) lanes.set(id, createLane(id));
    return lanes.get(id);
  };
  const say = () => on.status(status());

  function status() {
    let waiting = 0;
    let inflight = 0;
    const problems = { conflict: 0, refused: 0 };
    for (const l of lanes.values()) {
      waiting += l.waiting.length;
      inflight += l.inflight ? 1 : 0;
      if (l.problem) problems[l.problem.kind] += 1;
    }
    const unsaved = waiting + inflight + problems.conflict + problems.refused;
    let state = 'saved';
    if (halted) state = halted;
    else if (attempts > 0) state = 'offline';
    else if (problems.refused) state = 'refused';
    else if (problems.conflict) state = 'conflict';
    else if (unsaved) state = 'saving';
    return { state, unsaved, reason: halted ? reason : null, ...problems };
  }

  function schedule(l, ms) {
    clock.clearTimeout(l.timer);
    l.timer = clock.setTimeout(() => pump(l), ms);
  }

  function pump(l, { keepalive = false } = {}) {
    if (l.inflight || l.problem || !l.waiting.length || halted) return;
    // After a failure one operation probes the line; the others follow when it is through.
    if (attempts > 0 && !keepalive && (retryTimer || anyInflight())) return;
    const op = l.waiting[0];
    const rest = l.due - clock.now();
    if (op.kind === 'replace_text' && l.waiting.length === 1 && rest > 0 && !op.sent) {
      schedule(l, rest);
      return;
    }
    l.waiting.shift();
    if (!op.sent) op.base_version = l.version;
    op.sent = true;
    l.inflight = op;
    store.put(op);
    say();
    send(wire(op), { keepalive }).then((answer) => settle(l, op, answer));
  }

  const anyInflight = () => [...lanes.values()].some((l) => l.inflight);
  const pumpAll = () => lanes.forEach((l) => pump(l));

  function settle(l, op, answer) {
    l.inflight = null;
    if (answer.kind === 'unreachable' || answer.kind === 'login') return putOff(l, op, answer);
    attempts = 0;
    if (answer.kind === 'ok') accept(l, op, answer);
    else if (answer.kind === 'conflict') conflict(l, op, answer);
    else refuse(l, op, answer);
    say();
    pumpAll();
    return undefined;
  }

  function accept(l, op, answer) {
    store.remove(op.op_id);
    const kept = lastText(l.waiting) !== null;
    const own = op.base_version + 1;
    if (kept && op.kind === 'replace_text' && answer.segment.version > own) {
      // A repeated operation, and somebody went on from it: what waits here stands on our own
      // text, not on theirs, and has to ask.
      l.version = own;
      l.baseText = op.text;
    } else {
      l.version = answer.segment.version;
      l.baseText = answer.segment.text;
    }
    if (op.kind === 'replace_text') l.acceptedText = op.text;
    on.saved(op, answer, kept);
    const later = l.later;
    l.later = null;
    if (later && later.version >= l.version) receive(later);
  }

  function conflict(l, op, answer) {
    store.remove(op.op_id);
    l.later = null;
    const next = settleConflict(l, op, answer, newId);
    for (const gone of next.forget) store.remove(gone.op_id);
    for (const kept of next.keep) store.put(kept);
    if (next.adopt) on.adopt(next.adopt);
    if (next.dropped) on.dropped(op, answer.message);
    if (l.problem) {
      store.put(l.problem.op);
      on.problem(l.id, l.problem);
    }
  }

  function refuse(l, op, answer) {
    if (op.kind !== 'replace_text') {
      store.remove(op.op_id);
      on.dropped(op, answer.message);
      return;
    }
    for (const w of l.waiting) store.remove(w.op_id);
    const mine = lastText(l.waiting)?.text ?? op.text;
    store.remove(op.op_id);
    const kept = { ...op, op_id: newId(), text: mine, sent: false };
    l.waiting = [];
    l.problem = { kind: 'refused', message: answer.message, mine, op: kept, theirs: null };
    store.put(kept);
    on.problem(l.id, l.problem);
  }

  function putOff(l, op, answer) {
    l.waiting.unshift(op);
    attempts += 1;
    if (answer.kind === 'login') {
      halted = 'login';
      reason = answer.message ?? null;
    }
    else if (attempts >= MAX_ATTEMPTS) halted = 'stalled';
    else if (!retryTimer) {
      const step = Math.min(FIRST_RETRY_MS * 2 ** (attempts - 1), LONGEST_RETRY_MS);
      retryTimer = clock.setTimeout(() => {
        retryTimer = null;
        pumpAll();
      }, step * (0.5 + random() / 2));
    }
    say();
  }

  function enqueue(l, fields) {
    const op = { op_id: newId(), segment: l.id, base_version: l.version, base_text: l.baseText,
      created: clock.now(), sent: false, ...fields };
    l.waiting.push(op);
    store.put(op);
    return op;
  }

  function receive(segment) {
    const l = lane(segment.id);
    const verdict = takeRemote(l, segment);
    if (verdict === 'problem') on.problem(l.id, l.problem);
    if (verdict === 'adopt') on.adopt(segment);
    return verdict;
  }

  return {
    status,
    receive,
    /** Text the user has and the server has not, or null. */
    localText: (id) => localText(lane(id)),
    problem: (id) => lanes.get(id)?.problem ?? null,
    isClean: (id) => !lanes.has(id) || isHead(lanes.get(id)),

    /** Operations left by an earlier visit, oldest first; call before the first receive(). */
    restore(ops) {
      for (const op of [...ops].sort((a, b) => a.created - b.created)) {
        const l = lane(op.segment);
        if (!l.waiting.length) {
          l.version = op.base_version;
          l.baseText = op.base_text;
        }
        l.waiting.push(op);
      }
      say();
    },

    start: pumpAll,

    /** The field still shows this version: what is typed next stands on it, not on a newer one. */
    standOn(id, segment) {
      Object.assign(lane(id), { version: segment.version, baseText: segment.text });
    },

    edit(id, text) {
      const l = lane(id);
      const now = normalise(text);
      if (l.problem) {
        l.problem.mine = now;
        l.problem.op.text = now;
        store.put(l.problem.op);
        on.problem(id, l.problem);
        return;
      }
      const tail = l.waiting.at(-1);
      const open = tail && tail.kind === 'replace_text' && !tail.sent ? tail : null;
      const under = lastText(open ? l.waiting.slice(0, -1) : l.waiting)?.text
        ?? (l.inflight?.kind === 'replace_text' ? l.inflight.text : null);
      const known = under === null
        ? now === normalise(l.baseText) || now === l.acceptedText
        : now === under;
      if (known) {
        if (open) {
          l.waiting.pop();
          store.remove(open.op_id);
        }
      } else if (open) {
        open.text = now;
        store.put(open);
      } else enqueue(l, { kind: 'replace_text', text: now });
      l.due = clock.now() + DEBOUNCE_MS;
      say();
      if (!l.inflight) schedule(l, DEBOUNCE_MS);
    },

    confirm(id, items) {
      const l = lane(id);
      if (l.problem) return false;
      l.due = 0;
      enqueue(l, { kind: 'confirm', items });
      pump(l);
      say();
      return true;
    },

    /** Send now what would wait for the end of typing. */
    flush(id = null) {
      for (const l of id === null ? lanes.values() : [lane(id)]) {
        l.due = 0;
        pump(l);
      }
    },

    /** The page goes away: start what can be started; the rest stays in the store. */
    leave() {
      for (const l of lanes.values()) {
        l.due = 0;
        pump(l, { keepalive: true });
      }
    },

    /** choice: 'mine' | 'theirs' | 'merged' (with text). */
    resolve(id, choice, text = null) {
      const l = lane(id);
      const { problem } = l;
      if (!problem) return;
      store.remove(problem.op.op_id);
      l.problem = null;
      if (problem.theirs) {
        l.version = problem.theirs.version;
        l.baseText = problem.theirs.text;
        l.acceptedText = null;
      }
      const wanted = normalise(choice === 'mine' ? problem.mine : (text ?? ''));
      if (choice !== 'theirs' && wanted !== l.baseText) {
        enqueue(l, { kind: 'replace_text', text: wanted });
        l.due = 0;
      }
      on.problem(id, null);
      pump(l);
      say();
    },

    /** Back on line, logged in again, or "Try again" pressed. */
    retry() {
      halted = null;
      if (attempts > 0) attempts = 1;
      clock.clearTimeout(retryTimer);
      retryTimer = null;
      say();
      pumpAll();
    },
  };
}

/** The operation as the contract has it, without what only the queue needs. */
function wire({ op_id, kind, segment, base_version, text, items }) {
  const op = { op_id, kind, segment, base_version };
  return kind === 'confirm' ? { ...op, items } : { ...op, text };
}
