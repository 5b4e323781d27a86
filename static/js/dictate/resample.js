// Pure: any sample rate to 16 kHz, and floats to 16-bit samples. Runs in the audio worklet and in Node.
export const RATE = 16_000;
const HALF_TAPS = 24;

/**
 * Turns blocks of floats at `from` Hz into floats at 16 kHz, keeping what it needs of the block
 * before. Upwards it interpolates; downwards a windowed sinc takes away what would fold back.
 */
export class Resampler {
  constructor(from) {
    this.step = from / RATE;
    this.width = this.step > 1 ? Math.ceil(HALF_TAPS * this.step) : 1;
    this.kept = new Float32Array(this.width); // silence before the first sample
    this.at = this.width; // place of the next output in `kept` and what comes after it
  }

  /** @param {Float32Array} block @returns {Float32Array} */
  feed(block) {
    if (this.step === 1) return block;
    const input = new Float32Array(this.kept.length + block.length);
    input.set(this.kept);
    input.set(block, this.kept.length);
    const out = [];
    while (this.at + this.width < input.length) {
      out.push(this.step > 1 ? this.filtered(input) : between(input, this.at));
      this.at += this.step;
    }
    const drop = Math.max(0, Math.floor(this.at) - this.width);
    this.kept = input.slice(drop);
    this.at -= drop;
    return Float32Array.from(out);
  }

  filtered(input) {
    const first = Math.ceil(this.at - this.width);
    const last = Math.floor(this.at + this.width);
    let sum = 0;
    let weights = 0;
    for (let i = first; i <= last; i += 1) {
      const x = (i - this.at) / this.step;
      const weight = sinc(x * 0.92) * (0.5 + 0.5 * Math.cos((Math.PI * (i - this.at)) / (this.width + 1)));
      sum += (input[i] ?? 0) * weight;
      weights += weight;
    }
    return sum / weights;
  }
}

function sinc(x) {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function between(input, at) {
  const i = Math.floor(at);
  return input[i] + (input[i + 1] - input[i]) * (at - i);
}

/** Floats in -1..1 as 16-bit samples; what lies outside is cut off. */
export function toPcm(floats) {
  const pcm = new Int16Array(floats.length);
  for (let i = 0; i < floats.length; i += 1) {
    const value = Math.max(-1, Math.min(1, floats[i]));
    pcm[i] = Math.round(value * (value < 0 ? 32_768 : 32_767));
  }
  return pcm;
}
