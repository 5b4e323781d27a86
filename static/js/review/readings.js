/**
 * Other readings of a word and of a whole segment: which are worth offering, and what a key means
 * while those of a word are shown. Pure.
 */

/** Digits answer for the first readings only; a list is not made to be counted through. */
export const NUMBERED = 4;

const NUMBER_WORDS = new Set(('zero one two three four five six seven eight nine ten eleven twelve thirteen '
  + 'fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty '
  + 'ninety hundred thousand million half quarter third').split(' '));

/** Is a number among these texts? Then digits are what a person would type as the correction. */
export function hasFigure(texts) {
  return texts.some((text) => /\d/.test(text)
    || text.toLowerCase().split(/[\s-]+/).some((word) => NUMBER_WORDS.has(word)));
}

/**
 * Other readings of some items of a segment, best first: [{item, content, confidence}], without
 * what stands there already.
 */
export function wordReadings(items) {
  const found = [];
  for (const item of items) {
    for (const other of item.alternatives ?? []) {
      const known = other.content === item.content
        || found.some((f) => f.item === item.id && f.content === other.content);
      if (other.content && !known) {
        found.push({ item: item.id, content: other.content, confidence: other.confidence ?? null });
      }
    }
  }
  return found.sort((a, b) => (b.confidence ?? 0) - (a.confidence ?? 0));
}

/** Do digits take the readings of this word? Not where a number is in question: they are typed. */
export const takesDigits = (word, readings) => !hasFigure([word, ...readings.map((r) => r.content)]);

/** Readings of a whole segment that differ from the text as it stands. */
export function lineReadings(segment, text = segment.text) {
  return [...new Set(segment.alternatives ?? [])].filter((other) => other && other !== text);
}

/** What was said, where it is written differently: "fifteen milligrams", or "". */
export function saidOf(items) {
  return items.some((item) => item.spoken)
    ? items.map((item) => item.spoken ?? item.content).join(' ') : '';
}

/**
 * What a key that is nobody's choice does while `count` readings are shown; index is the chosen one or -1.
 * {take: index} | {move: index} | {close: true} | null (the key is the text's own).
 */
export function menuAct(event, { count, index }) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.isComposing || !count) return null;
  const { key } = event;
  if (key === 'Escape') return { close: true };
  if (key === 'ArrowDown') return { move: (index + 1) % count };
  if (key === 'ArrowUp') return { move: index <= 0 ? count - 1 : index - 1 };
  return key === 'Enter' && index >= 0 ? { take: index } : null;
}
