// One file over the wire. XHR, because fetch tells nothing of the bytes sent.

/**
 * Sends `file` with the batch's fields. `on.progress(bytes, ofBytes)`, `on.sent()` when the server
 * has every byte, `on.answer(status, text)` at the end, status 0 when the connection broke.
 * @returns {() => void} breaks the upload off; `on.answer` is then not called
 */
export function send({ url, token, fields, file }, on) {
  const request = new XMLHttpRequest();
  const body = new FormData();
  for (const [name, value] of fields) body.append(name, value);
  body.append("file", file, file.name);
  let aborted = false;
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) on.progress(event.loaded, event.total);
  });
  request.upload.addEventListener("load", () => on.sent());
  request.addEventListener("load", () => on.answer(request.status, request.responseText));
  request.addEventListener("error", () => aborted || on.answer(0, ""));
  request.addEventListener("timeout", () => on.answer(0, ""));
  request.open("POST", url);
  request.setRequestHeader("X-CSRFToken", token);
  request.setRequestHeader("Accept", "application/json");
  request.send(body);
  return () => {
    aborted = true;
    request.abort();
  };
}
