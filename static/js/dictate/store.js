// Frames in this browser's IndexedDB until the server has them. Knows nothing of sockets.
const NAME = "countersign-dictation";
const FRAMES = "frames";

function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(FRAMES);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

const whole = (stream, from = 0) => IDBKeyRange.bound([stream, from], [stream, Infinity]);

/** The frames of one dictation; keys are [dictation, number]. */
export class Store {
  constructor(stream) {
    this.stream = stream;
    this.base = opened();
    this.base.catch(() => {}); // each use reports it
  }

  put(seq, pcm) {
    return this.#run("readwrite", (frames) => frames.put(pcm, [this.stream, seq]));
  }

  get(seq) {
    return this.#run("readonly", (frames) => frames.get([this.stream, seq]));
  }

  /** Forgets the frames before `seq`. */
  drop(seq) {
    return this.#run("readwrite", (frames) => frames.delete(IDBKeyRange.bound([this.stream, -1], [this.stream, seq - 1])));
  }

  clear() {
    return this.#run("readwrite", (frames) => frames.delete(whole(this.stream)));
  }

  /** All that is here, in order: [number, samples]. */
  async all() {
    const base = await this.base;
    const frames = base.transaction(FRAMES).objectStore(FRAMES);
    const [keys, values] = await Promise.all([
      done(frames.getAllKeys(whole(this.stream))),
      done(frames.getAll(whole(this.stream))),
    ]);
    return keys.map(([, seq], i) => [seq, values[i]]);
  }

  async #run(mode, act) {
    const base = await this.base;
    // Written is written: a killed tab or a crash must not take it back.
    const transaction = base.transaction(FRAMES, mode, mode === "readwrite" ? { durability: "strict" } : {});
    const request = act(transaction.objectStore(FRAMES));
    if (mode === "readonly") return done(request);
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
  }
}

/** Dictations with frames in this browser. @returns {Promise<string[]>} */
export async function dictationsHere() {
  const base = await opened();
  const keys = await done(base.transaction(FRAMES).objectStore(FRAMES).getAllKeys());
  return [...new Set(keys.map(([stream]) => stream))];
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
