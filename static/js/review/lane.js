/**
 * What is known about one segment between the page and the server, and the rules by which a
 * foreign or refused version is reconciled with local work. Pure; used by queue.js alone.
 */

/**
 * version/baseText: what local work stands on. waiting: operations not yet sent (or put back).
 * later: a foreign version that arrived while an operation was in flight. acceptedText: what was
 * last sent and taken, which the server may have written a little differently.
 * problem: {kind: 'conflict'|'refused', message, by, mine, base, theirs, op} until a person decides.
 */
export function createLane(id) {
  return { id, version: null, baseText: '', acceptedText: null, inflight: null, waiting: [],
    later: null, problem: null, due: 0, timer: null };
}

/** Last text operation of a list, or null. */
export function lastText(ops) {
  return ops.findLast((op) => op.kind === 'replace_text') ?? null;
}

/** Nothing local: the server's version is what the page shows. */
export function isHead(lane) {
  return !lane.inflight && !lane.waiting.length && !lane.problem;
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
  if (lane.inflight || lane.waiting.some((op) => op.sent)) {
    if (!lane.later || segment.version >= lane.later.version) lane.later = segment;
    return 'keep';
  }
  if (lane.waiting.length) {
    if (segment.version === lane.version) return 'flags';
    if (segment.text === lane.baseText) {
      lane.version = segment.version;
      return 'flags';
    }
    // Left on the old version on purpose: the server answers 409 and a person decides.
    return lastText(lane.waiting) ? 'keep' : take(lane, segment);
  }
  return take(lane, segment);
}

function take(lane, segment) {
  if (segment.text !== lane.baseText) lane.acceptedText = null;
  lane.version = segment.version;
  lane.baseText = segment.text;
  return 'adopt';
}

/**
 * After 409. Changes the lane and returns {forget, keep: operations for the store, adopt: segment
 * to show or null, dropped: true when the operation is void}.
 */
export function settleConflict(lane, op, { segment, by, message }, newId) {
  const rest = lane.waiting;
  const done = { forget: [], keep: [], adopt: null, dropped: false };
  const again = (fields) => {
    const next = { ...op, ...fields, op_id: newId(), base_version: segment.version,
      base_text: segment.text, sent: false };
    lane.waiting = [next, ...rest];
    done.keep.push(next);
  };

  if (op.kind === 'confirm') {
    const here = new Map(segment.items.map((item) => [item.id, item]));
    const open = new Set(segment.flags.filter((f) => f.state === 'open').flatMap((f) => f.items));
    const valid = segment.text === lane.baseText && op.items.every((id) => here.has(id));
    if (lastText(rest)) {
      // The typed text after it decides: it stands on the old version and will ask itself.
      done.dropped = !valid;
      if (valid) lane.version = segment.version;
      return done;
    }
    take(lane, segment);
    done.adopt = segment;
    if (!valid) done.dropped = true;
    else if (op.items.some((id) => open.has(id))) again({});
    return done;
  }

  const mine = lastText(rest)?.text ?? op.text;
  if (segment.text === mine) {
    done.forget = rest;
    lane.waiting = [];
    take(lane, segment);
    done.adopt = segment;
  } else if (segment.text === lane.baseText) {
    lane.version = segment.version;
    again({});
  } else {
    done.forget = rest;
    lane.waiting = [];
    lane.problem = { kind: 'conflict', message, by: by ?? segment.edited_by ?? 'Someone', mine,
      base: lane.baseText, theirs: segment,
      op: { ...op, op_id: newId(), text: mine, sent: false } };
  }
  return done;
}
