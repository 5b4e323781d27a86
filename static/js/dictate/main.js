// The dictation page: puts microphone, outbox, socket and paper together. Sentences are in status.js.
import "../site/main.js";
import { clearErrors, showErrors } from "../upload/fields.js";
import { keepSocket } from "../site/socket.js";
import { isTyping, shortcutsOn } from "../site/shortcuts.js";
import { Capture } from "./capture.js";
import { measure, Watch } from "./level.js";
import { Outbox, packed } from "./outbox.js";
import { dictationsHere, Store } from "./store.js";
import { Paper } from "./text.js";
import { View } from "./view.js";

const RATE = 16_000;
const STALLED_MS = 1500;
const SILENT_MS = 5000; // a network can fail without a word: no answer for so long is no connection
const LONGEST = 4 * 3600;
const root = document.getElementById("dictate");
const page = JSON.parse(document.getElementById("dictate-page").textContent);
const token = () => root.querySelector("[name=csrfmiddlewaretoken]").value;
const form = document.getElementById("about");

const now = {
  phase: "ready", mic: "off", stalled: false, link: "none", unsent: 0, seconds: 0,
  live: page.full && !page.dictation ? "full" : "resting", warning: "", begun: Boolean(page.dictation), found: false,
};
let dictation = page.dictation;
let outbox = null;
let store = null;
let socket = null;
let before = 0; // seconds recorded before this page
let samples = 0; // recorded by this page
let lastFrame = 0;
let lastAnswer = 0;
let wantsEnd = false;
let askedEnd = false;
let wakeLock = null;
let restored = false;
let known = null; // a dictation from before: its numbers, once the server has answered
const pending = new Map(); // corrections made while there is no connection

const view = new View(root);
const watch = new Watch();
const paper = new Paper(view.slot("text"), {
  correct(line, text) {
    paper.change({ [line]: text === null ? null : { text } });
    if (!tell({ type: "correct", line, text })) pending.set(line, text);
  },
});
const capture = new Capture(root.dataset.worklet, {
  frame: onFrame,
  state(mic) {
    now.mic = mic;
    lastFrame = performance.now();
    if (mic !== "on") view.level(null);
    render();
  },
  devices: (list, current) => view.devices(list, current),
});

function render() {
  now.unsent = outbox?.unsent ?? 0;
  now.seconds = before + samples / RATE;
  now.storage = outbox?.failed ? "failed" : "";
  view.show(now);
}

function onFrame(pcm) {
  lastFrame = performance.now();
  if (now.stalled) now.stalled = false;
  const level = measure(pcm);
  now.warning = watch.hear(level, pcm.length / RATE);
  view.level(level);
  if (now.phase === "recording" && pcm.length) {
    if (!now.warning) dispatchEvent(new Event("countersign:active")); // who speaks is there
    outbox.push(pcm.buffer);
    samples += pcm.length;
    if (before + samples / RATE >= LONGEST) finish();
  }
  render();
}

// A microphone can fall silent for the browser without any event: no frames is the only sign.
setInterval(() => {
  const silent = now.mic === "on" && performance.now() - lastFrame > STALLED_MS;
  if (silent) capture.wake();
  if (silent !== now.stalled) {
    now.stalled = silent;
    if (silent) view.level(null);
  }
  if (outbox?.empty) lastAnswer = performance.now();
  if (now.link === "open" && performance.now() - lastAnswer > SILENT_MS) {
    onClosed("lost");
    reconnect();
  }
  render();
}, 500);

// The dictation and its connection

async function begin() {
  clearErrors(form);
  if (!form.reportValidity()) return false;
  let answer = null;
  try {
    answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-CSRFToken": token(), Accept: "application/json" } });
  } catch {
    return view.problem("The server does not answer.", "The dictation was not begun. Check the connection and try again.");
  }
  const said = await answer.json().catch(() => ({}));
  if (answer.status === 422) {
    showErrors(form, said.fields);
    return false;
  }
  if (answer.status !== 201) return view.problem("The dictation was not begun.", said.message ?? "Reload the page and try again.");
  dictation = said;
  now.begun = true;
  history.replaceState(null, "", dictation.url);
  view.begun(dictation);
  restored = true; // it begins empty: recording need not wait for the connection
  connect();
  return true;
}

/** Resolves with the server's first answer, which says where the numbers go on. */
function connect() {
  store = new Store(dictation.id);
  outbox = new Outbox({ store, send: (seq, pcm) => socket?.send(packed(seq, pcm)) ?? false });
  now.link = "connecting";
  const path = `${dictation.socket}?browser=${browserId()}`;
  return new Promise((resolve) => {
    socket = keepSocket(path, {
      async message(message) {
        await onMessage(message);
        if (message.type === "hello") resolve();
      },
      closed: onClosed,
    });
  });
}

function browserId() {
  const key = "countersign.browser";
  const id = localStorage.getItem(key) ?? crypto.randomUUID?.() ?? String(Math.random()).slice(2);
  localStorage.setItem(key, id);
  return id;
}

function tell(message) {
  return now.link === "open" && (socket?.send(JSON.stringify(message)) ?? false);
}

