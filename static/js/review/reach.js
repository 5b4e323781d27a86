/**
 * Whether the server can be reached: attempts after a failure with growing pauses, an end of them,
 * and being signed out. Clock and chance are passed in.
 */

export const MAX_ATTEMPTS = 8;
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 30_000;

/** again() is called when it is time for the next attempt. */
export function createReach({ clock, random, again }) {
  let attempts = 0;
  let halted = null; // null | 'stalled' | 'login'
  let reason = null; // a sentence for 'login'
  let timer = null;

  return {
    /** 'stalled' | 'login' | 'offline' | null */
    get trouble() { return halted ?? (attempts > 0 ? 'offline' : null); },
    get reason() { return halted ? reason : null; },
    get halted() { return halted !== null; },
    /** The last attempt failed: one operation at a time tries the line. */
    get failing() { return attempts > 0; },
    get waiting() { return timer !== null; },

    through() { attempts = 0; },

    failed(answer) {
      attempts += 1;
      if (answer.kind === 'login') {
        halted = 'login';
        reason = answer.message ?? null;
      } else if (attempts >= MAX_ATTEMPTS) halted = 'stalled';
      else if (!timer) {
        const step = Math.min(FIRST_RETRY_MS * 2 ** (attempts - 1), LONGEST_RETRY_MS);
        timer = clock.setTimeout(() => {
          timer = null;
          again();
        }, step * (0.5 + random() / 2));
      }
    },

    /** Back on line, signed in again, or "Try again" pressed. */
    anew() {
      halted = null;
      if (attempts > 0) attempts = 1;
      clock.clearTimeout(timer);
      timer = null;
    },
  };
}
