// The dictation page's pure parts: nothing spoken is lost on the way, and what the page says is true.
import assert from "node:assert/strict";
import test from "node:test";
import { measure, Watch } from "../../../static/js/dictate/level.js";
import { correction, gap, joined, pieces, reading } from "../../../static/js/dictate/lines.js";
import { Outbox, packed } from "../../../static/js/dictate/outbox.js";
import { Resampler, toPcm } from "../../../static/js/dictate/resample.js";
import { clock, status, trouble } from "../../../static/js/dictate/status.js";

const pcm = (value = 1, size = 3200) => new Int16Array(size).fill(value).buffer;
const settled = () => new Promise((resolve) => setImmediate(resolve));

function outbox({ up = true } = {}) {
  const kept = new Map();
  const wire = { sent: [], up };
  const store = {
    put: async (seq, data) => void kept.set(seq, data),
    get: async (seq) => kept.get(seq),
    drop: async (below) => { for (const seq of [...kept.keys()]) if (seq < below) kept.delete(seq); },
  };
  const box = new Outbox({ store, send: (seq) => wire.up && wire.sent.push(seq) > 0 });
  return { box, kept, wire };
}

// On the way to the server

test("a frame stays in the browser until the server has it", async () => {
  const { box, kept } = outbox();
  box.connected(0);
  box.push(pcm());
  box.push(pcm());
  await settled();
  assert.equal(kept.size, 2);
  assert.ok(Math.abs(box.unsent - 0.4) < 1e-9);
  box.acknowledged(1);
  await settled();
  assert.deepEqual([...kept.keys()], [1]);
  box.acknowledged(2);
  assert.ok(box.empty);
});

test("after a lost connection it goes on from what the server has, frame by frame", async () => {
  const { box, wire } = outbox();
  box.connected(0);
  for (let i = 0; i < 3; i += 1) box.push(pcm());
  await settled();
  box.lost();
  for (let i = 0; i < 3; i += 1) box.push(pcm());
  await settled();
  assert.deepEqual(wire.sent, [0, 1, 2]);
  box.connected(1);
  await settled();
  assert.deepEqual(wire.sent, [0, 1, 2, 1, 2, 3, 4, 5]);
});

test("an hour without connection is not held in memory, and not sent at once", async () => {
  const { box, wire } = outbox();
  for (let i = 0; i < 200; i += 1) {
    box.push(pcm());
    await settled();
  }
  assert.equal(box.fresh.size, 40);
  box.connected(0);
  await settled();
  assert.equal(wire.sent.length, 40);
  for (let acknowledged = 1; acknowledged <= 200; acknowledged += 1) {
    box.acknowledged(acknowledged);
    await settled();
  }
  assert.deepEqual(wire.sent, [...Array(200).keys()]);
  assert.ok(box.empty);
});

test("a browser that stores nothing still sends, and says so", async () => {
  const { box, wire } = outbox();
  box.store.put = async () => { throw new Error("no room"); };
  box.connected(0);
  box.push(pcm());
  await settled();
  assert.deepEqual(wire.sent, [0]);
  assert.equal(box.failed.message, "no room");
});

test("a frame's number comes first, the largest byte in front", () => {
  const bytes = new Uint8Array(packed(258, Int16Array.of(1, -1).buffer));
  assert.deepEqual([...bytes], [0, 0, 1, 2, 1, 0, 255, 255]);
});

// Samples

function sine(rate, hertz, seconds) {
  return Float32Array.from({ length: rate * seconds }, (_, i) => Math.sin((2 * Math.PI * hertz * i) / rate));
}

function resampled(rate, wave) {
  const resampler = new Resampler(rate);
  const out = [];
  for (let at = 0; at < wave.length; at += 128) out.push(...resampler.feed(wave.subarray(at, at + 128)));
  return out;
}

const loudest = (samples) => Math.max(...samples.slice(800, -800).map(Math.abs));

for (const rate of [8_000, 16_000, 22_050, 44_100, 48_000]) {
  test(`at ${rate} Hz no time is lost and a voice keeps its loudness`, () => {
    const out = resampled(rate, sine(rate, 440, 1));
    assert.ok(Math.abs(out.length - 16_000) <= 50, String(out.length));
    assert.ok(Math.abs(loudest(out) - 1) < 0.03, String(loudest(out)));
  });
}

