/**
 * What was played in this browser: stretches of seconds, and whether words lie inside them. Pure;
 * plays.js listens to the sound and reports. The server decides, by the same rule.
 */

export const AROUND = 1; // seconds before and behind words that count as heard
const SLACK = 0.35; // a browser tells its place a few times a second

/** Collects stretches as the sound moves. Times are seconds of the recording. */
export function createHeard({ duration }) {
  const kept = []; // {from, to, rate}, all that was played
  let owed = []; // not reported yet
  let open = null;

  const close = () => {
    if (open && open.to - open.from > 0.05) {
      kept.push(open);
      owed.push(open);
    }
    open = null;
  };

  return {
    /** The sound is at `at` and plays on. A jump ends the stretch. */
    at(at, rate) {
      if (open && (open.rate !== rate || at < open.to - 0.05 || at > open.to + 1.5 * rate)) close();
      open ??= { from: at, to: at, rate };
      open.to = Math.max(open.to, Math.min(at, duration || at));
    },
    /** The sound stopped, or was moved from `at`. */
    stop(at = null) {
      if (open && at !== null && at >= open.to && at <= open.to + 1.5) open.to = Math.min(at, duration || at);
      close();
    },
    /** Ends the stretch for a report and begins the next one where it ended. */
    cut() {
      const going = open && { from: open.to, to: open.to, rate: open.rate };
      close();
      open = going;
    },
    /** What is to be reported; once. */
    take() {
      const taken = owed;
      owed = [];
      return taken;
    },
    /** Puts back what could not be reported. */
    back(stretches) {
      owed = [...stretches, ...owed];
    },
    /** Whether start..end with a second on each side was played without a gap. */
    covers(start, end) {
      const last = Math.min(duration || Infinity, end + AROUND);
      let reached = Math.max(0, start - AROUND);
      const all = [...kept, ...(open ? [open] : [])].sort((a, b) => a.from - b.from);
      for (const one of all) {
        if (one.from > reached + SLACK) break;
        reached = Math.max(reached, one.to);
      }
      return reached >= last - SLACK;
    },
  };
}
