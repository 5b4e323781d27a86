// The files of a batch as plain values: which may start, what has become of each. No DOM, no network.
// A file goes new → queued → uploading → checking → done, or to failed or cancelled.
import { problem } from "./check.js";

export const AT_ONCE = 2;
const RUNNING = ["queued", "uploading", "checking"];

const same = (a, b) => a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;

/** Adds files that are not in the batch yet. @returns {{items: object[], doubles: number}} */
export function add(items, files, nextId) {
  const fresh = [];
  let doubles = 0;
  for (const file of files) {
    if ([...items, ...fresh].some((item) => item.status !== "cancelled" && same(item.file, file))) {
      doubles += 1;
      continue;
    }
    const error = problem(file);
    fresh.push({ id: nextId(), file, sent: 0, status: error ? "failed" : "new", error, final: Boolean(error) });
  }
  return { items: [...items, ...fresh], doubles };
}

/** The batch with `patch` laid over item `id`. */
export function change(items, id, patch) {
  return items.map((item) => (item.id === id ? { ...item, ...patch } : item));
}

/**
 * The batch after bytes of item `id` went out. `first` is where the moving began, to tell how long
 * the rest will take: an upload may go on in its middle.
 */
export function moved(items, id, sent, total, now) {
  const { first, stalled } = items.find((item) => item.id === id);
  const begins = first && !stalled ? first : { sent, at: now };
  return change(items, id, { status: "uploading", sent, total, first: begins, stalled: false });
}

/** Whether sending this file (again) makes sense once the button is pressed. */
export function sendable(item) {
  return item.status === "new" || (item.status === "failed" && !item.final);
}

/** Queues everything that waits for the button. */
export function queueNew(items) {
  return items.map((item) => (sendable(item) ? { ...item, status: "queued", error: null } : item));
}

/** Takes what has not begun back out of the queue: the details of the batch are wrong. */
export function halt(items) {
  return items.map((item) => (item.status === "queued" ? { ...item, status: "new" } : item));
}

/** The ids that may start now, in order. */
export function startable(items, atOnce = AT_ONCE) {
  const busy = items.filter((item) => item.status === "uploading" || item.status === "checking").length;
  return items
    .filter((item) => item.status === "queued")
    .slice(0, Math.max(0, atOnce - busy))
    .map((item) => item.id);
}

/** Whether something is under way: details are fixed, and leaving the page would break it off. */
export function running(items) {
  return items.some((item) => RUNNING.includes(item.status));
}

/** How many are in each state. */
export function tally(items) {
  const counts = { new: 0, queued: 0, uploading: 0, checking: 0, done: 0, failed: 0, cancelled: 0 };
  for (const item of items) counts[item.status] += 1;
  return counts;
}
