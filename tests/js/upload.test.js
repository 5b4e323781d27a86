// The batch of files on the upload page: what is refused at once, what may start, what an answer means.
import assert from "node:assert/strict";
import test from "node:test";
import { interpret } from "../../static/js/upload/answer.js";
import { MAX_BYTES, problem } from "../../static/js/upload/check.js";
import { recordings, size, timeLeft } from "../../static/js/upload/format.js";
import { find, forget, keep, nameOf } from "../../static/js/upload/kept.js";
import { LAST_TRY, passing, pause } from "../../static/js/upload/retry.js";
import { add, change, halt, moved, queueNew, running, startable, tally } from "../../static/js/upload/queue.js";

const file = (name, bytes = 1000, lastModified = 1) => ({ name, size: bytes, lastModified });
const ids = () => {
  let n = 0;
  return () => `f${(n += 1)}`;
};

test("2 GB is the limit, to the byte", () => {
  assert.equal(problem(file("a.wav", MAX_BYTES)), null);
  assert.match(problem(file("a.wav", MAX_BYTES + 1)).message, /larger than 2 GB/);
});

test("an empty file and a file that is no recording are told at once", () => {
  assert.match(problem(file("a.wav", 0)).message, /empty/);
  assert.match(problem(file("letter.DOCX")).message, /\.docx/);
  assert.equal(problem(file("VISIT.M4A")), null);
  assert.equal(problem(file("recording-without-ending")), null);
});

test("the same file twice is one file", () => {
  const next = ids();
  const first = add([], [file("a.wav"), file("a.wav")], next);
  assert.equal(first.items.length, 1);
  assert.equal(first.doubles, 1);
  assert.equal(add(first.items, [file("a.wav", 1000, 2)], next).items.length, 2);
});

test("a refused file never starts", () => {
  const { items } = add([], [file("a.wav", 0), file("b.wav")], ids());
  assert.deepEqual(startable(queueNew(items)), ["f2"]);
});

test("two at once, in order, a checking one counts", () => {
  let { items } = add([], ["a.wav", "b.wav", "c.wav", "d.wav"].map((name) => file(name)), ids());
  assert.deepEqual(startable(items), []);
  items = queueNew(items);
  assert.deepEqual(startable(items), ["f1", "f2"]);
  items = change(items, "f1", { status: "checking" });
  items = change(items, "f2", { status: "done" });
  assert.deepEqual(startable(items), ["f3"]);
  assert.equal(running(items), true);
  assert.deepEqual(tally(items), { new: 0, queued: 2, uploading: 0, checking: 1, done: 1, failed: 0, cancelled: 0 });
});

test("the button tries again what failed for a passing reason, never what is final", () => {
  let { items } = add([], [file("a.wav"), file("b.wav"), file("c.wav", 0)], ids());
  items = change(items, "f1", { status: "failed", error: { message: "M" }, final: false });
  items = change(items, "f2", { status: "failed", error: { message: "M" }, final: true });
  assert.deepEqual(startable(queueNew(items)), ["f1"]);
  assert.equal(queueNew(items)[0].error, null);
});

test("wrong details take the rest out of the queue", () => {
  let { items } = add([], [file("a.wav"), file("b.wav")], ids());
  items = halt(change(queueNew(items), "f1", { status: "failed" }));
  assert.equal(items[1].status, "new");
  assert.equal(running(items), false);
});

test("answers of the server", () => {
  const made = interpret(201, JSON.stringify({ recording: { id: "1", url: "/recordings/1/" } }));
  assert.deepEqual(made, { ok: true, url: "/recordings/1/" });

  const silent = interpret(422, JSON.stringify({ error: "silent", message: "Nothing.", remedy: "Again.", fields: {} }));
  assert.deepEqual(silent.error, { message: "Nothing.", remedy: "Again." });
  assert.equal(silent.final, true);

  const part = interpret(422, JSON.stringify({ error: "incomplete", message: "M", remedy: "R", fields: {} }));
  assert.equal(part.final, false, "it is sent again");

  const wrong = interpret(422, JSON.stringify({ error: "invalid", message: "M", remedy: "R", fields: { mrn: ["x"] } }));
  assert.deepEqual(wrong.fields, { mrn: ["x"] });
  assert.equal(wrong.final, false);

  const about = interpret(422, JSON.stringify({ error: "invalid", message: "M", remedy: "R", fields: { file: ["F."] } }));
  assert.equal(about.error.message, "F.");
  assert.deepEqual(about.fields, {});
});

