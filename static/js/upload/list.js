// The list of files on screen: one <li> per file, changed in place so that nothing loses the focus.
import { icon } from "../site/toast.js";
import { size, timeLeft } from "./format.js";

const MARKS = { done: "check-circle", failed: "error" };
const ACTS = {
  new: ["remove"],
  queued: ["cancel"],
  uploading: ["cancel"],
  checking: ["cancel"],
  done: ["watch"],
  failed: ["retry", "remove"],
  cancelled: ["retry", "remove"],
};

const shown = new WeakMap(); // row -> the item it shows; a changed item is another object

/** Brings `list` in line with `items`. `act(name, id)` is called for a pressed button. */
export function show(list, items, act) {
  const known = new Map([...list.children].map((row) => [row.dataset.id, row]));
  for (const item of items) {
    const row = known.get(item.id) ?? build(list, item, act);
    known.delete(item.id);
    if (shown.get(row) !== item) update(row, item);
    shown.set(row, item);
  }
  for (const row of known.values()) row.remove();
}

function build(list, item, act) {
  const row = document.getElementById("file-item").content.firstElementChild.cloneNode(true);
  row.dataset.id = item.id;
  row.querySelector(".file-name").textContent = item.file.name;
  row.querySelector(".file-size").textContent = size(item.file.size);
  row.querySelector("progress").setAttribute("aria-label", `Upload of ${item.file.name}`);
  for (const button of row.querySelectorAll("button[data-act]")) {
    const verb = button.textContent.trim() || "Remove";
    button.setAttribute("aria-label", `${verb} ${item.file.name}`);
    button.addEventListener("click", () => act(button.dataset.act, item.id));
  }
  list.append(row);
  return row;
}

function update(row, item) {
  const bar = row.querySelector("progress");
  const focused = row.contains(document.activeElement);
  if (row.dataset.status !== item.status) {
    row.dataset.status = item.status;
    const mark = item.status === "checking" ? spinner() : icon(MARKS[item.status] ?? "file-audio");
    row.querySelector(".file-mark").replaceChildren(mark);
    const acts = item.final ? ["remove"] : ACTS[item.status];
    for (const button of row.querySelectorAll("[data-act]")) button.hidden = !acts.includes(button.dataset.act);
    if (item.url) row.querySelector("[data-act=watch]").href = item.url;
    if (focused && !row.contains(document.activeElement)) row.querySelector("[data-act]:not([hidden])")?.focus();
  }
  bar.hidden = item.status !== "uploading";
  if (item.status === "uploading") bar.value = item.total ? item.sent / item.total : 0;
  row.querySelector(".file-state").textContent = sentence(item);
  row.querySelector(".file-remedy").textContent = item.status === "failed" ? (item.error?.remedy ?? "") : "";
}

function spinner() {
  const mark = document.createElement("span");
  mark.className = "spinner";
  return mark;
}

function sentence(item) {
  switch (item.status) {
    case "queued":
      return "Waiting for its turn";
    case "uploading": {
      const part = item.total ? item.sent / item.total : 0;
      if (item.stalled) return `The connection broke at ${Math.floor(part * 100)} %. It goes on from there by itself.`;
      const { sent, at } = item.first ?? { sent: 0, at: performance.now() };
      const left = timeLeft(item.sent - sent, item.total - sent, performance.now() - at);
      return `${Math.floor(part * 100)} %${left ? `, ${left}` : ""}`;
    }
    case "checking":
      return "Checking the recording…";
    case "done":
      return "Uploaded. Transcription has begun.";
    case "failed":
      return item.error?.message ?? "";
    case "cancelled":
      return "Cancelled";
    default:
      return "";
  }
}
