/**
 * The column of segments: keeps the fields in order, moves between marked words, lights the word
 * that is spoken, and decides when the page scrolls. Saves nothing itself.
 */
import { calm } from './dom.js';
import { createField } from './field.js';
import { kindOf, markAt, neighbour } from './marks.js';
import { createTiming } from './timing.js';
import { voices } from './voices.js';

const MARGIN = 72; // px a word must keep from the edges before the page scrolls
const SHORT = 150; // this many segments get their words at once, the rest when they come near
const QUIET_MS = 3000; // after a key, playback does not move the page

/** on: what createField reports, passed through. */
export function createTranscript({ list, scroller, channels, on }) {
  const views = new Map();
  let order = [];
  const timing = createTiming([]);
  let spoken = null; // {span, view} that is lit
  let trail = null; // the last one lit, kept over pauses
  let lastKey = -Infinity;
  let pointed = null; // the view whose mark is ringed
  let active = null; // the view that had the caret last

  const handlers = {
    ...on,
    input: (view) => {
      lastKey = performance.now();
      on.input(view);
    },
    focus: (view) => {
      if (active && active !== view) active.point(null);
      active = view;
      on.focus(view);
    },
  };

  // The browser tells when it begins to lay out a segment it had skipped; one that does not tell
  // gets every word at once.
  const tells = 'ContentVisibilityAutoStateChangeEvent' in window;
  list.addEventListener('contentvisibilityautostatechange', ({ skipped, target }) => {
    if (!skipped) views.get(target.dataset?.segment)?.paint();
  }, true);
  window.addEventListener('beforeprint', () => views.forEach((view) => view.paint()));

  /** Is a rectangle comfortably in view? */
  const inView = (rect) => {
    const box = scroller.getBoundingClientRect();
    return rect.top >= box.top + MARGIN / 2 && rect.bottom <= box.bottom - MARGIN;
  };

  function bring(node, { smooth = true } = {}) {
    const rect = node.getBoundingClientRect();
    if (inView(rect)) return;
    const box = scroller.getBoundingClientRect();
    const top = scroller.scrollTop + rect.top - box.top - box.height * 0.38;
    const far = Math.abs(top - scroller.scrollTop) > box.height * 1.5;
    scroller.scrollTo({ top, behavior: smooth && !far && !calm() ? 'smooth' : 'instant' });
  }

  /** Is the end of the text in view? */
  const atEnd = () => !list.lastElementChild
    || list.lastElementChild.getBoundingClientRect().bottom <= scroller.getBoundingClientRect().bottom + MARGIN / 2;

  const api = {
    views,
    get order() { return order; },
    get active() { return active && views.get(active.segment.id) === active ? active : null; },
    view: (id) => views.get(id) ?? null,

    /** Show these segments, reusing the fields that exist. fill(view, segment) updates those. */
    show(segments, { lockedFor, fill }) {
      const follow = atEnd();
      const next = segments.map((s) => s.id);
      const keep = new Set(next);
      for (const [id, view] of views) {
        if (keep.has(id)) continue;
        view.node.remove();
        views.delete(id);
      }
      const speaking = voices(segments, channels);
      timing.reset(segments);
      let at = list.firstElementChild;
      segments.forEach((segment, i) => {
        let view = views.get(segment.id);
        if (view) {
          fill(view, segment);
          view.setPlace(i + 1, lockedFor(segment), speaking.get(segment.id));
        } else {
          view = createField(segment, { number: i + 1, channels, readOnly: lockedFor(segment),
            voice: speaking.get(segment.id), lazy: tells && i >= SHORT, on: handlers });
          views.set(segment.id, view);
          fill(view, segment);
        }
        if (view.node === at) at = at.nextElementSibling;
        else list.insertBefore(view.node, at);
      });
      order = next;
      list.classList.toggle('has-speakers', speaking.size > 0);
      spoken = null;
      return follow;
    },

    /** The server's version of one segment changed. */
    retime: (segment) => timing.update(segment),

    toEnd: () => list.lastElementChild?.scrollIntoView({ block: 'nearest' }),

    /** The word at this moment of the sound. */
    speak(seconds, playing) {
      const at = timing.wordAt(seconds);
      const view = at && views.get(at.segment);
      const span = view?.spanOf(at.item) ?? null;
      if (span === spoken?.span) return;
      const before = trail;
      spoken?.span.classList.remove('is-spoken');
      if (spoken && spoken.view !== view) spoken.view.node.classList.remove('is-speaking');
      spoken = span ? { span, view } : null;
      if (!span) return;
      trail = spoken;
      span.classList.add('is-spoken');
      view.node.classList.add('is-speaking');
      // The page follows a reader who is following: the word before was in view, and no one types.
      const quiet = performance.now() - lastKey > QUIET_MS;
      if (playing && quiet && before && before.view !== view && before.view.node.isConnected) {
        if (inView(before.span.getBoundingClientRect())) bring(span);
      }
    },

    /** The open mark at the caret of a view, or null. */
    markHere(view) {
      const { from, to } = view.caret();
      return markAt(view.marks(), from, to);
    },

    /** Next (1) or previous (-1) open mark from the caret; {mark, wrapped} or null. */
    neighbour(step) {
      const at = api.active ? api.active.caret() : null;
      return neighbour(order, (id) => views.get(id)?.marks() ?? [], at, step);
    },

    /** Select a mark, bring it into view; returns its first and last item with times. */
    goTo(mark) {
      const view = views.get(mark.segment);
      if (pointed !== view) pointed?.point(null);
      pointed = view;
      view.point(mark.flag.id);
      api.select(view, mark, view.spanOf(mark.items[0]));
      const items = mark.items.map((id) => view.segment.items.find((item) => item.id === id));
      return { view, items };
    },

    /** Select {from, to} of a view and bring it, or one of its words, into view. */
    select(view, { from, to }, span = null) {
      view.select(from, to);
      // A segment that was never drawn has an estimated height; a second look corrects it.
      bring(span ?? view.node);
      requestAnimationFrame(() => (span ?? view.node).isConnected && bring(span ?? view.node));
    },

    /** Times of open marks for the waveform. */
    openTimes() {
      const found = [];
      for (const view of views.values()) {
        for (const mark of view.marks()) {
          const item = view.segment.items.find((i) => i.id === mark.items[0]);
          found.push({ time: item.start ?? view.segment.start, critical: kindOf(mark.flag.reason) === 'critical' });
        }
      }
      return found;
    },
    bring,
  };
  return api;
}
