/** A newer transcript that is offered: what the page says about it. Pure. */
import { plural } from './format.js';

/** "12 of your changes can be carried over, 2 collide." or "" when nothing was changed. */
export function offerText({ edits, conflicts }) {
  if (!edits && !conflicts) return '';
  const collide = conflicts ? `${conflicts} ${conflicts === 1 ? 'collides' : 'collide'}` : '';
  if (!edits) return `${plural(conflicts, 'change')} of yours ${conflicts === 1 ? 'collides' : 'collide'} with it.`;
  const carried = `${edits} of your changes can be carried over`;
  return collide ? `${carried}, ${collide}.` : `${carried}.`;
}

/** What is lost by taking it without the changes. */
export function lossText({ edits, conflicts }) {
  const all = edits + conflicts;
  return `${all === 1 ? 'Your change' : `Your ${all} changes`} will not be in the new text.`;
}
