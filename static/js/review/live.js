/**
 * The connection that tells what happened elsewhere: WebSocket with reconnect, and the rule of
 * the sequence number. Socket and clock are passed in; what a message means is not decided here.
 */

const FIRST_MS = 800;
const LONGEST_MS = 20_000;
/** Close codes after which trying again makes no sense. */
const FINAL = new Map([[4401, 'login'], [4404, 'gone']]);

/** 'apply' | 'old' | 'gap' for a message that tells of numbers first..seq against the last known. */
export function judge(known, seq, first = seq) {
  if (seq <= known) return 'old';
  return first <= known + 1 ? 'apply' : 'gap';
}

/** Delay before attempt n (from 0): doubling, capped, with jitter so a crowd does not return at once. */
export function backoff(n, random = Math.random) {
  return Math.min(FIRST_MS * 2 ** n, LONGEST_MS) * (0.5 + random() / 2);
}

/**
 * on: {message(msg), refetch(), state('on'|'off'|'login'|'gone')}. known() is the page's number,
 * advance(seq) sets it. Messages without a number (presence) are always passed on.
 */
export function connect({ url, open, clock, random = Math.random, known, advance, on }) {
  let socket = null;
  let attempt = 0;
  let timer = null;
  let closed = false;

  function start() {
    timer = null;
    socket = open(url);
    socket.onmessage = (event) => receive(JSON.parse(event.data));
    socket.onclose = (event) => lost(event.code);
    socket.onopen = () => on.state('on');
  }

  function receive(message) {
    if (message.type === 'hello') {
      attempt = 0;
      if (message.seq !== known()) on.refetch();
      return;
    }
    if (typeof message.seq !== 'number') {
      on.message(message);
      return;
    }
    const verdict = judge(known(), message.seq, message.first);
    if (verdict === 'gap') on.refetch();
    if (verdict !== 'apply') return;
    advance(message.seq);
    on.message(message);
  }

  function lost(code) {
    socket = null;
    if (closed) return;
    if (FINAL.has(code)) {
      on.state(FINAL.get(code));
      return;
    }
    on.state('off');
    if (!timer) {
      timer = clock.setTimeout(start, backoff(attempt, random));
      attempt += 1;
    }
  }

  start();
  return {
    /** Sends a message; false when there is no connection. */
    say(message) {
      if (socket?.readyState !== 1) return false;
      socket.send(JSON.stringify(message));
      return true;
    },
    /** Try at once: the browser says it is on line again, or somebody logged in. */
    nudge() {
      if (socket || closed) return;
      clock.clearTimeout(timer);
      attempt = 0;
      start();
    },
    close() {
      closed = true;
      clock.clearTimeout(timer);
      socket?.close();
    },
  };
}
