/**
 * How long the marked words that are left will take. Pure: the clock is given.
 *
 * Until five words have been decided on this page the estimate is the sound around each word (1 s
 * before, the word, 1 s behind) and as long again to decide. From then on it is the median of the
 * last twenty: from arriving at a word, or from the decision before, to deciding. Pauses longer
 * than a minute were something else and are left out.
 */

const FIRST_GUESS = 5; // seconds a word
const ENOUGH = 5;
const KEPT = 20;
const LONGEST = 60; // seconds

export function createPace({ now = () => performance.now() } = {}) {
  const taken = [];
  let since = null;

  const median = () => {
    const sorted = [...taken].sort((a, b) => a - b);
    return sorted[sorted.length >> 1];
  };

  return {
    /** A marked word was gone to. */
    began() { since = now(); },
    /** It was confirmed or corrected. */
    decided() {
      if (since === null) return;
      const seconds = (now() - since) / 1000;
      since = now();
      if (seconds > LONGEST) return;
      taken.push(Math.max(seconds, 0.5));
      if (taken.length > KEPT) taken.shift();
    },
    /** {seconds, each, known}: for `left` words; known is how many words it is measured on, or 0. */
    estimate(left) {
      const known = taken.length >= ENOUGH ? taken.length : 0;
      const each = known ? median() : FIRST_GUESS;
      return { seconds: left * each, each, known };
    },
  };
}

/** How the estimate is made, as the page says it. */
export function paceText(left, { each, known }) {
  const seconds = each < 10 ? each.toFixed(1) : String(Math.round(each));
  const words = `${left} ${left === 1 ? 'word' : 'words'} × ${seconds} s`;
  return known ? `${words}: the middle of your last ${known} marked words here.`
    : `${words}: the sound around a word and as long again to decide. After five words your own pace counts.`;
}
