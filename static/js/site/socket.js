// A WebSocket that comes back by itself. Knows nothing of what is said over it.
import { backoff } from "./backoff.js";

const FINAL = { 4401: "signed-out", 4404: "gone", 4409: "elsewhere" };

/**
 * Keeps a connection to `path` of this site. `on.message(object)`, `on.open(again)` and
 * `on.closed(reason)`, reason being "lost" (coming back), or for good "signed-out", "gone" or
 * "elsewhere" (another page has taken its place). `send` returns whether there is a connection.
 * @returns {{send: (data: string | ArrayBuffer) => boolean, close: () => void}}
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
      if (event.code in FINAL) {
        finished = true;
        document.dispatchEvent(new Event("countersign:look"));
        on.closed?.(FINAL[event.code]);
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
    send(data) {
      if (socket?.readyState !== WebSocket.OPEN) return false;
      socket.send(data);
      return true;
    },
    close() {
      finished = true;
      clearTimeout(timer);
      removeEventListener("online", hurry);
      document.removeEventListener("visibilitychange", hurry);
      socket?.close();
    },
  };
}
