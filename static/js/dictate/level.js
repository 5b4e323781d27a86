// Pure: how loud the microphone is, and what to tell the speaker about it.
export const FLOOR = -60;
const QUIET = -50;
const QUIET_SECONDS = 4;
const CLIPPED = 32_700;
const CLIP_SECONDS = 3; // a warning stays so long after the last clipped frame

/** Loudness of 16-bit samples in dB below full scale, and how many are cut off at the top. */
export function measure(pcm) {
  let peak = 0;
  let clipped = 0;
  for (const sample of pcm) {
    const size = Math.abs(sample);
    if (size > peak) peak = size;
    if (size >= CLIPPED) clipped += 1;
  }
  const db = peak ? Math.max(FLOOR, 20 * Math.log10(peak / 32_768)) : FLOOR;
  return { db, clipped };
}

/** Follows the loudness and says "silent", "clipping" or "" after each frame. */
export class Watch {
  constructor() {
    this.quiet = 0;
    this.loud = 0;
  }

  hear({ db, clipped }, seconds) {
    this.quiet = db < QUIET ? this.quiet + seconds : 0;
    // One clipped sample is a knock on the table; several in a frame are a voice too loud.
    this.loud = clipped > 3 ? CLIP_SECONDS : Math.max(0, this.loud - seconds);
    if (this.loud > 0) return "clipping";
    return this.quiet >= QUIET_SECONDS ? "silent" : "";
  }
}

export const ADVICE = {
  silent: "No sound reaches this microphone. Is it muted, unplugged, or is another one meant?",
  clipping: "Too loud: the sound is cut off. Move away from the microphone, or turn its level down.",
  "": "",
};
