/**
 * What the page knows: the state of the contract, and how messages change it. Pure; local work on
 * a text is the queue's, what is on the screen is the views'.
 */

import { withLooks } from './look.js';

/** Segments in reading order. */
const inOrder = (list) => [...list].sort((a, b) => a.start - b.start || a.position - b.position);

export function createSession(snapshot) {
  let state;
  let reviewSeq;
  let segments;
  let places; // id -> index in segments

  /** With the words between the two lines as marks. */
  const looked = (segment) => withLooks(segment, session.lines);

  function take(list) {
    segments = list.map(looked);
    places = new Map(list.map((s, i) => [s.id, i]));
  }

  const session = {
    get seq() { return state.seq; },
    get me() { return state.me; },
    get recording() { return state.recording; },
    get job() { return state.job; },
    get review() { return state.review; },
    get transcript() { return state.transcript ?? null; },
    get segments() { return segments; },
    get speakers() { return state.speakers ?? {}; },
    get editsTail() { return state.edits_tail ?? []; },
    /** Words under threshold are flagged; those from there to below are shown as marks. */
    get lines() {
      const threshold = state.review?.threshold ?? 0;
      return { threshold, below: state.review?.look_below ?? threshold };
    },
    get canEdit() { return Boolean(state.review?.can_edit); },
    /** While the job still runs, lines of its finished parts can be typed in already. */
    mayEdit: (segment) => (session.canEdit ? segment.version > 0
      : Boolean(segment.editable) || (state.review?.state === 'waiting' && segment.version > 0)),
    segment: (id) => segments[places.get(id)] ?? null,

    advance(seq) { state.seq = seq; },

    /** A state fetched anew; false when it is older than what messages have told since. */
    replace(next) {
      if (state && next.seq < state.seq) return false;
      state = { ...next };
      reviewSeq = next.seq;
      take(next.segments);
      return true;
    },

    setJob(job) { state.job = job; },

    /** Another line for words to look at, here and now. */
    setLook(below) {
      state.review = { ...state.review, look_below: below };
      take(segments);
    },

    setSpeakers(speakers) { if (speakers) state.speakers = speakers; },

    /**
     * A review counts when it is not older than the one shown. Messages may leave out what they
     * do not change (the ways on: a newer transcript, settings, details); that stays.
     */
    setReview(review, seq) {
      if (!review || seq < reviewSeq) return false;
      reviewSeq = seq;
      state.review = { ...state.review, ...review };
      return true;
    },

    /**
     * Server's version of a segment; older ones are ignored. True when segments came, went or
     * changed places.
     */
    put(told) {
      const segment = told.removed ? told : looked(told);
      const at = places.get(segment.id);
      if (at === undefined) {
        if (segment.removed) return false;
        take(inOrder([...segments, segment]));
        return true;
      }
      const old = segments[at];
      if (segment.version < old.version) return false;
      if (segment.removed) {
        take(segments.filter((s) => s !== old));
        return true;
      }
      segments[at] = segment;
      if (segment.start === old.start && segment.position === old.position) {
        return segment.speaker !== old.speaker || segment.end !== old.end;
      }
      take(inOrder(segments));
      return true;
    },

    /** Lines of the running job. */
    addLines(lines) {
      const fresh = new Map(lines.map((line) => [line.id, line]));
      const kept = segments.filter((s) => !fresh.has(s.id));
      take(inOrder([...kept, ...fresh.values()]));
    },

    /** Words confirmed here and not yet there: shown at once, corrected by the next version. */
    confirmHere(id, items) {
      const segment = session.segment(id);
      const flags = segment.flags.map((flag) => (
        flag.state === 'open' && flag.items.every((item) => items.includes(item))
          ? { ...flag, state: 'confirmed' } : flag));
      const next = { ...segment, flags };
      session.put(next);
      return next;
    },
  };
  session.replace(snapshot);
  return session;
}
