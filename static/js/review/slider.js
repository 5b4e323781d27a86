/**
 * The line of this review: how unsure a word must be to be shown as a mark, with what that comes
 * to while it is moved. Tells the server when it rests.
 */
import { el, slot } from './dom.js';
import { about, percent } from './format.js';
import { countOf } from './look.js';
import { paceText } from './pace.js';

const TOP = 0.99;
const REST_MS = 400;

/** "7 left of 212 · about 2 min"; without the time when nothing is left. */
export function lineText({ left, total }, estimate) {
  if (!total) return 'Nothing marked';
  return left ? `${left} left of ${total} · ${about(estimate.seconds)}` : `All ${total} checked`;
}

/** counter as in look.js; pace as in pace.js; on: {rest(below)}. Returns {show(review)}. */
export function createSlider({ counter, pace, on }) {
  const box = slot('look');
  const input = box.querySelector('input');
  const value = slot('look-value');
  const text = slot('look-text');
  const note = slot('look-note');
  const why = slot('look-why');
  let review = null;
  let resting = 0;
  let moving = false;

  function draw() {
    const below = Number(input.value) / 100;
    const counts = countOf(review, counter.under(below));
    const estimate = pace.estimate(counts.left);
    const line = lineText(counts, estimate);
    if (text.textContent !== line) text.textContent = line;
    value.textContent = percent(below);
    input.setAttribute('aria-valuetext', `${percent(below)}: ${line}`);
    const extra = counts.total - review.flags_total;
    note.textContent = extra > 0
      ? `${extra} of them ${extra === 1 ? 'is' : 'are'} for your own safety: ${extra === 1 ? 'it does' : 'they do'} not hold up signing.` : '';
    text.title = counts.left ? `${paceText(counts.left, estimate)}` : '';
    why.textContent = counts.left ? paceText(counts.left, estimate) : '';
    box.style.setProperty('--at', `${((input.value - input.min) / Math.max(1, input.max - input.min)) * 100}%`);
  }

  input.addEventListener('input', () => {
    moving = true;
    draw();
    clearTimeout(resting);
    resting = setTimeout(() => {
      moving = false;
      on.rest(Number(input.value) / 100);
    }, REST_MS);
  });

  return {
    /** After anything changed; null or signed hides it. */
    show(next, { ready }) {
      review = next;
      // Where the machine heard no word there is none to look at.
      box.hidden = !review || !ready || Boolean(review.signed) || !(review.flags_total + counter.under(1.01));
      if (box.hidden) return;
      input.min = String(Math.round(review.threshold * 100));
      input.max = String(Math.round(TOP * 100));
      input.disabled = !review.look_url || !review.can_edit;
      slot('look-floor').textContent = percent(review.threshold);
      if (!moving) input.value = String(Math.round(Math.max(review.look_below ?? 0, review.threshold) * 100));
      draw();
    },
  };
}
