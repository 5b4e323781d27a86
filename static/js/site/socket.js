// A WebSocket that comes back by itself. Knows nothing of what is said over it.
import { backoff } from "./backoff.js";

const SIGNED_OUT = 4401;
const NOT_FOUND = 4404;

/**
 * Keeps a connection to `path` of this site. `on.message(object)`, `on.open(again)` and
 * `on.closed(reason)`, reason being "lost" (coming back), "signed-out" or "gone" (not coming back).
 * @returns {{close: () => void}}
 */
export function keepSocket(path, on) {
  let socket = null;
  let attempt = 0;
  let opened = false;
  let timer = 0;
  let finished = false;

  const connect = () => {
    clearTimeout(timer);
    const url = new URL(path, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    socket = new WebSocket(url);
    socket.addEventListener("open", () => {
      attempt = 0;
      on.open?.(opened);
      opened = true;
    });
    socket.addEventListener("message", (event) => on.message(JSON.parse(event.data)));
    socket.addEventListener("close", (event) => {
      if (finished) return;
      if (event.code === SIGNED_OUT || event.code === NOT_FOUND) {
        finished = true;
        on.closed?.(event.code === SIGNED_OUT ? "signed-out" : "gone");
        return;
      }
      on.closed?.("lost");
      timer = setTimeout(connect, backoff(attempt++));
    });
  };

  // A laptop that wakes up or finds its network again should not sit out the wait.
  const hurry = () => {
    if (!finished && socket?.readyState === WebSocket.CLOSED && !document.hidden) connect();
  };
  addEventListener("online", hurry);
  document.addEventListener("visibilitychange", hurry);

  connect();
  return {
    close() {
      finished = true;
      clearTimeout(timer);
      removeEventListener("online", hurry);
      document.removeEventListener("visibilitychange", hurry);
      socket?.close();
    },
  };
}
