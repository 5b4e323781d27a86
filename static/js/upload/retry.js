// When a broken upload is tried again. No DOM, no network.
export const SILENCE = 30_000; // ms without a byte or an answer
export const LAST_TRY = 60; // in a row without a byte: half an hour

const PASSING = [0, 408, 409, 423, 502, 503, 504];

/** Whether the same may go well a little later; 0 is no answer at all. */
export function passing(status) {
  return PASSING.includes(status);
}

/** Milliseconds before try `n`, counted from 1: soon at first, then every half minute. */
export function pause(n) {
  return Math.min(30_000, 500 * 2 ** (n - 1));
}
