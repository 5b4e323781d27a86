// When a session that nobody uses ends, and what to do until then. The server decides; this only
// tells it of input, and asks. Clock, answers and consequences are passed in.
export const TELL_EVERY = 60_000;
const ASK_EVERY = 60_000;
const ASK_AT_THE_END = 10_000;
export const WARN_FROM = 120_000;

/**
 * `tell()` says that somebody is here, `ask()` only asks; both give {user, seconds}, or null when
 * nobody is signed in, and throw off line. `on`: warn(milliseconds), calm(), ended(), back(user).
 * Call `input` for each key, click or word, and `tick` every few seconds.
 */
export function createIdleClock({ seconds, now, tell, ask, on }) {
  let ends = now() + seconds * 1000;
  let heard = 0; // newest input
  let told = now();
  let asked = now();
  let ended = false;
  let warned = false;
  let busy = false;

  async function talk(how) {
    if (busy) return;
    busy = true;
    asked = now();
    if (how === tell) told = now();
    try {
      learn(await how());
    } catch {
      if (now() >= ends) finish(); // off line: what the server last said still holds
    } finally {
      busy = false;
    }
  }

  function learn(answer) {
    if (!answer || answer.seconds <= 0) {
      finish();
      return;
    }
    ends = now() + answer.seconds * 1000;
    if (ended) {
      ended = false;
      on.back(answer);
    }
  }

  function finish() {
    if (ended) return;
    ended = true;
    warned = false;
    on.ended();
  }

  return {
    input() {
      if (ended) return undefined;
      heard = now();
      return heard - told >= TELL_EVERY ? talk(tell) : undefined;
    },
    /** The person wants to stay. */
    stay: () => talk(tell),
    /** Something may have changed: the page is seen again, or a socket was closed. */
    look: () => talk(ask),
    async tick() {
      const left = ends - now();
      if (!ended && heard > told && now() - told >= TELL_EVERY) await talk(tell);
      else if (now() - asked >= (left <= WARN_FROM ? ASK_AT_THE_END : ASK_EVERY)) await talk(ask);
      if (ended) return;
      const rest = ends - now();
      if (rest <= 0) await talk(ask);
      else if (rest <= WARN_FROM) on.warn(rest);
      else if (warned) on.calm();
      warned = !ended && rest > 0 && rest <= WARN_FROM;
    },
  };
}
