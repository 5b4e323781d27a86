// Search, filters and pages of the worklist without a new page. A search is posted, never put into an
// address; it stays in this tab's history entry, so that coming back from a recording finds it again.
import { applyRows } from "./rows.js";

const SWAPPED = ["worklist-filters", "worklist-empty", "worklist-pages"];

/** What is searched for now: {q, page}. */
export function current() {
  const page = document.getElementById("worklist-pages").dataset.page ?? "1";
  return { q: document.getElementById("worklist-search").defaultValue, page };
}

/** The fetch options that ask for `search`: a GET, or a POST when there is something searched for. */
export function request({ q, page }) {
  if (!q) return { headers: { Accept: "text/html" }, cache: "no-store" };
  const body = new FormData(document.getElementById("worklist-form"));
  body.set("q", q);
  body.set("page", page);
  return { method: "POST", body, headers: { Accept: "text/html" }, cache: "no-store" };
}

/** Wires the form, the filters and the pages. `onShown(count)` is told how many rows there are. */
export function wireSearch(onShown) {
  const form = document.getElementById("worklist-form");
  const input = document.getElementById("worklist-search");

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    show(location.href, { q: input.value.trim(), page: "1" }, onShown, true);
  });
  // The little cross of a search field empties it; an emptied search shows everything again.
  input.addEventListener("search", () => {
    if (!input.value && current().q) show(location.href, { q: "", page: "1" }, onShown, true);
  });
  document.getElementById("worklist-filters").addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || !current().q || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(link.href, { q: current().q, page: "1" }, onShown, true);
  });
  document.getElementById("worklist-pages").addEventListener("submit", (event) => {
    event.preventDefault();
    show(location.href, { q: current().q, page: event.submitter.value }, onShown, true);
  });
  addEventListener("popstate", () => show(location.href, remembered(), onShown, false));
  if (remembered().q !== current().q) show(location.href, remembered(), onShown, false);
}

function remembered() {
  return { q: history.state?.q ?? "", page: history.state?.page ?? "1" };
}

async function show(address, search, onShown, isNew) {
  const url = new URL(address);
  if (search.q) url.searchParams.delete("page");
  const answer = await fetch(url, request(search)).catch(() => null);
  if (!answer?.ok || answer.redirected) {
    location.assign(url);
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const rows = page.getElementById("worklist-rows");
  if (!rows) {
    location.assign(url);
    return;
  }
  if (isNew) history.pushState(search, "", url);
  for (const id of SWAPPED) swap(document.getElementById(id), page.getElementById(id));
  document.getElementById("worklist-form").action = url;
  const input = document.getElementById("worklist-search");
  input.defaultValue = input.value = search.q;
  document.getElementById("worklist-rows").dataset.seen = rows.dataset.seen;
  applyRows(document.getElementById("worklist-rows"), rows, () => true);
  onShown(Number(rows.rows.length));
}

function swap(old, fresh) {
  const focused = old.contains(document.activeElement);
  old.replaceChildren(...[...fresh.childNodes].map((node) => document.importNode(node, true)));
  if (fresh.dataset.page) old.dataset.page = fresh.dataset.page;
  if (focused) old.querySelector("[aria-current], a, button")?.focus({ preventScroll: true });
}
