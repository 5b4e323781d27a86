/**
 * The column of segments: which fields exist, the marked words in reading order, the word that is
 * spoken, and when the page scrolls. Saves nothing itself. Fields come and go with the window:
 * keep ids, not views.
 */
import { calm } from './dom.js';
import { createField } from './field.js';
import { kindOf, markAt, neighbour, openMarks } from './marks.js';
import { follow } from './text.js';
import { createTiming } from './timing.js';
import { voices } from './voices.js';
import { createWindow } from './window.js';

const MARGIN = 72; // px a word must keep from the edges before the page scrolls
const QUIET_MS = 3000; // after a key, playback does not move the page

/**
 * on: what createField reports, passed through, and shown(view) for a field that came onto the
 * page. read: {segment(id), text(id)}: what is known of segments, on the page or not.
 */
export function createTranscript({ list, scroller, channels, read, on }) {
  const views = new Map();
  const timing = createTiming([]);
  const marked = new WeakMap(); // segment -> {text, marks}; for those not on the page
  let speaking = new Map();
  let names = {};
  let lockedFor = () => true;
  let spoken = null; // {at, span} that is lit
  let lastKey = -Infinity;
  let following = false; // the word lit last was in view
  let pointed = null; // id of the segment whose mark is ringed
  let active = null; // id of the segment that had the caret last

  const handlers = {
    ...on,
    input: (view) => {
      lastKey = performance.now();
      on.input(view);
    },
    focus: (view) => {
      if (active && active !== view.segment.id) views.get(active)?.point(null);
      active = view.segment.id;
      on.focus(view);
    },
  };

  const pane = createWindow({
    list,
    scroller,
    pinned: () => [active, pointed, ...on.pinned()].filter(Boolean),
    lengthOf: (id) => read.text(id).length,
    make(id) {
      const view = createField(read.segment(id), { channels, on: handlers });
      views.set(id, view);
      place(view);
      on.shown(view);
      return view.node;
    },
    drop: (id) => views.delete(id),
  });

  function place(view) {
    const { id } = view.segment;
    view.setPlace({ number: pane.column.indexOf(id) + 1, of: pane.column.length,
      locked: lockedFor(read.segment(id)), voice: speaking.get(id), names });
  }

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
    const far = Math.abs(top - scroller.scrollTop) > box.height;
    scroller.scrollTo({ top, behavior: smooth && !far && !calm() ? 'smooth' : 'instant' });
    if (far) pane.render();
  }

  function need(id) {
    return pane.need(id) ? views.get(id) : null;
  }

  /** The caret goes to the segment above or below, to the column px `at` of its line. */
  function stepTo(view, step, at) {
    const id = pane.column.ids[pane.column.indexOf(view.segment.id) + step];
    const next = id && need(id);
    if (!next) return false;
    const offset = Number.isFinite(at) ? next.offsetAt(at, step > 0 ? 0 : -1) : at < 0 ? 0 : next.text.length;
    api.select(next, { from: offset, to: offset });
    return true;
  }

  /** Is the end of the text in view? */
  const atEnd = () => !list.lastElementChild
    || list.lastElementChild.getBoundingClientRect().bottom <= scroller.getBoundingClientRect().bottom + MARGIN / 2;

  /** Open marks of a segment, on the page or not. */
  function marksOf(id) {
    const view = views.get(id);
    if (view) return view.marks();
    const segment = read.segment(id);
    if (!segment?.flags.some((flag) => flag.state === 'open')) return [];
    const text = read.text(id);
    let known = marked.get(segment);
    if (known?.text !== text) {
      known = { text, marks: openMarks(segment, follow(segment.items, text).ranges) };
      marked.set(segment, known);
    }
    return known.marks;
  }

  function unlight() {
    spoken?.span?.classList.remove('is-spoken');
    const node = spoken && views.get(spoken.at.segment)?.node;
    node?.classList.remove('is-speaking');
    node?.removeAttribute('aria-current');
  }

  const api = {
    views,
    get order() { return pane.column.ids; },
    get active() { return views.get(active) ?? null; },
    view: (id) => views.get(id) ?? null,
    /** The view of a segment, put on the page if it was not; null when there is no such segment. */
    need,
    marksOf,

    /** Show these segments, reusing the fields that exist. fill(view, segment) updates those. */
    show(segments, { locked, fill, speakers = {} }) {
      const end = atEnd();
      lockedFor = locked;
      names = speakers;
      speaking = voices(segments, channels, speakers);
      timing.reset(segments);
      pane.reset(segments.map((s) => s.id));
      list.classList.toggle('has-speakers', speaking.size > 0);
      for (const [id, view] of [...views]) if (pane.column.indexOf(id) >= 0) fill(view, read.segment(id));
      pane.render();
      for (const view of views.values()) place(view);
      return end;
    },

    /** The server's version of one segment changed. */
    retime(segment) {
      timing.update(segment);
      if (!views.has(segment.id)) pane.column.forget(segment.id);
    },

    toEnd() {
      const last = pane.column.ids.at(-1);
      if (last) need(last)?.node.scrollIntoView({ block: 'nearest' });
    },

    /** The word at this moment of the sound is lit; its {segment, item} ids, or null in a pause. */
    speak(seconds, playing) {
      const at = timing.wordAt(seconds);
      const view = at && views.get(at.segment);
      const span = view?.spanOf(at.item) ?? null;
      if (at?.item === spoken?.at.item && at?.segment === spoken?.at.segment && span === spoken?.span) return at;
      const before = spoken;
      if (!at || !view || before?.at.segment !== at.segment) unlight();
      else before.span?.classList.remove('is-spoken');
      if (playing && at && before && before.at.segment !== at.segment) {
        following = Boolean(before.span?.isConnected) && inView(before.span.getBoundingClientRect());
      }
      spoken = at ? { at, span } : null;
      if (!span) return at;
      span.classList.add('is-spoken');
      if (before?.at.segment !== at.segment || !view.node.classList.contains('is-speaking')) {
        view.node.classList.add('is-speaking');
        view.node.setAttribute('aria-current', 'true');
        // The page follows a reader who is following: the word before was in view, and no one types.
        if (playing && following && performance.now() - lastKey > QUIET_MS) bring(span);
      }
      return at;
    },

    /** The open mark at the caret of a view, or null. */
    markHere(view) {
      const { from, to } = view.caret();
      return markAt(view.marks(), from, to);
    },

    /** Next (1) or previous (-1) open mark in the person's order, else from the caret; {mark, wrapped} or null. */
    neighbour(step) {
      const chosen = on.neighbour?.(step);
      if (chosen !== undefined) return chosen;
      const at = api.active ? api.active.caret() : null;
      return neighbour(pane.column.ids, marksOf, at, step);
    },

    /** Select a mark, bring it into view; returns its first and last item with times. */
    goTo(mark) {
      on.went?.(mark);
      if (pointed !== mark.segment) views.get(pointed)?.point(null);
      pointed = mark.segment;
      const view = need(mark.segment);
      view.point(mark.flag.id);
      api.select(view, mark, view.spanOf(mark.items[0]));
      const items = mark.items.map((id) => view.segment.items.find((item) => item.id === id));
      return { view, items };
    },

    /** Select {from, to} of a view and bring it, or one of its words, into view. */
    select(view, { from, to }, span = null) {
      view.select(from, to);
      // Rows that just came have guessed heights; a second look corrects it.
      bring(span ?? view.node);
      requestAnimationFrame(() => (span ?? view.node).isConnected && bring(span ?? view.node));
    },

    /** Times of open marks for the waveform. */
    openTimes() {
      const found = [];
      for (const id of pane.column.ids) {
        for (const mark of marksOf(id)) {
          const segment = read.segment(id);
          const item = segment.items.find((i) => i.id === mark.items[0]);
          found.push({ time: item?.start ?? segment.start, kind: kindOf(mark.flag.reason, item?.confidence) });
        }
      }
      return found;
    },
    bring,
    step: stepTo,
  };
  return api;
}
