/**
 * The marked words of a transcript in reading order, and which one comes next. Pure: works on
 * segments of the contract and on the ranges that text.js gives.
 */

import { EVEN } from './look.js';

const REASONS = {
  look: 'Surer than your practice asks for, under the line of this review',
  low_confidence: 'The machine was unsure of this word',
  critical: 'A word that matters for safety',
  no_speech: 'Nobody was heard here',
  loop: 'The machine repeated itself here',
  unknown_word: 'Not in the dictionary',
};

/** How an open mark looks; a reason this page does not know is drawn like one that matters. */
const KINDS = { low_confidence: 'open', no_speech: 'silent', loop: 'loop', look: 'look' };
const GRAVITY = ['look', 'open', 'silent', 'loop', 'critical'];

/** Three bands of sureness: 'look', 'open', and 'low' where a word is more likely wrong than right. */
export function kindOf(reason, confidence = null) {
  const kind = KINDS[reason] ?? 'critical';
  return kind === 'open' && confidence !== null && confidence < EVEN ? 'low' : kind;
}
const gravity = (flag) => (flag ? GRAVITY.indexOf(kindOf(flag.reason)) : -1);

/** Flags in any other state say nothing about the word any more. */
const SHAPES = new Set(['open', 'confirmed', 'corrected']);

/** Kinds of the flags of these segments, whatever became of them: what the legend explains. */
export function kindsIn(segments) {
  const kinds = new Set();
  for (const segment of segments) for (const flag of segment.flags) kinds.add(kindOf(flag.reason));
  return kinds;
}

/** One sentence for a flag's reason, also for reasons this page does not know yet. */
export function reasonText(reason) {
  if (REASONS[reason]) return REASONS[reason];
  const words = String(reason || 'marked').replace(/_/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * State of each item as the page shows it: Map item id -> {shape, flag}. Shapes: 'open',
 * 'confirmed', 'corrected' (a flag says so), 'human' (typed by a person, never flagged).
 */
export function shapes(segment) {
  const found = new Map();
  for (const item of segment.items) {
    if (item.by === 'human' && item.type !== 'punctuation') {
      found.set(item.id, { shape: 'human', flag: null });
    }
  }
  for (const flag of segment.flags) {
    if (!SHAPES.has(flag.state)) continue;
    for (const id of flag.items) {
      // A word can carry two flags: what is still open stays visible, the graver of two first.
      const other = found.get(id);
      const under = other?.shape === 'open'
        && (flag.state !== 'open' || gravity(other.flag) >= gravity(flag));
      if (!under) found.set(id, { shape: flag.state, flag });
    }
  }
  return found;
}

/**
 * Open marks of one segment as [{segment, flag, items, from, to}] sorted by place in the text.
 * `ranges` is parallel to segment.items; marks whose every word was typed over are left out.
 */
export function openMarks(segment, ranges) {
  const place = new Map(segment.items.map((item, i) => [item.id, ranges[i]]));
  const marks = [];
  for (const flag of segment.flags) {
    if (flag.state !== 'open') continue;
    const spots = flag.items.map((id) => place.get(id)).filter(Boolean);
    if (!spots.length) continue;
    marks.push({
      segment: segment.id,
      flag,
      items: flag.items.filter((id) => place.get(id)),
      from: Math.min(...spots.map((s) => s.from)),
      to: Math.max(...spots.map((s) => s.to)),
    });
  }
  return marks.sort((a, b) => a.from - b.from || a.to - b.to);
}

/** The open mark under a caret or selection, or null. */
export function markAt(marks, from, to = from) {
  return marks.find((m) => (from === to ? m.from <= from && from <= m.to : m.from < to && from < m.to))
    ?? null;
}

/**
 * Next (step 1) or previous (step -1) open mark, going round at the ends.
 * order: segment ids in reading order; marksOf(id) -> openMarks; at: {segment, from, to} or null.
 * Returns {mark, wrapped} or null when nothing is open.
 */
export function neighbour(order, marksOf, at, step) {
  if (!order.length) return null;
  const here = at ? order.indexOf(at.segment) : -1;
  const begin = here >= 0 ? here : step > 0 ? 0 : order.length - 1;
  if (here >= 0) {
    const list = marksOf(at.segment);
    const mark = step > 0
      ? list.find((m) => m.from > at.from || (m.from === at.from && at.to < m.to))
      : list.filter((m) => m.from < at.from).pop();
    if (mark) return { mark, wrapped: false };
  }
  for (let i = here >= 0 ? 1 : 0; i <= order.length; i += 1) {
    const index = begin + step * i;
    const wrapped = index < 0 || index >= order.length;
    const list = marksOf(order[(index + order.length * 2) % order.length]);
    if (list.length) return { mark: step > 0 ? list[0] : list[list.length - 1], wrapped };
  }
  return null;
}