const HANDLERS = {
  async hello(message) {
    paper.replace(message.lines, message.changes);
    if (!restored) await restore(message);
    now.link = "open";
    outbox.connected(message.frames);
    for (const [line, text] of pending) tell({ type: "correct", line, text });
    pending.clear();
    if (now.phase === "finishing") endWhenSent();
  },
  kept(message) {
    outbox.acknowledged(message.frames);
    endWhenSent();
  },
  partial: (message) => paper.hear(message.id, message.items),
  final(message) {
    paper.add(message.line, message.changes, message.id);
    view.said(message.line.text);
  },
  corrected: (message) => paper.change(message.changes),
  live(message) {
    now.live = message.state;
    if (message.state !== "on") paper.hush();
  },
  refused: (message) => view.problem("The server refused this.", message.message),
  async finished(message) {
    socket.close();
    wantsEnd = false;
    now.phase = "finished";
    capture.close();
    if (outbox.empty) await store.clear().catch(() => {});
    location.assign(message.url ?? root.dataset.again ?? "/dictate/");
  },
};

async function onMessage(message) {
  lastAnswer = performance.now();
  await HANDLERS[message.type]?.(message);
  render();
}

function onClosed(reason) {
  now.link = reason;
  askedEnd = false;
  outbox?.lost();
  paper.hush();
  if (reason === "elsewhere" || reason === "gone") pause();
  render();
}

/** Sound that an earlier page left in this browser. */
async function restore({ frames, seconds, same_browser: same }) {
  restored = true;
  const left = await store.all().catch(() => []);
  if (!same) await store.clear().catch(() => {}); // other numbers now: it goes behind what is kept
  before += seconds;
  outbox.begin(frames);
  for (const [seq, pcm] of left) {
    if (same && seq < frames) continue;
    before += pcm.byteLength / 2 / RATE;
    outbox.push(pcm);
  }
  if (same) await store.drop(frames).catch(() => {});
  now.found = before > 0 && samples === 0;
}

// What the person does

async function record() {
  view.problem(null);
  if (now.mic !== "on" && !(await capture.open())) return;
  capture.wake();
  if (!dictation && !(await begin())) return;
  await known;
  now.phase = "recording";
  now.found = false;
  stayAwake();
  render();
}

async function pause() {
  if (now.phase !== "recording") return;
  await capture.flush();
  if (now.phase !== "recording") return;
  now.phase = "paused";
  wakeLock?.release().catch(() => {});
  tell({ type: "pause" });
  render();
}

function toggle() {
  if (now.phase === "recording") return pause();
  if (now.phase === "ready" || now.phase === "paused") return record();
}

async function finish() {
  if (now.phase === "recording") await capture.flush();
  now.phase = "finishing";
  wantsEnd = true;
  wakeLock?.release().catch(() => {});
  render();
  endWhenSent();
}

function endWhenSent() {
  if (!wantsEnd || askedEnd || now.link !== "open" || !outbox.empty) return;
  askedEnd = tell({ type: "end" });
}

async function discard() {
  await pause();
  const answer = await fetch(dictation.discard_url, { method: "POST", headers: { "X-CSRFToken": token() } }).catch(() => null);
  if (!answer?.ok) return view.problem("It was not discarded.", "The server does not answer. Try again.");
  socket?.close();
  now.phase = "finished";
  capture.close();
  await store?.clear().catch(() => {});
  location.assign((await answer.json()).url);
}

async function stayAwake() {
  try {
    wakeLock = await navigator.wakeLock?.request("screen");
  } catch { /* a battery saver may refuse; recording goes on */ }
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden || now.phase !== "recording") return;
  capture.wake();
  stayAwake();
});

addEventListener("beforeunload", (event) => {
  if (now.phase === "recording" || now.phase === "finishing" || (outbox && !outbox.empty) || pending.size) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  const letter = event.altKey && !event.ctrlKey && !event.metaKey && event.code === "KeyK";
  const space = event.key === " " && shortcutsOn() && !isTyping(event) && !event.target.closest?.("button, a, summary, dialog");
  if (!letter && !space) return;
  event.preventDefault();
  if (!event.repeat) toggle();
});

view.wire({
  record: toggle,
  finish,
  check: () => capture.open(),
  device: (id) => capture.choose(id),
  live: () => tell({ type: "live" }),
  solve: () => (now.link === "signed-out" || now.link === "elsewhere" ? reconnect() : capture.open()),
  discard,
});

function reconnect() {
  socket.close();
  if (now.link !== "lost") now.link = "connecting";
  socket = keepSocket(`${dictation.socket}?browser=${browserId()}`, { message: onMessage, closed: onClosed });
}

async function start() {
  view.ready();
  const granted = await navigator.permissions?.query({ name: "microphone" }).catch(() => null);
  if (granted?.state === "granted") capture.open();
  else if (granted?.state === "denied") { now.mic = "refused"; }
  else if (!navigator.mediaDevices) await capture.open();
  if (dictation) {
    view.begun(dictation);
    known = connect();
    render();
    await known;
    if (location.hash === "#finish") finish();
  } else {
    const here = await dictationsHere().catch(() => []);
    view.local(here);
  }
  render();
}

start();
