// One file over the wire: in pieces by tus, then the form that makes it a
// recording. A broken line is tried again by itself, and a piece that was kept is not sent twice.
import * as tus from "tus-js-client/dist/tus.min.js";
import * as kept from "./kept.js";
import { LAST_TRY, passing, pause, SILENCE } from "./retry.js";

const PIECE = 2 * 1024 ** 2; // bytes; a server holds so many in memory, and nothing plain on its disk
const CHECKING = 15 * 60 * 1000; // ms in which four hours of sound are decoded

/**
 * Sends `file` with the batch's fields; `token()` is the form's token as it is now.
 * `on.progress(bytes, ofBytes)`, `on.waiting()` when the line broke and is tried again, `on.sent()`
 * when the server has every byte, `on.answer(status, text)` at the end, status 0 without connection.
 * @returns {() => void} breaks the upload off for good; `on.answer` is then not called
 */
export function send({ url, pieces, token, fields, file }, on) {
  let over = false;
  let tries = 0; // in a row, without a byte between them
  let most = 0;
  let timer = 0;
  let name = null; // by which the file is known again
  let asking = null; // what breaks the last request off

  const upload = new tus.Upload(file, {
    chunkSize: PIECE,
    retryDelays: null,
    storeFingerprintForResuming: false,
    onBeforeRequest(request) {
      request.setHeader("X-CSRFToken", token());
      request.setHeader("Accept", "application/json");
      listen();
    },
    onUploadUrlAvailable: () => kept.keep(name, upload.url),
    onProgress(sent, total) {
      if (sent > most) tries = 0;
      most = Math.max(most, sent);
      listen();
      on.progress(sent, total);
    },
    onSuccess: finish,
    onError: ({ originalResponse: answer }) => failed(answer?.getStatus() ?? 0, answer?.getBody() ?? ""),
  });

  function go() {
    if (over) return;
    // With an address to begin anew at, tus would do that whatever the server's trouble is.
    upload.options.endpoint = upload.url ? null : pieces;
    upload.start();
  }

  // A line on which nothing moves for a while is as good as broken.
  function listen() {
    clearTimeout(timer);
    timer = setTimeout(() => upload.abort().then(() => failed(0, "")), SILENCE);
  }

  function failed(status, text) {
    clearTimeout(timer);
    if (over) return;
    tries += 1;
    if (status === 404 && upload.url) {
      kept.forget(name); // it was removed: after a day, or since it is somebody else's
      upload.url = null;
      most = 0;
    } else if (!passing(status)) {
      return end(status, text);
    }
    if (tries > LAST_TRY) return end(status, text);
    on.waiting();
    timer = setTimeout(go, pause(tries));
  }

  async function finish() {
    clearTimeout(timer);
    if (over) return;
    on.sent();
    const body = new FormData();
    for (const [field, value] of fields) body.append(field, value);
    body.append("upload", upload.url.split("/").at(-1));
    body.append("file_name", file.name);
    const headers = { Accept: "application/json", "X-CSRFToken": token() };
    asking = new AbortController();
    const limit = setTimeout(() => asking.abort(), CHECKING);
    try {
      const answer = await fetch(url, { method: "POST", body, headers, signal: asking.signal });
      const text = await answer.text();
      if (passing(answer.status)) failed(answer.status, text);
      else end(answer.status, text);
    } catch {
      failed(0, "");
    } finally {
      clearTimeout(limit);
    }
  }

  function end(status, text) {
    stop();
    // Sent again, it is another recording, or has to come from its beginning.
    if (status === 201 || /"error": "(taken|incomplete)"/.test(text)) kept.forget(name);
    on.answer(status, text);
  }

  function stop() {
    over = true;
    clearTimeout(timer);
    removeEventListener("online", hurry);
  }

  // The line is back: no need to wait for the next try.
  function hurry() {
    if (!tries) return;
    clearTimeout(timer);
    upload.abort().then(go);
  }

  addEventListener("online", hurry);
  kept.nameOf(file).then((known) => {
    name = known;
    upload.url = kept.find(name);
    go();
  });
  return () => {
    stop();
    asking?.abort();
    kept.forget(name);
    upload.abort(true).catch(() => {}); // what the server does not hear it removes after a day
  };
}
