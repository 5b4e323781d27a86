/**
 * The shelf on this computer: operations the server has not acknowledged, in IndexedDB. Each
 * belongs to one user, one recording and one window; a window that is closed leaves its own to the
 * next, and no two ever send the same one.
 */

const DATABASE = 'countersign';
const STORE = 'operations';
const PATIENCE_MS = 2000;

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

function open(factory) {
  const request = factory.open(DATABASE, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(STORE, { keyPath: 'op_id' }).createIndex('of', 'of');
  };
  return Promise.race([done(request), new Promise((_, no) => { setTimeout(() => no(new Error('blocked')), PATIENCE_MS); })]);
}

/**
 * window_: a name for this window, new at each visit. found(ops) is called with what others left,
 * at once and whenever a window of the same user and recording is closed. Returns {put, remove}:
 * a computer that stores nothing loses nothing as long as the page is open.
 */
export function createShelf({ user, recording, window_, found, factory = globalThis.indexedDB,
  locks = globalThis.navigator?.locks, Channel = globalThis.BroadcastChannel }) {
  const of = `${user}:${recording}`;
  const held = (name) => `countersign.window:${of}:${name}`;
  const watched = new Set([window_]);
  let database = null;
  let before = []; // what was asked for until the database was open
  let broken = false;

  function write(work) {
    if (broken) return;
    if (!database) {
      before.push(work);
      return;
    }
    try {
      const transaction = database.transaction(STORE, 'readwrite', { durability: 'strict' });
      work(transaction.objectStore(STORE));
      transaction.commit(); // now, not at the end of the task: the page may be going away
    } catch {
      /* no room, or closed from outside: the queue still holds the operation in memory */
    }
  }

  /** Rows of a window become ours, in one transaction; their operations. */
  async function take(name) {
    const transaction = database.transaction(STORE, 'readwrite');
    const store = transaction.objectStore(STORE);
    const rows = (await done(store.index('of').getAll(of))).filter((row) => row.window === name);
    for (const row of rows) store.put({ ...row, window: window_ });
    return rows.map((row) => row.op);
  }

  async function inherit(name) {
    const ops = await take(name).catch(() => []);
    if (ops.length) found(ops);
  }

  /** Takes over what a window leaves, when it is gone. */
  function watch(name) {
    if (watched.has(name)) return;
    watched.add(name);
    if (locks) locks.request(held(name), () => inherit(name)).catch(() => {});
    else inherit(name);
  }

  async function start() {
    if (locks) await new Promise((held_) => {
      locks.request(held(window_), () => {
        held_();
        return new Promise(() => {});
      }).catch(held_);
    });
    database = await open(factory);
    database.onversionchange = () => database.close();
    for (const work of before) write(work);
    before = [];
    const rows = await done(database.transaction(STORE).objectStore(STORE).index('of').getAll(of));
    for (const name of new Set(rows.map((row) => row.window))) watch(name);
    if (!locks || !Channel) return;
    const others = new Channel(`countersign.windows:${of}`);
    others.onmessage = ({ data }) => {
      watch(data.window);
      if (data.hello) others.postMessage({ window: window_ });
    };
    others.postMessage({ window: window_, hello: true });
  }

  return {
    started: start().catch(() => {
      broken = true;
      before = [];
    }),
    put(op) {
      const row = { op_id: op.op_id, of, window: window_, op: structuredClone(op) };
      write((store) => store.put(row));
    },
    remove: (opId) => write((store) => store.delete(opId)),
  };
}
