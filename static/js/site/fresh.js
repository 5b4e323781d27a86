/** Keeps a part of a page fresh: the region's data-url is asked for it, and what comes takes its place. */

/**
 * region: the element; said: where staleness is told, in the words of `stale`. held() is true while
 * nothing may move under a reader's hand; replaced(put) calls put() and does what goes around it, or answers false.
 * Returns the function that looks once.
 */
export function keepFresh({ region, said, stale, held, replaced, every }) {
  async function refresh() {
    if (document.hidden || held()) return;
    try {
      const answer = await fetch(region.dataset.url);
      if (answer.status === 401 || answer.status === 403) {
        location.reload(); // the server leads to the sign-in page
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const put = () => region.replaceChildren(...fresh.body.childNodes);
      if (replaced(put) !== false) said.textContent = "";
    } catch {
      said.textContent = stale;
    }
  }
  setInterval(refresh, every);
  document.addEventListener("visibilitychange", refresh);
  return refresh;
}
