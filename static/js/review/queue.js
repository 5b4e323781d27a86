/**
 * The save queue: turns edits and other operations into what the server takes, one in flight per
 * segment, kept in a store until acknowledged. Clock, transport, store and ids are passed in;
 * nothing here knows the page. Rules for answers are in lane.js, what becomes of the texts of
 * segments that are split or merged in reshape.js.
 */
import { normalise } from './text.js';
import { createLane, inTheWay, isHead, isShaping, lastText, localText, settleConflict, take, takeRemote } from './lane.js';
import { merge } from './diff.js';
import { createReach } from './reach.js';
import { samePlace } from './parts.js';
import { reshape } from './reshape.js';

export const DEBOUNCE_MS = 600;
const LONGEST_BURST_MS = 4000;
/** Lane of operations upon the whole document. */
const DOCUMENT = '';

/**
 * send(op, {keepalive}) resolves to {kind: 'ok', segment, segments, review, seq} | {kind:
 * 'conflict', segment, by, message} | {kind: 'refused', message} | {kind: 'login', message} |
 * {kind: 'unreachable'}. store: {put(op), remove(op_id)}. order(ids) sorts ids as they stand in
 * the text and drops unknown ones; known(id) is a segment as the page has it; composing(id): an
 * input method is at work there. on: {status, saved(op, answer, kept), adopt(segment), problem(segmentId, problem|null),
 * dropped(op, message), merged(segmentId, by), changed(segments, op), reshaped(what), gone(segmentId, heir)}.
 */
