// What the server's answer to an upload means for the person waiting. No DOM, no network.
const OTHERS = {
  0: ["The connection broke before the recording had arrived.", "Check the network, then press Retry."],
  403: ["The server did not accept this upload.", "Reload the page, sign in if asked, and try again."],
  408: ["The connection was too slow, and the upload was given up.", "Press Retry where the network is better."],
  413: ["The server does not accept a file of this size.", "Export it as MP3 or FLAC, or cut it into parts."],
  429: ["Too many uploads in a short time.", "Wait a minute, then press Retry."],
  507: ["The server has no room left for recordings.", "Tell whoever operates it; keep the file until then."],
};
const SIGNED_OUT = [
  "You have been signed out.",
  "Sign in again in another tab, then press Retry here. The file is still selected.",
];
const BROKEN = ["The server could not take the recording.", "Press Retry. If it fails again, keep the file and tell whoever operates the server."];

/**
 * @param {number} status HTTP status, 0 when there was none
 * @param {string} text the body
 * @returns {{ok: true, url: string} | {ok: false, error: {message: string, remedy: string},
 *   fields: Object<string, string[]>, final: boolean}} `final`: sending the same file again is no use
 */
export function interpret(status, text) {
  const body = parse(text);
  if (status === 201 && body?.recording?.url) return { ok: true, url: body.recording.url };
  if (status === 401 || (status === 200 && body === null)) return failure(SIGNED_OUT);
  if (body?.message) {
    const { file: _file, ...fields } = body.fields ?? {};
    const about = Object.keys(fields).length > 0;
    const message = _file && !about ? _file.join(" ") : body.message;
    return {
      ok: false,
      error: { message, remedy: body.remedy ?? "" },
      fields,
      final: status >= 400 && status < 500 && !about && ![403, 409, 429].includes(status) && body.error !== "incomplete",
    };
  }
  return failure(OTHERS[status] ?? BROKEN);
}

function failure([message, remedy]) {
  return { ok: false, error: { message, remedy }, fields: {}, final: false };
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
