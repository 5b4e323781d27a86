/**
 * Sums for the waveform: how close it can come, which stretches of it are still coarse, and who
 * speaks where. Pure; times in seconds, closeness in pixels a second.
 */

export const DETAIL_STEP = 1800; // seconds the server gives at once in full detail
const CLOSEST = 160;

/** Closeness after a step in (1) or out (-1); 0 is the whole recording in the width. */
export function nextZoom(now, direction, { duration, width }) {
  const fit = width / Math.max(duration, 1);
  const factor = duration > 3600 ? 4 : 2;
  if (direction < 0) {
    const wider = now / factor;
    return wider <= fit * 1.05 ? 0 : wider;
  }
  return Math.min((now || fit) * factor, Math.max(CLOSEST, fit));
}

/** Starts of the stretches seen between two times that are not in `had` (a Set of starts). */
export function missing(from, to, had, step = DETAIL_STEP) {
  const starts = [];
  for (let start = Math.floor(Math.max(from, 0) / step) * step; start < to; start += step) {
    if (!had.has(start)) starts.push(start);
  }
  return starts;
}

/** Peaks 0..1 at `rate` a second for the whole duration, from coarser ones. */
export function spread(peaks, perSecond, duration, rate) {
  const out = new Float32Array(Math.max(1, Math.ceil(duration * rate)));
  for (let i = 0; i < out.length; i += 1) {
    out[i] = (peaks[Math.min(peaks.length - 1, Math.floor((i / rate) * perSecond))] ?? 0) / 100;
  }
  return out;
}

/**
 * Stretches of the same voice: [{from, to, voice}] in order. who: Map segment id -> {voice}, as
 * voices.js gives it; segments of nobody known are left out.
 */
export function stretches(segments, who) {
  const found = [];
  for (const segment of segments) {
    const voice = who.get(segment.id)?.voice;
    if (voice === undefined) continue;
    const last = found.at(-1);
    if (last && last.voice === voice && segment.start - last.to < 2) last.to = Math.max(last.to, segment.end);
    else found.push({ from: segment.start, to: segment.end, voice });
  }
  return found;
}

/** A time as a place in a window [from, to] that is `width` wide. */
export const placeIn = (time, [from, to], width) => ((time - from) / (to - from)) * width;
