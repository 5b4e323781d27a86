/**
 * What the page knows: the state of the contract, and how messages change it. Pure; local work on
 * a text is the queue's, what is on the screen is the views'.
 */

/** Segments in reading order. */
const inOrder = (list) => [...list].sort((a, b) => a.start - b.start || a.position - b.position);

export function createSession(snapshot) {
  let state;
  let reviewSeq;
  let segments;

  const session = {
    get seq() { return state.seq; },
    get me() { return state.me; },
    get recording() { return state.recording; },
    get job() { return state.job; },
    get review() { return state.review; },
    get transcript() { return state.transcript ?? null; },
    get segments() { return segments; },
    get canEdit() { return Boolean(state.review?.can_edit); },
    segment: (id) => segments.find((s) => s.id === id) ?? null,

    advance(seq) { state.seq = seq; },

    /** A state fetched anew; false when it is older than what messages have told since. */
    replace(next) {
      if (state && next.seq < state.seq) return false;
      state = { ...next };
      reviewSeq = next.seq;
      segments = [...next.segments];
      return true;
    },

    setJob(job) { state.job = job; },

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

    /** Server's version of a segment; older ones are ignored. */
    put(segment) {
      const at = segments.findIndex((s) => s.id === segment.id);
      if (at < 0) segments = inOrder([...segments, segment]);
      else if (segment.version >= segments[at].version) segments[at] = segment;
    },

    /** Lines of the running job. */
    addLines(lines) {
      const fresh = new Map(lines.map((line) => [line.id, line]));
      const kept = segments.filter((s) => !fresh.has(s.id));
      segments = inOrder([...kept, ...fresh.values()]);
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
