/** Two transcripts compared: what is said of them, and what is played of a differing place. Pure. */
import { plural } from '../review/format.js';

export const BEFORE = 0.6;
export const AFTER = 0.4;

/** Seconds of the recording [from, to] for a place's data-start and data-end. */
export function sliceOf({ start, end }) {
  const from = Math.max(0, Number(start) - BEFORE);
  return [from, Math.max(Number(end), from) + AFTER];
}

/** "412 of 430 words were heard alike." */
export function alikeText({ same, ours }) {
  return `${same} of ${plural(ours, 'word')} ${same === 1 ? 'was' : 'were'} heard alike.`;
}