test("what 16 kHz can't hold does not fold back into the voice", () => {
  assert.ok(loudest(resampled(48_000, sine(48_000, 12_000, 1))) < 0.02);
});

test("what is too loud is cut off, not wrapped around", () => {
  assert.deepEqual([...toPcm(Float32Array.of(0, 2, -2))], [0, 32_767, -32_768]);
});

// Warnings

test("four seconds of silence are told; a short pause is not", () => {
  const watch = new Watch();
  const quiet = measure(new Int16Array(3200));
  for (let i = 0; i < 19; i += 1) assert.equal(watch.hear(quiet, 0.2), "");
  assert.equal(watch.hear(quiet, 0.2), "silent");
  assert.equal(watch.hear(measure(new Int16Array(3200).fill(8000)), 0.2), "");
});

test("a voice that is cut off is told, a single knock is not", () => {
  const watch = new Watch();
  const knock = new Int16Array(3200);
  knock[5] = 32_767;
  assert.equal(watch.hear(measure(knock), 0.2), "");
  assert.equal(watch.hear(measure(new Int16Array(3200).fill(-32_768)), 0.2), "clipping");
});

// What the page says

const now = (changes) => ({ phase: "recording", mic: "on", stalled: false, link: "open", unsent: 0, seconds: 5, ...changes });

for (const [name, changes] of Object.entries({
  "the microphone is gone": { mic: "lost" },
  "no sound arrives": { stalled: true },
  "the browser took it away": { mic: "refused" },
  "nobody has pressed record": { phase: "ready" },
})) {
  test(`it is not recording when ${name}`, () => {
    assert.equal(status(now(changes)).title, "Not recording");
  });
}

test("without connection it is still recording, and says where the sound is", () => {
  const said = status(now({ link: "lost", unsent: 61 }));
  assert.equal(said.title, "Recording");
  assert.match(said.detail, /1:01 min kept on this computer/);
});

test("a pause says that nothing is recorded", () => {
  assert.match(status(now({ phase: "paused" })).detail, /Not recording/);
});

test("every microphone that is not to be had comes with what to do", () => {
  for (const mic of ["refused", "absent", "insecure", "busy", "lost"]) assert.ok(trouble(mic).text.length > 20);
  assert.equal(trouble("on"), null);
});

test("hours stand before minutes", () => {
  assert.deepEqual([7.9, 754, 3723].map(clock), ["0:07", "12:34", "1:02:03"]);
});

// Lines

const line = { number: 3, text: "No fever.", starts: "", items: [] };

test("what was scratched is still to be seen, the command is not", () => {
  assert.deepEqual(reading(line, { text: "", was: "No fever." }), { text: "", gone: "No fever.", human: true });
  assert.equal(reading({ ...line, text: "Scratch that." }, { text: "", was: "Scratch that." }), null);
});

test("of two sentences the last one is gone", () => {
  const two = { ...line, text: "No fever. No cough." };
  const { text, gone } = reading(two, { text: "No fever.", was: "No fever. No cough." });
  assert.deepEqual([text, gone], ["No fever.", "No cough."]);
});

test("a line that is again as it was heard is no correction", () => {
  assert.equal(correction(line, " No  fever. "), null);
  assert.equal(correction(line, "Fever."), "Fever.");
});

test("doubtful words are marked, with their mark behind them", () => {
  const items = [{ content: "fever", low: true }, { content: ".", low: false }];
  assert.deepEqual(pieces("No fever.", items).filter((piece) => piece.low).map((piece) => piece.text), ["fever."]);
});

test("lines stand as they were dictated", () => {
  assert.equal(gap({ starts: "paragraph" }, "Plan", false), "paragraph");
  assert.equal(gap({ starts: "" }, ".", false), "");
  assert.equal(gap({ starts: "" }, "Plan", true), "");
  assert.equal(joined([{ type: "pronunciation", content: "No" }, { type: "pronunciation", content: "fever" }, { type: "punctuation", content: "." }]), "No fever.");
});
