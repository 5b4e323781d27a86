// Frames on their way: numbered, kept until they are acknowledged, sent in order within a window.
const WINDOW = 40; // frames under way at once, 8 s of sound
export const BYTES_A_SECOND = 32_000;

/**
 * `store` keeps frames beyond the life of the page: put(seq, pcm), get(seq), drop(below), all
 * returning promises. `send(seq, pcm)` returns false while there is no connection.
 */
export class Outbox {
  constructor({ store, send }) {
    Object.assign(this, { store, send });
    this.next = 0; // number of the next new frame
    this.kept = 0; // the server has all frames before this
    this.sent = 0; // all frames before this are under way
    this.bytes = new Map(); // sizes of frames that are not acknowledged
    this.fresh = new Map(); // the latest of them, so that they need not be read back
    this.stored = []; // of these, the ones that the store has
    this.open = false;
    this.pumping = false;
    this.failed = null;
  }

  /** Numbers a new frame and keeps it. */
  push(pcm) {
    const seq = this.next;
    this.next += 1;
    this.bytes.set(seq, pcm.byteLength);
    this.fresh.set(seq, pcm);
    this.store.put(seq, pcm).then(
      () => {
        this.stored.push(seq);
        if (this.stored.length > WINDOW) this.fresh.delete(this.stored.shift());
      },
      (error) => { this.failed = error; }, // it then stays in memory
    );
    this.pump();
  }

  /** Numbers go on from `kept`, the frames that the server has. */
  begin(kept) {
    this.next = this.kept = this.sent = kept;
  }

  /** The server answers: it has all frames before `kept`, and expects the next ones. */
  connected(kept) {
    this.open = true;
    this.next = Math.max(this.next, kept);
    this.sent = kept;
    this.acknowledged(kept);
  }

  lost() {
    this.open = false;
  }

  acknowledged(kept) {
    for (let seq = this.kept; seq < kept; seq += 1) {
      this.bytes.delete(seq);
      this.fresh.delete(seq);
    }
    if (kept > this.kept) this.store.drop(kept).catch(() => {});
    this.kept = Math.max(this.kept, kept);
    this.sent = Math.max(this.sent, this.kept);
    this.pump();
  }

  /** Seconds of sound that only this computer has. */
  get unsent() {
    let bytes = 0;
    for (const size of this.bytes.values()) bytes += size;
    return bytes / BYTES_A_SECOND;
  }

  get empty() {
    return this.bytes.size === 0;
  }

  async pump() {
    if (this.pumping) return;
    this.pumping = true;
    try {
      while (this.open && this.sent < this.next && this.sent < this.kept + WINDOW) {
        const seq = this.sent;
        const pcm = this.fresh.get(seq) ?? (await this.store.get(seq));
        if (!this.open || this.sent !== seq) continue; // a new connection begins elsewhere
        if (!pcm || !this.send(seq, pcm)) break;
        this.sent = seq + 1;
      }
    } finally {
      this.pumping = false;
    }
  }
}

/** A frame as it goes over the wire: its number, big-endian, then the samples. */
export function packed(seq, pcm) {
  const message = new Uint8Array(4 + pcm.byteLength);
  new DataView(message.buffer).setUint32(0, seq);
  message.set(new Uint8Array(pcm), 4);
  return message.buffer;
}