test("a broken connection, a proxy and a sign-in page all get a sentence and a way on", () => {
  for (const [status, body] of [[0, ""], [413, "<html>"], [502, "<html>"], [500, ""], [403, "<html>"]]) {
    const result = interpret(status, body);
    assert.equal(result.ok, false);
    assert.ok(result.error.message.endsWith("."), String(status));
    assert.ok(result.error.remedy.endsWith("."), String(status));
    assert.equal(result.final, false);
  }
  assert.match(interpret(200, "<!doctype html><title>Sign in</title>").error.message, /signed out/);
});

test("a broken line is tried again for half an hour, an answer that stays the same is not", () => {
  for (const status of [0, 408, 409, 423, 502, 503, 504]) assert.equal(passing(status), true, String(status));
  for (const status of [201, 401, 403, 404, 413, 422, 429, 500]) assert.equal(passing(status), false, String(status));
  const all = Array.from({ length: LAST_TRY }, (_, n) => pause(n + 1));
  assert.ok(all[0] <= 500 && Math.max(...all) === 30_000);
  const minutes = all.reduce((a, b) => a + b) / 60_000;
  assert.ok(minutes > 25 && minutes < 30, String(minutes));
});

test("the time left is told from where an upload went on, and anew after a break", () => {
  let items = change(add([], [file("a.wav", 100)], ids()).items, "f1", { first: null });
  items = moved(items, "f1", 60, 100, 1000);
  assert.deepEqual(items[0].first, { sent: 60, at: 1000 });
  items = moved(items, "f1", 70, 100, 2000);
  assert.deepEqual(items[0].first, { sent: 60, at: 1000 });
  items = moved(change(items, "f1", { stalled: true }), "f1", 64, 100, 9000);
  assert.deepEqual(items[0].first, { sent: 64, at: 9000 });
  assert.equal(items[0].stalled, false);
});

class Store {
  getItem(key) {
    return this[key] ?? null;
  }
  setItem(key, value) {
    this[key] = value;
  }
  removeItem(key) {
    delete this[key];
  }
}

test("an upload is found again for a day, by what tells of nobody", async () => {
  const store = new Store();
  const day = 24 * 3600 * 1000;
  const name = await nameOf(file("Paula Probe.wav"));
  assert.notEqual(name, await nameOf(file("Paula Probe.wav", 1001)));
  keep(name, "/uploads/1", store, 0);
  assert.equal(find(name, store, day - 1), "/uploads/1");
  assert.equal(find(name, store, day), null);
  assert.doesNotMatch(JSON.stringify(store), /Paula/);
  keep(await nameOf(file("b.wav")), "/uploads/2", store, day);
  assert.deepEqual(Object.values(store).map((kept) => JSON.parse(kept).url), ["/uploads/2"]);
  forget(await nameOf(file("b.wav")), store);
  assert.equal(find(name, store, 0) ?? null, null);
});

test("sizes and times as people read them", () => {
  assert.equal(size(0), "0 bytes");
  assert.equal(size(1), "1 byte");
  assert.equal(size(1536), "1.5 KB");
  assert.equal(size(150 * 1024 ** 2), "150 MB");
  assert.equal(size(2 * 1024 ** 3), "2.0 GB");
  assert.equal(timeLeft(10, 100, 500), "");
  assert.equal(timeLeft(95, 100, 10_000), "a few seconds left");
  assert.equal(timeLeft(50, 100, 40_000), "about 40 seconds left");
  assert.equal(timeLeft(10, 100, 60_000), "about 9 minutes left");
  assert.equal(recordings(1), "1 recording");
});
