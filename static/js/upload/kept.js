// Where uploads that are under way go on, kept in the browser: also after the page was left.
const PREFIX = "countersign.upload.";
const DAY = 24 * 3600 * 1000; // ms; as long as the server keeps one that does not go on

/** By what a file is known again; not its name, which may tell of a patient. null: not at all. */
export async function nameOf(file) {
  if (!globalThis.crypto?.subtle) return null;
  const about = new TextEncoder().encode([file.name, file.size, file.lastModified].join("\n"));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", about));
  return PREFIX + Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Keeps the address of an upload, and drops those of uploads that are gone by now. */
export function keep(name, url, store = localStorage, now = Date.now()) {
  for (const key of Object.keys(store)) {
    if (key.startsWith(PREFIX) && find(key, store, now) === null) store.removeItem(key);
  }
  if (name) store.setItem(name, JSON.stringify({ url, at: now }));
}

/** The address to go on at, or null. */
export function find(name, store = localStorage, now = Date.now()) {
  const { url, at } = JSON.parse((name && store.getItem(name)) || "{}");
  return at > now - DAY ? url : null;
}

export function forget(name, store = localStorage) {
  if (name) store.removeItem(name);
}