export function createQueue({ send, store, clock, newId, random = Math.random, order = (ids) => ids,
  known = () => null, composing = () => false, on }) {
  const lanes = new Map();
  const reach = createReach({ clock, random, again: () => pumpAll() });
  let stamp = 0;
  let aside = []; // operations of an earlier visit, of segments that are being worked on here

  const lane = (id) => {
    if (!lanes.has(id)) {
      const segment = known(id);
      lanes.set(id, createLane(id));
      if (segment?.version || segment?.editable) take(lanes.get(id), segment);
    }
    return lanes.get(id);
  };
  const say = () => on.status(status());

  function status() {
    let waiting = aside.length;
    let inflight = 0;
    const problems = { conflict: 0, refused: 0 };
    for (const l of lanes.values()) {
      waiting += l.waiting.length;
      inflight += l.inflight ? 1 : 0;
      if (l.problem) problems[l.problem.kind] += 1;
    }
    const unsaved = waiting + inflight + problems.conflict + problems.refused;
    let state = 'saved';
    if (reach.trouble) state = reach.trouble;
    else if (problems.refused) state = 'refused';
    else if (problems.conflict) state = 'conflict';
    else if (unsaved) state = 'saving';
    return { state, unsaved, reason: reach.reason, ...problems };
  }

  function schedule(l, ms) {
    clock.clearTimeout(l.timer);
    l.timer = clock.setTimeout(() => pump(l), ms);
  }

  const anyInflight = () => [...lanes.values()].some((l) => l.inflight);
  const busy = (l) => Boolean(l.inflight || l.waiting.length);

  /** Other work that must be done before this operation may leave. */
  function mustWait(l, op) {
    if (l.held || (l.id !== DOCUMENT && lanes.get(DOCUMENT)?.inflight)) return true;
    if (l.id === DOCUMENT) return [...lanes.values()].some((other) => other !== l && busy(other));
    return Boolean(op.with) && busy(lane(op.with));
  }

  function pump(l, { keepalive = false } = {}) {
    if (l.inflight || l.problem || !l.waiting.length || reach.halted) return;
    // After a failure one operation probes the line; the others follow when it is through.
    if (reach.failing && !keepalive && (reach.waiting || anyInflight())) return;
    const op = l.waiting[0];
    if (mustWait(l, op)) return;
    const rest = l.due - clock.now();
    if (op.kind === 'replace_text' && l.waiting.length === 1 && rest > 0 && !op.sent) {
      schedule(l, rest);
      return;
    }
    l.waiting.shift();
    if (!op.sent && !replace(l, op)) {
      store.remove(op.op_id);
      on.dropped(op, null);
      pump(l);
      return;
    }
    if (!op.sent) Object.assign(op, { base_version: l.version, base_text: l.baseText });
    if (op.with) {
      if (!op.sent) op.with_base_version = lane(op.with).version;
      lane(op.with).held = op.op_id;
    }
    op.sent = true;
    l.inflight = op;
    store.put(op);
    say();
    send(wire(op), { keepalive }).then((answer) => settle(l, op, answer));
  }

  /** The place meant, in the text as it is saved now; false when the words beside it changed. */
  function replace(l, op) {
    if (op.stands_on === undefined || op.stands_on === l.baseText) return true;
    const at = samePlace(op.stands_on, l.baseText, op.at);
    if (at !== null) Object.assign(op, { at, stands_on: l.baseText });
    return at !== null;
  }

  const pumpAll = () => lanes.forEach((l) => pump(l));

  function settle(l, op, answer) {
    l.inflight = null;
    if (op.with) lane(op.with).held = null;
    if (answer.kind === 'unreachable' || answer.kind === 'login') return putOff(l, op, answer);
    reach.through();
    if (answer.kind === 'ok') accept(l, op, answer);
    else if (answer.kind === 'conflict') conflict(l, op, answer);
    else refuse(l, op, answer);
    if (op.with && lanes.has(op.with)) catchUp(lane(op.with));
    takeAside();
    say();
    pumpAll();
    return undefined;
  }

  function accept(l, op, answer) {
    store.remove(op.op_id);
    if (l.id === DOCUMENT || isShaping(op)) {
      on.saved(op, answer, false);
      if (answer.segments?.length) on.changed(answer.segments, op);
      return;
    }
    const kept = lastText(l.waiting) !== null;
    const own = op.base_version ? op.base_version + 1 : answer.segment.version;
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
    catchUp(l);
  }

  /** What came from elsewhere while an operation was under way. */
  function catchUp(l) {
    const { later, shape } = l;
    l.later = null;
    l.shape = null;
    if (shape) reshaped(shape);
    else if (later && later.version >= l.version) receive(later);
  }

  function conflict(l, op, answer) {
    store.remove(op.op_id);
    if (l.id === DOCUMENT) {
      on.dropped(op, answer.message);
      for (const segment of answer.segments ?? []) receive(segment);
      return;
    }
    if (l.shape || answer.segment?.removed || (answer.segment && answer.segment.id !== l.id)) {
      // The segment is not what it was; the text goes where its words are now.
      if (op.kind === 'replace_text' && !lastText(l.waiting)) {
        l.waiting.unshift({ ...op, op_id: newId(), sent: false });
        store.put(l.waiting[0]);
      } else if (op.kind !== 'replace_text') on.dropped(op, answer.message);
      if (l.shape) catchUp(l);
      else goOn(l, op, answer);
      return;
    }
    l.later = null;
    const next = settleConflict(l, op, answer, newId);
    for (const gone of next.forget) store.remove(gone.op_id);
    for (const kept of next.keep) store.put(kept);
    if (next.adopt) on.adopt(next.adopt);
    if (next.merged) on.merged(l.id, answer);
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
    reach.failed(answer);
    say();
  }

  function enqueue(l, fields) {
    stamp = Math.max(clock.now(), stamp + 1);
    const op = { op_id: newId(), segment: l.id, base_version: l.version, base_text: l.baseText,
      created: stamp, sent: false, ...fields };
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

  /**
   * Segments were split, merged or given to other speakers, here or elsewhere: the lanes become
   * those of the new segments, and what was typed into the old ones goes on there.
   */
  function reshaped(segments) {
    const origins = order(segments.map((s) => s.id)).filter((id) => lane(id).version > 0);
    const waits = origins.map(lane).find((l) => l.inflight || l.held || composing(l.id));
    if (waits) {
      waits.shape = segments;
      return;
    }
    const others = [...lanes.values()].filter((l) => !origins.includes(l.id));
    const what = reshape({ lane, origins, segments, others });
    for (const op of what.forget) store.remove(op.op_id);
    for (const op of what.keep) store.put(op);
    for (const id of what.removed) lanes.delete(id);
    what.texts.forEach((text, i) => {
      const l = lane(what.parts[i].id);
      if (text !== what.parts[i].text) {
        l.due = clock.now() + DEBOUNCE_MS;
        const op = enqueue(l, { kind: 'replace_text', text });
        l.waiting = [op, ...l.waiting.filter((w) => w !== op)];
      }
    });
    on.reshaped(what);
    pumpAll();
    say();
  }

  /** A segment is gone: what was typed there goes into the one that has its words now. */
  function goOn(l, op, { segment: heir, by, message }) {
    const mine = localText(l);
    const base = op.base_text ?? l.baseText;
    for (const w of l.waiting) store.remove(w.op_id);
    lanes.delete(l.id);
    on.gone(l.id, heir);
    if (mine === null || heir.removed) return;
    receive(heir);
    const next = lane(heir.id);
    const both = merge(base, mine, localText(next) ?? heir.text);
    if (both.clean || !isHead(next)) {
      api.edit(heir.id, both.text);
      on.merged(heir.id, { segment: heir, by });
    } else {
      next.problem = { kind: 'conflict', message, by: by ?? heir.edited_by ?? 'Someone', mine, base, theirs: heir,
        op: { ...op, op_id: newId(), segment: heir.id, base_text: base, text: mine, sent: false } };
      store.put(next.problem.op);
      on.problem(heir.id, next.problem);
    }
  }

  /** Operations of an earlier visit, or of a window that was closed, where nothing is in their way. */
  function takeAside() {
    const still = [];
    for (const op of aside) {
      const l = lane(op.segment ?? DOCUMENT);
      if (l.restoring || isHead(l)) {
        if (!l.waiting.length && op.kind !== 'undo') Object.assign(l, { version: op.base_version, baseText: op.base_text });
        l.restoring = true;
        l.waiting.push(op);
        on.restored?.(op);
      } else still.push(op);
    }
    for (const l of lanes.values()) l.restoring = false;
    aside = still;
  }

  const api = {
    status,
    receive,
    reshaped,
    /** An input method is done: what came meanwhile. */
    composed(id) { if (lanes.get(id)?.shape && !lanes.get(id).inflight) catchUp(lanes.get(id)); },
    ids: () => [...lanes.keys()].filter(Boolean),
    /** Text the user has and the server has not, or null. */
    localText: (id) => (lanes.has(id) ? localText(lanes.get(id)) : null),
    /** The text under what waits. */
    savedText: (id) => lane(id).baseText,
    problem: (id) => lanes.get(id)?.problem ?? null,
    isClean: (id) => !lanes.has(id) || isHead(lanes.get(id)),
    problems: () => [...lanes.values()].filter((l) => l.problem).map((l) => l.id),
    /** Ids of segments with work that is not saved. */
    unsaved: () => [...lanes.values()].filter((l) => l.id && !isHead(l)).map((l) => l.id),

    /** Operations left by an earlier visit or a closed window, oldest first. */
    restore(ops) {
      aside.push(...[...ops].sort((a, b) => a.created - b.created));
      takeAside();
      say();
    },

    start: pumpAll,

    /** The field still shows this version: what is typed next stands on it, not on a newer one. */
    standOn(id, segment) {
      Object.assign(lane(id), { version: segment.version, baseText: segment.text });
    },

    /** What the field of a segment holds now; caret: where it was typed. */
    edit(id, text, caret = null) {
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
      // Who types without a pause has an end of a word now and then: what is undone stays small.
      const long = open && !known && clock.now() - open.created > LONGEST_BURST_MS && /\s$/.test(text.slice(0, caret ?? text.length));
      l.due = long ? 0 : clock.now() + DEBOUNCE_MS;
      say();
      if (!l.inflight) schedule(l, long ? 0 : DEBOUNCE_MS);
    },

    confirm(id, items) { return api.act(id, { kind: 'confirm', items }); },

    /**
     * An operation other than typing, upon a segment or (null) the whole document. False when a
     * conflict, or what waits before it, must be settled first.
     */
    act(id, fields) {
      const l = lane(id ?? DOCUMENT);
      const other = fields.with ? lane(fields.with) : null;
      if (l.problem || other?.problem) return false;
      if (isShaping(fields) && inTheWay(l, other, fields)) return false;
      l.due = 0;
      if (other) other.due = 0;
      const place = fields.at === undefined ? {} : { stands_on: localText(l) ?? l.baseText };
      enqueue(l, { ...(id ? {} : { segment: null }), ...fields, ...place });
      if (!id) for (const each of lanes.values()) each.due = 0;
      pumpAll();
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
      reach.anew();
      say();
      pumpAll();
    },
  };
  return api;
}

const OURS = new Set(['base_text', 'stands_on', 'created', 'sent', 'again']);

/** The operation as the contract has it, without what only the queue needs. */
function wire(op) {
  const out = Object.entries(op).filter(([name]) => !OURS.has(name));
  return Object.fromEntries(op.segment ? out : out.filter(([name]) => name !== 'segment' && name !== 'base_version'));
}
