// The microphone: asking for it, choosing it, and its frames. Knows nothing of recording.
import { RATE } from "./resample.js";

const CHOSEN = "countersign.microphone";
const NAMES = { NotAllowedError: "refused", SecurityError: "refused", NotFoundError: "absent", OverconstrainedError: "absent", NotReadableError: "busy", AbortError: "busy" };

/** One microphone at a time. `on.frame(Int16Array)`, `on.state(mic)`, `on.devices(list, current)`. */
export class Capture {
  constructor(worklet, on) {
    Object.assign(this, { worklet, on });
    this.state = "off";
    this.waiting = [];
    navigator.mediaDevices?.addEventListener("devicechange", () => this.#changed());
  }

  /** Turns the microphone on, once for all who ask meanwhile; resolves to whether it is. */
  open() {
    this.pending ??= this.#open(localStorage.getItem(CHOSEN)).finally(() => { this.pending = null; });
    return this.pending;
  }

  async #open(device) {
    if (!navigator.mediaDevices?.getUserMedia) return this.#become(isSecureContext ? "absent" : "insecure");
    this.close();
    this.#become("asking");
    try {
      this.stream = await this.#asked(device);
      await this.#listen();
    } catch (error) {
      this.close();
      return this.#become(NAMES[error.name] ?? "busy");
    }
    await this.#list();
    return this.#become("on");
  }

  async choose(device) {
    localStorage.setItem(CHOSEN, device);
    await this.pending;
    return this.open();
  }

  close() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.context?.close().catch(() => {});
    this.stream = this.context = this.node = null;
  }

  /** What the audio thread holds of a frame comes out now, as a frame of its own. */
  flush() {
    if (!this.node) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.node.port.postMessage("flush");
      setTimeout(resolve, 400); // an audio thread that hangs must not hold up the rest
    });
  }

  /** Browsers put the sound to rest when a page goes to the background or a call comes in. */
  wake() {
    if (this.context && this.context.state !== "running") this.context.resume().catch(() => {});
  }

  async #asked(device) {
    const audio = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: true };
    if (device) {
      try {
        return await navigator.mediaDevices.getUserMedia({ audio: { ...audio, deviceId: { exact: device } } });
      } catch (error) {
        if (error.name !== "OverconstrainedError" && error.name !== "NotFoundError") throw error;
      }
    }
    return navigator.mediaDevices.getUserMedia({ audio });
  }

  async #listen() {
    const [track] = this.stream.getAudioTracks();
    track.addEventListener("ended", () => this.state === "on" && this.#become("lost"));
    let source = null;
    try {
      this.context = new AudioContext({ sampleRate: RATE, latencyHint: "interactive" });
      source = this.context.createMediaStreamSource(this.stream);
    } catch { // Firefox joins no microphone to a context of another rate; the worklet converts
      this.context?.close();
      this.context = new AudioContext({ latencyHint: "interactive" });
      source = this.context.createMediaStreamSource(this.stream);
    }
    await this.context.audioWorklet.addModule(this.worklet);
    this.node = new AudioWorkletNode(this.context, "frames", { numberOfOutputs: 0 });
    this.node.port.onmessage = ({ data }) => {
      this.on.frame(new Int16Array(data.pcm));
      if (data.answers) this.waiting.splice(0).forEach((resolve) => resolve());
    };
    source.connect(this.node);
    this.wake();
  }

  async #list() {
    const all = await navigator.mediaDevices.enumerateDevices();
    const current = this.stream?.getAudioTracks()[0]?.getSettings().deviceId ?? "";
    this.on.devices(all.filter((device) => device.kind === "audioinput"), current);
  }

  async #changed() {
    if (["lost", "absent", "busy"].includes(this.state)) await this.open();
    else if (this.state === "on") await this.#list();
  }

  #become(state) {
    this.state = state;
    this.on.state(state);
    return state === "on";
  }
}
