/** HTTP to the server. Turns answers into the few kinds the queue knows; decides nothing. */

const TIMEOUT_MS = 20_000;
const meta = (doc) => doc.querySelector('meta[name="csrf-token"]');
const whose = (doc) => JSON.parse(doc.getElementById('snapshot')?.textContent ?? '{}').me?.id;

async function send(url, body, { keepalive = false } = {}) {
  return fetch(url, {
    method: 'POST',
    credentials: 'same-origin',
    redirect: 'manual',
    keepalive,
    signal: keepalive ? undefined : AbortSignal.timeout(TIMEOUT_MS),
    headers: { 'Content-Type': 'application/json', 'X-CSRFToken': meta(document)?.content ?? '', Accept: 'application/json' },
    body: JSON.stringify(body ?? {}),
  });
}

/**
 * Logging in again (in another tab) makes the page's token stale: the page is asked for a new one.
 * 'ok', 'login' when nobody is logged in, 'other' when somebody else is.
 */
async function renew() {
  const response = await fetch(location.pathname, { credentials: 'same-origin', redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) return 'login';
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  if (!meta(page) || whose(page) !== whose(document)) return 'other';
  meta(document).content = meta(page).content;
  return 'ok';
}

/** A Response, or {login: sentence} when this user is not logged in any more. Throws off line. */
async function post(url, body, options) {
  const response = await send(url, body, options);
  // A redirect can only be the way to the login page.
  if (response.status === 401 || response.type === 'opaqueredirect') return { login: null };
  // The application refuses with a sentence in JSON; a stale token is refused before it is asked.
  if (response.status !== 403 || response.headers.get('Content-Type')?.includes('json')) return response;
  const state = await renew();
  if (state === 'ok') return send(url, body, options);
  return { login: state === 'other' ? 'Somebody else is signed in in this browser.' : null };
}

const json = (response) => response.json().catch(() => ({}));

/** Sends one operation; never throws. See queue.js for the answers. */
export async function sendOperation(url, op, options) {
  let response;
  try {
    response = await post(url, op, options);
  } catch {
    return { kind: 'unreachable' };
  }
  if (response.login !== undefined) return { kind: 'login', message: response.login };
  const body = await json(response);
  if (response.ok && (body.segment || body.segments)) return { kind: 'ok', ...body };
  if (response.status === 409 && body.error === 'conflict') return { kind: 'conflict', ...body };
  if (response.status >= 500 || response.status === 429 || response.status === 408 || response.ok) {
    return { kind: 'unreachable' };
  }
  return { kind: 'refused', message: body.message || `The server refused this change (${response.status}).` };
}

/** POST without an operation (retry, cancel, a newer transcript): {ok, body}. */
export async function act(url, content) {
  try {
    const response = await post(url, content);
    if (response.login !== undefined) return { ok: false, body: { message: 'Please sign in again.' } };
    const body = await json(response);
    return { ok: response.ok, body };
  } catch {
    return { ok: false, body: { message: 'The server cannot be reached. Please try again.' } };
  }
}

/** GET JSON, or {status} when it is not to be had. */
export async function get(url) {
  try {
    const response = await fetch(url, {
      credentials: 'same-origin',
      redirect: 'manual',
      headers: { Accept: 'application/json' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.type === 'opaqueredirect') return { status: 401 };
    return response.ok ? { status: 200, body: await response.json() } : { status: response.status };
  } catch {
    return { status: 0 };
  }
}
