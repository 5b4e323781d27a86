/**
 * Texts of segments that came out of others (split, merged, given to another speaker), together
 * with what somebody typed meanwhile into those they came from. Pure.
 */
import { merge } from './diff.js';
import { moveCaret, normalise } from './text.js';

export const joined = (texts) => texts.filter(Boolean).join(' ');

/**
 * base: joined text of the old segments as the server had it; mine: as typed since; texts: the
 * server's texts of the new ones in reading order. Returns {now, cuts, texts}: the whole with what
 * was typed, where in it each new segment ends, and the texts they should have.
 */
export function spread(base, mine, texts) {
  const whole = joined(texts);
  let now = mine;
  if (mine === base) now = whole;
  else if (whole !== base) now = merge(base, mine, whole).text;
  let end = 0;
  const cuts = texts.map((text) => {
    end += text.length + (text && end ? 1 : 0);
    return end >= whole.length ? now.length : moveCaret(whole, now, end);
  });
  return { now, cuts, texts: cuts.map((cut, i) => normalise(now.slice(i ? cuts[i - 1] : 0, cut))) };
}

/** Which new segment a place in the whole `now` belongs to, and where in it: {part, offset}. */
export function placeIn(cuts, at, now) {
  const found = cuts.findIndex((cut) => at < cut);
  const part = found < 0 ? cuts.length - 1 : found;
  const cut = part ? cuts[part - 1] : 0;
  return { part, offset: Math.max(0, at - cut - (part && now[cut] === ' ' ? 1 : 0)) };
}

/** Where between two words a place of an older text is now; null when the words beside it changed. */
export function samePlace(before, after, at) {
  const beside = (text, k) => [/\S*$/.exec(text.slice(0, k).trimEnd())[0], /^\S*/.exec(text.slice(k).trimStart())[0]].join(' ');
  const now = moveCaret(before, after, at);
  return beside(before, at) === beside(after, now) ? now : null;
}
