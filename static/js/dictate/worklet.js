// In the audio thread: the microphone's floats become frames of 16 kHz mono 16-bit samples.
import { RATE, Resampler, toPcm } from "./resample.js";

const FRAME = RATE / 5; // 0.2 s: more is not lost when the tab is killed

class Frames extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = new Resampler(sampleRate);
    this.frame = new Float32Array(FRAME);
    this.filled = 0;
    // A pause in the middle of a frame must not lose the end of a word.
    this.port.onmessage = ({ data }) => this.send(data);
  }

  process([input]) {
    if (!input.length) return true;
    for (const value of this.resampler.feed(mono(input))) {
      this.frame[this.filled] = value;
      this.filled += 1;
      if (this.filled === FRAME) this.send(null);
    }
    return true;
  }

  send(answers) {
    const pcm = toPcm(this.frame.subarray(0, this.filled));
    this.filled = 0;
    this.port.postMessage({ pcm: pcm.buffer, answers }, [pcm.buffer]);
  }
}

function mono(channels) {
  if (channels.length === 1) return channels[0];
  const mixed = new Float32Array(channels[0].length);
  for (const channel of channels) {
    for (let i = 0; i < mixed.length; i += 1) mixed[i] += channel[i] / channels.length;
  }
  return mixed;
}

registerProcessor("frames", Frames);
