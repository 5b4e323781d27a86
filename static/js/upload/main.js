// The upload page: files in, uploads out, two at a time. Values live in queue.js, the list in list.js.
import "../site/main.js";
import { interpret } from "./answer.js";
import { EXTENSIONS } from "./check.js";
import { clearErrors, showErrors } from "./fields.js";
import { recordings } from "./format.js";
import { show } from "./list.js";
import { add, change, halt, moved, queueNew, running, sendable, startable, tally } from "./queue.js";
import { send } from "./send.js";

const form = document.getElementById("upload");
const about = document.getElementById("about");
const list = document.getElementById("files");
const zone = document.getElementById("dropzone");
const input = form.querySelector("input[type=file]");
const start = document.getElementById("start");
const nextPatient = document.getElementById("next-patient");
const aborts = new Map();
let items = [];
let details = []; // the form's fields as they were when the button was pressed
let wrong = {}; // {field: sentences} the server found, shown once the fields are open again
let count = 0;

function render() {
  const n = tally(items);
  const busy = running(items);
  show(list, items, act);
  about.disabled = busy;
  document.getElementById("about-locked").hidden = !busy;
  zone.classList.toggle("has-files", items.length > 0);
  const toSend = items.filter(sendable).length;
  start.querySelector("span").textContent = buttonLabel(n.new, toSend);
  const hadFocus = document.activeElement === start;
  start.hidden = busy ? n.new === 0 : toSend === 0 && items.length > 0;
  if (hadFocus && start.hidden) list.querySelector("[data-act]:not([hidden])")?.focus();
  nextPatient.hidden = busy || n.done === 0;
  document.getElementById("upload-sum").textContent = summary(n);
}

function buttonLabel(fresh, toSend) {
  if (!toSend) return "Upload";
  return fresh ? `Upload ${recordings(toSend)}` : `Try ${recordings(toSend)} again`;
}

function summary(n) {
  const left = n.queued + n.uploading + n.checking;
  const parts = [];
  if (left) parts.push(`${recordings(left)} on the way`);
  if (n.done) parts.push(`${n.done} uploaded`);
  if (n.failed) parts.push(`${n.failed} not uploaded`);
  return parts.join(", ");
}

function say(text) {
  document.getElementById("upload-said").textContent = text;
}

function take(files) {
  if (!files.length) return;
  const before = items.length;
  const result = add(items, files, () => `f${(count += 1)}`);
  items = result.items;
  clearField("file");
  const added = items.length - before;
  say(`${recordings(added)} added.${result.doubles ? ` ${result.doubles} already in the list.` : ""}`);
  render();
}

function clearField(name) {
  for (const error of form.querySelectorAll(`[data-field="${name}"] .errorlist`)) error.remove();
}

function pump() {
  for (const id of startable(items)) begin(id);
  render();
}

function begin(id) {
  const { file } = items.find((item) => item.id === id);
  items = change(items, id, { status: "uploading", sent: 0, total: file.size, first: null, error: null, stalled: false });
  const token = () => form.querySelector("[name=csrfmiddlewaretoken]").value;
  const abort = send({ url: form.action, pieces: form.dataset.pieces, token, fields: details, file }, {
    progress: (sent, total) => {
      items = moved(items, id, sent, total, performance.now());
      render();
    },
    waiting: () => {
      if (items.find((item) => item.id === id).stalled) return;
      items = change(items, id, { status: "uploading", stalled: true });
      say(`${file.name}: the connection broke. It is tried again by itself.`);
      render();
    },
    sent: () => {
      items = change(items, id, { status: "checking" });
      render();
    },
    answer: (status, text) => finish(id, interpret(status, text)),
  });
  aborts.set(id, abort);
}

function finish(id, result) {
  aborts.delete(id);
  const { name } = items.find((item) => item.id === id).file;
  if (result.ok) {
    items = change(items, id, { status: "done", url: result.url });
    say(`${name}: uploaded. Transcription has begun.`);
  } else {
    items = change(items, id, { status: "failed", error: result.error, final: result.final });
    say(`${name}: ${result.error.message} ${result.error.remedy}`);
    // Wrong details are wrong for the whole batch; the rest waits for them to be put right.
    if (Object.keys(result.fields).length) {
      items = halt(items);
      wrong = result.fields;
    }
  }
  pump();
  if (!running(items)) showErrors(form, wrong);
}

function act(name, id) {
  if (name === "cancel") {
    aborts.get(id)?.();
    aborts.delete(id);
    items = change(items, id, { status: "cancelled" });
    say("Upload cancelled.");
  } else if (name === "retry") {
    if (!running(items) && !readDetails()) return;
    items = change(items, id, { status: "queued", error: null });
  } else if (name === "remove") {
    items = items.filter((item) => item.id !== id);
    document.getElementById("pick").focus();
  }
  pump();
}

function readDetails() {
  clearErrors(form);
  wrong = {};
  if (!form.reportValidity()) return false;
  details = [...new FormData(form)].filter(([name]) => name !== "file" && name !== "csrfmiddlewaretoken");
  return true;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!running(items) && !readDetails()) return;
  if (!items.some(sendable)) {
    showErrors(form, { file: ["Choose at least one recording."] });
    return;
  }
  items = queueNew(items);
  pump();
});

nextPatient.addEventListener("click", () => {
  items = [];
  for (const name of ["patient_name", "mrn", "birth_date"]) form.elements[name].value = "";
  clearErrors(form);
  render();
  form.elements.patient_name.focus();
});

input.addEventListener("change", () => {
  take([...input.files]);
  input.value = ""; // the same file can be chosen again after it was removed
});

// A conversation has several voices: suggest so, until somebody chooses for themselves.
let chosen = false;
form.elements.voices.addEventListener("change", () => { chosen = true; });
form.elements.type.addEventListener("change", () => {
  if (!chosen) form.elements.voices.value = form.elements.type.value === "CONVERSATION" ? "2" : "";
});

let depth = 0;
const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
addEventListener("dragenter", (event) => hasFiles(event) && zone.classList.toggle("is-over", (depth += 1) > 0));
addEventListener("dragleave", (event) => hasFiles(event) && zone.classList.toggle("is-over", (depth -= 1) > 0));
addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
addEventListener("drop", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault(); // dropped beside the box, a browser would otherwise open the file and lose the page
  depth = 0;
  zone.classList.remove("is-over");
  take([...event.dataTransfer.files]);
});

addEventListener("beforeunload", (event) => {
  if (running(items)) event.preventDefault();
});

form.classList.add("is-live");
input.multiple = true;
input.required = false;
input.accept = ["audio/*", ...EXTENSIONS.map((extension) => `.${extension}`)].join(",");
for (const id of ["drop-title", "pick"]) document.getElementById(id).hidden = false;
render();
