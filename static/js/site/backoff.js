// How long to wait before the next attempt at a connection.
const FIRST = 500;
const LONGEST = 15_000;

/**
 * Milliseconds before attempt `n` (0 is the first retry): doubles up to 15 s, with jitter so that
 * all screens of a practice do not come back in the same instant after a restart.
 */
export function backoff(n, random = Math.random) {
  const ceiling = Math.min(LONGEST, FIRST * 2 ** Math.min(n, 10));
  return Math.round(ceiling / 2 + (random() * ceiling) / 2);
}
