// The worklist page: live rows, whole-row clicks, j and k. What changes in a row is decided in plan.js.
import "../site/main.js";
import { isTyping, shortcutsOn } from "../site/shortcuts.js";
import { keepSocket } from "../site/socket.js";
import { applyRows, parseRows } from "./rows.js";
import { current, request, wireSearch } from "./search.js";
import { wireChoice } from "./choice.js";

const GATHER_MS = 250; // several changes at once are one fetch
const POLL_MS = 15_000; // while the live connection is down
const CLOCK_MS = 60_000; // "in 2 h 05 min" goes on without news
const REST_MS = 1_500; // how long a pointer rests before rows may move under it

const body = document.getElementById("worklist-rows");
const live = document.getElementById("worklist-live");
const said = document.getElementById("worklist-said");
let timer = 0;
let running = false;
let again = false;
let lastMove = -Infinity;

function refreshSoon(ms = GATHER_MS) {
  clearTimeout(timer);
  timer = setTimeout(refresh, ms);
}

async function refresh() {
  if (running) {
    again = true;
    return;
  }
  running = true;
  try {
    const url = new URL(location.href);
    url.searchParams.set("rows", "1");
    const search = current();
    const asked = request(search);
    asked.headers["X-Seen"] = body.dataset.seen; // the same rows again are no new look
    const answer = await fetch(url, asked);
    if (answer.redirected || answer.status === 401 || answer.status === 403) {
      showSignedOut();
      return;
    }
    if (!answer.ok) return;
    const sent = parseRows(await answer.text());
    if (!sent || current().q !== search.q) return; // something else was searched for meanwhile
    body.dataset.seen = sent.dataset.seen;
    const result = applyRows(body, sent, () => performance.now() - lastMove > REST_MS);
    showChoice();
    if (result.said.length) said.textContent = result.said.join(". ");
    if (result.waiting) refreshSoon(REST_MS);
  } catch {
    // No network: the socket notices too, and the next connection fetches the rows again.
  } finally {
    running = false;
    if (again) {
      again = false;
      refreshSoon();
    }
  }
}

function showLive(state) {
  live.hidden = false;
  live.classList.toggle("live-on", state === "on");
  live.classList.toggle("live-off", state !== "on");
  live.textContent = { on: "Live", lost: "Reconnecting…", out: "Signed out" }[state];
}

function showSignedOut() {
  showLive("out");
  location.assign(location.pathname); // the server leads to the sign-in page
}

setInterval(() => document.hidden || refreshSoon(), CLOCK_MS);

let poll = 0;
keepSocket("/ws/worklist/", {
  message: (message) => message.type === "changed" && refreshSoon(),
  open: (isAgain) => {
    clearInterval(poll);
    showLive("on");
    if (isAgain) refreshSoon(0);
  },
  closed: (reason) => {
    if (reason === "signed-out") {
      showSignedOut();
      return;
    }
    showLive("lost");
    clearInterval(poll);
    poll = setInterval(refresh, POLL_MS);
  },
});

body.addEventListener("pointermove", () => (lastMove = performance.now()), { passive: true });
body.addEventListener("pointerleave", () => (lastMove = -Infinity));

// The whole row opens the recording; selecting an MRN to copy it does not.
body.addEventListener("click", (event) => {
  const row = event.target.closest("tr[data-id]");
  if (!row || event.target.closest("a, button, input, .cell-choose") || String(getSelection())) return;
  const link = row.querySelector(".row-link");
  if (event.ctrlKey || event.metaKey) open(link.href, "_blank", "noopener");
  else link.click();
});

const links = () => [...body.querySelectorAll(".row-link")];
addEventListener("keydown", (event) => {
  if (!shortcutsOn() || isTyping(event) || document.querySelector("dialog[open], details.menu[open]")) return;
  if (event.key === "/") {
    document.getElementById("worklist-search").focus();
    event.preventDefault();
    return;
  }
  if (event.key === "x") {
    document.activeElement.closest("tr[data-id]")?.querySelector("input[type=checkbox]")?.click();
    return;
  }
  const step = { j: 1, k: -1 }[event.key];
  const all = links();
  if (!step || !all.length) return;
  const here = all.indexOf(document.activeElement);
  const next = here < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, here + step));
  all[next].focus();
  event.preventDefault();
});

const showChoice = wireChoice(body);
wireSearch((n) => (said.textContent = n === 1 ? "1 recording." : `${n} recordings.`));
document.querySelector("[data-shortcut-hint]").hidden = !shortcutsOn();
