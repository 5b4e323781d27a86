/**
 * Who else is here, and where: told to the others at most twice a second, shown at the segments.
 * Somebody typing in the same segment is a warning, never a lock.
 */
const PACE_MS = 600;
const TYPING_MS = 4000; // after the last key one is no longer typing
const AGAIN_MS = 3000; // who still types says so again; the server lets go after eight seconds

/** say(message) sends, false off line; announce(text) to screen readers; clock as in queue.js. */
export function createPresence({ me, transcript, say, announce, clock = { setTimeout: (f, ms) => setTimeout(f, ms), clearTimeout: (t) => clearTimeout(t) } }) {
  let people = [];
  let here = { segment: null, editing: false };
  let told = null;
  let timer = null;
  let quiet = null;
  let still = null;
  let warned = null;

  function tell() {
    timer = null;
    const now = JSON.stringify(here);
    if (now === told) return;
    if (say({ type: 'here', ...here })) told = now;
    clock.clearTimeout(still);
    still = here.editing ? clock.setTimeout(() => { told = ''; tell(); }, AGAIN_MS) : null;
  }

  function be(next) {
    here = { ...here, ...next };
    timer ??= clock.setTimeout(tell, told === null ? 0 : PACE_MS);
  }

  const others = () => people.filter((p) => String(p.id) !== String(me.id) && p.segment);

  function show(view) {
    const there = others().filter((p) => p.segment === view.segment.id);
    view.visit(there.find((p) => p.editing) ?? there[0] ?? null);
  }

  function warn() {
    const other = here.segment && others().find((p) => p.segment === here.segment && p.editing);
    const key = other ? `${other.id} ${here.segment}` : null;
    if (key && key !== warned) announce(`${other.name} is typing in this segment too`);
    warned = key;
  }

  return {
    show,
    /** The caret went to a segment, or (null) left the text. */
    at(segment) {
      be({ segment, editing: segment === here.segment && here.editing });
      warn();
    },
    typing(segment) {
      be({ segment, editing: true });
      clock.clearTimeout(quiet);
      quiet = clock.setTimeout(() => be({ editing: false }), TYPING_MS);
    },
    /** The list of people as the server tells it. */
    people(list) {
      people = list;
      transcript.views.forEach(show);
      warn();
    },
    /** A new connection knows nothing yet. */
    again() {
      told = null;
      if (here.segment) be({});
    },
  };
}
