/**
 * Lanes of segments that were split, merged or given to other speakers: what was typed into the
 * old ones, and what waits for the server, goes on with the new ones. Pure; used by queue.js alone.
 */
import { localText, take } from './lane.js';
import { joined, placeIn, samePlace, spread } from './parts.js';
import { moveCaret } from './text.js';

/**
 * lane(id) gives a lane (made when missing); origins: ids of those that were known before, as they
 * stood in the text; segments: all that the change touched, as the server has them now; others:
 * lanes that the change did not touch, where a merge with one of these may wait. Changes the
 * lanes; returns {parts, removed, texts: what each part should read, cuts, now, mine, starts:
 * where each origin began in `mine`, forget, keep: operations for the store}.
 */
export function reshape({ lane, origins, segments, others = [] }) {
  const parts = segments.filter((s) => !s.removed).sort((a, b) => a.start - b.start || a.position - b.position);
  const known = origins.map(lane);
  const base = joined(known.map((l) => l.baseText));
  let at = 0;
  const texts = known.map((l) => localText(l) ?? l.baseText);
  const starts = Object.fromEntries(known.map((l, i) => {
    const begin = at;
    at += texts[i].length + (texts[i] ? 1 : 0);
    return [l.id, begin];
  }));
  const mine = joined(texts);
  const out = spread(base, mine, parts.map((s) => s.text));
  /** Where a place of an origin's text is now: {part, offset}; null where its words changed. */
  const place = (id, offset, before = null) => {
    const i = origins.indexOf(id);
    if (i < 0) return null;
    const moved = before === null || before === texts[i] ? offset : samePlace(before, texts[i], offset);
    return moved === null ? null : placeIn(out.cuts, moveCaret(mine, out.now, starts[id] + moved), out.now);
  };
  const partOf = (found) => parts[found?.part] ?? null;
  const endOf = (id) => {
    const i = origins.indexOf(id);
    return i < 0 ? parts.find((s) => s.id === id) ?? null : partOf(place(id, Math.max(0, texts[i].length - 1)));
  };
  const forget = [];
  const keep = [];
  const homeless = [];
  for (const l of known) {
    for (const op of l.waiting) (op.kind === 'replace_text' ? forget : homeless).push(op);
    if (l.problem) forget.push(l.problem.op);
    l.waiting = [];
    l.problem = null;
    l.later = null;
  }
  for (const part of parts) take(lane(part.id), part);
  for (const op of homeless) {
    let home = parts.find((s) => (op.items ? s.items.some((item) => op.items.includes(item.id)) : s.id === op.segment));
    if (op.at !== undefined) {
      const found = place(op.segment, op.at, op.stands_on);
      home = partOf(found);
      const text = out.texts[found?.part];
      // At an end of its part: what it was to do is done.
      if (home && op.kind === 'split' && (found.offset <= 0 || found.offset >= text.length)) home = null;
      else if (home) Object.assign(op, { at: found.offset, stands_on: text });
    } else if (op.with) {
      home = partOf(place(op.segment, 0));
      const before = origins.includes(op.with) ? endOf(op.with) : { id: op.with };
      if (!before || before === home) home = null;
      else op.with = before.id;
    }
    if (!home) forget.push(op);
    else {
      op.segment = home.id;
      op.sent = false;
      lane(home.id).waiting.push(op);
      keep.push(op);
    }
  }
  for (const op of others.flatMap((l) => l.waiting)) {
    const before = origins.includes(op.with) && !op.sent && endOf(op.with);
    if (!before || before.id === op.with) continue;
    op.with = before.id;
    keep.push(op);
  }
  return { parts, removed: segments.filter((s) => s.removed).map((s) => s.id), origins, starts, mine,
    now: out.now, cuts: out.cuts, texts: out.texts, forget, keep };
}
