/**
 * Lanes of segments that were split, merged or given to other speakers: what was typed into the
 * old ones, and what waits for the server, goes on with the new ones. Pure; used by queue.js alone.
 */
import { localText, take } from './lane.js';
import { joined, spread } from './parts.js';

/**
 * lane(id) gives a lane (made when missing); origins: ids of those that were known before, as they
 * stood in the text; segments: all that the change touched, as the server has them now. Changes
 * the lanes; returns {parts, removed, texts: what each part should read, cuts, now, mine, starts:
 * where each origin began in `mine`, forget, keep: operations for the store}.
 */
export function reshape({ lane, origins, segments }) {
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
    const home = parts.find((s) => (op.items ? s.items.some((item) => op.items.includes(item.id)) : s.id === op.segment));
    if (!home) forget.push(op);
    else {
      op.segment = home.id;
      op.sent = false;
      lane(home.id).waiting.push(op);
      keep.push(op);
    }
  }
  return { parts, removed: segments.filter((s) => s.removed).map((s) => s.id), origins, starts, mine,
    now: out.now, cuts: out.cuts, texts: out.texts, forget, keep };
}
