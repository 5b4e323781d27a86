/**
 * What is known about one segment between the page and the server, and the rules by which a
 * foreign or refused version is reconciled with local work. Pure; used by queue.js alone.
 */
import { merge } from './diff.js';
import { samePlace } from './parts.js';

/** Operations after which the words of a segment stand in other segments, or others in it. */
const SHAPING = new Set(['split', 'merge', 'speaker', 'blank']);
export const isShaping = (op) => SHAPING.has(op.kind);

/**
 * May this not wait behind what waits? Places and merges find their words again after what comes
 * first; another speaker is given to words that one sees, and nothing is done twice.
 */
export function inTheWay(lane, other, fields) {
  const before = [lane, other].flatMap((l) => (l ? [l.inflight, ...l.waiting] : [])).filter((op) => op && isShaping(op));
  if (fields.kind === 'speaker') return before.length > 0 || Boolean(lane.held);
  return before.some((op) => op.segment === lane.id && op.kind === fields.kind && op.at === fields.at
    && op.with === fields.with);
}

/**
 * version/baseText: what local work stands on. waiting: operations not yet sent (or put back).
 * later: a foreign version that arrived while an operation was in flight; shape: the same for a
 * change of several segments. acceptedText: what was last sent and taken, which the server may
 * have written a little differently. held: an operation of another lane that concerns this one.
 * problem: {kind: 'conflict'|'refused', message, by, mine, base, theirs, op} until a person decides.
 */
export function createLane(id) {
  return { id, version: null, baseText: '', acceptedText: null, inflight: null, waiting: [],
    later: null, shape: null, held: null, problem: null, due: 0, timer: null };
}

/** Last text operation of a list, or null. */
export function lastText(ops) {
  return ops.findLast((op) => op.kind === 'replace_text') ?? null;
}

/** Nothing local: the server's version is what the page shows. */
export function isHead(lane) {
  return !lane.inflight && !lane.waiting.length && !lane.problem && !lane.held;
}

export function localText(lane) {
  if (lane.problem) return lane.problem.mine;
  const op = lastText(lane.waiting) ?? (lane.inflight?.kind === 'replace_text' ? lane.inflight : null);
  return op ? op.text : null;
}

/**
 * A version from elsewhere. Returns 'adopt' (show it), 'flags' (text is ours, take its marks),
 * 'keep' (local work goes first), 'problem' (the conflict shown has moved on) or 'old'.
 */
export function takeRemote(lane, segment) {
  if (lane.problem) {
    if (lane.problem.theirs && segment.version <= lane.problem.theirs.version) return 'old';
    if (lane.problem.kind === 'refused') {
      lane.problem.theirs = segment;
      return 'keep';
    }
    lane.problem.theirs = segment;
    lane.problem.by = segment.edited_by ?? lane.problem.by;
    return 'problem';
  }
  if (lane.version !== null && segment.version < lane.version) return 'old';
  if (lane.inflight || lane.held || lane.waiting.some((op) => op.sent)) {
    if (!lane.later || segment.version >= lane.later.version) lane.later = segment;
    return 'keep';
  }
  if (lane.waiting.length) {
    if (segment.version === lane.version) return 'flags';
    if (segment.text === lane.baseText) {
      lane.version = segment.version;
      return 'flags';
    }
    // Left on the old version on purpose: the server answers 409 and the texts are merged.
    return lastText(lane.waiting) ? 'keep' : take(lane, segment);
  }
  return take(lane, segment);
}

export function take(lane, segment) {
  if (segment.text !== lane.baseText) lane.acceptedText = null;
  lane.version = segment.version;
  lane.baseText = segment.text;
  return 'adopt';
}

/**
 * After 409. Changes the lane and returns {forget, keep: operations for the store, adopt: segment
 * to show or null, dropped: true when the operation is void, merged: true when both texts were
 * joined without a doubt}.
 */
export function settleConflict(lane, op, { segment, by, message }, newId) {
  const rest = lane.waiting;
  const done = { forget: [], keep: [], adopt: null, dropped: false, merged: false };
  const again = (fields) => {
    const next = { ...op, ...fields, op_id: newId(), base_version: segment.version,
      base_text: segment.text, sent: false };
    lane.waiting = [next, ...rest];
    done.keep.push(next);
  };

  if (op.kind !== 'replace_text') {
    const next = standing(op, segment, lane);
    if (lastText(rest)) {
      // The typed text after it decides: it stands on the old version and will ask itself.
      done.dropped = !next;
      if (next) lane.version = segment.version;
      if (next && isShaping(op)) again(next);
      return done;
    }
    take(lane, segment);
    done.adopt = segment;
    if (!next) done.dropped = true;
    else if (!next.done) again(next);
    return done;
  }

  const mine = lastText(rest)?.text ?? op.text;
  const base = op.base_text ?? lane.baseText;
  const both = merge(base, mine, segment.text);
  if (segment.text === mine) {
    done.forget = rest;
    lane.waiting = [];
    take(lane, segment);
    done.adopt = segment;
  } else if (segment.text === base) {
    take(lane, segment);
    again({});
  } else if (both.clean) {
    // Other words than mine were changed: both changes stand.
    done.forget = rest.filter((w) => w.kind === 'replace_text');
    lane.waiting = rest.filter((w) => w.kind !== 'replace_text');
    take(lane, segment);
    const next = { ...op, text: both.text, op_id: newId(), base_version: segment.version,
      base_text: segment.text, sent: false };
    lane.waiting.unshift(next);
    done.keep.push(next);
    done.merged = true;
  } else {
    done.forget = rest;
    lane.waiting = [];
    lane.problem = { kind: 'conflict', message, by: by ?? segment.edited_by ?? 'Someone', mine, base,
      theirs: segment, op: { ...op, op_id: newId(), base_text: base, text: mine, sent: false } };
  }
  return done;
}

/** What an operation without a text becomes upon another version; null when it has no meaning there. */
function standing(op, segment, lane) {
  if (segment.removed) return null;
  const base = op.base_text ?? lane.baseText;
  if (op.items) {
    const here = new Set(segment.items.map((item) => item.id));
    if (segment.text !== base || !op.items.every((id) => here.has(id))) return null;
    if (op.kind !== 'confirm') return {};
    const open = new Set(segment.flags.filter((f) => f.state === 'open').flatMap((f) => f.items));
    return op.items.some((id) => open.has(id)) ? {} : { done: true };
  }
  if (op.at !== undefined) {
    const at = samePlace(base, segment.text, op.at);
    return at === null ? null : { at, stands_on: segment.text };
  }
  return segment.text === base ? {} : null;
}
