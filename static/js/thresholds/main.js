// The threshold workbench: plots and the slider choose a point; the server draws the page for it.
import "../site/main.js";
import { nearest, valueAt } from "./points.js";

const REST_MS = 250; // a key held down asks once
const POLL_MS = 1_000;
let timer = 0;
let asked = 0;

function wire() {
  const data = document.getElementById("steps");
  const slider = document.getElementById("slider");
  if (!data || !slider) return;
  const steps = JSON.parse(data.textContent);
  const now = Number(document.querySelector('[name="t"]').value);
  slider.hidden = false;
  slider.value = String(nearest(steps, now, "t"));
  const tell = () => slider.setAttribute("aria-valuetext", steps[slider.value].text);
  tell();
  slider.addEventListener("input", () => {
    tell();
    clearTimeout(timer);
    timer = setTimeout(() => choose(steps[slider.value].t), REST_MS);
  });
  const hint = document.querySelector(".th-click");
  if (hint) hint.hidden = false;
  for (const figure of document.querySelectorAll(".th-figure:not([data-plot='reliability'])")) {
    figure.classList.add("is-live");
    figure.querySelector(".th-plot").addEventListener("click", (event) => {
      const box = event.currentTarget.getBoundingClientRect();
      const value = valueAt((event.clientX - box.left) / box.width, Number(figure.dataset.most));
      const key = figure.dataset.plot === "minutes" ? "minutes" : "flagged";
      choose(steps[nearest(steps, value, key)].t);
    });
  }
}

async function choose(threshold) {
  const url = new URL(location.href);
  const form = new FormData(document.getElementById("choose"));
  url.pathname = document.getElementById("choose").action ? new URL(document.getElementById("choose").action).pathname : url.pathname;
  url.search = new URLSearchParams([...form].filter(([name]) => name !== "target")).toString();
  url.searchParams.set("t", String(threshold));
  const mine = ++asked;
  const old = document.getElementById("workbench");
  old.classList.add("is-loading");
  const reason = document.getElementById("reason")?.value ?? "";
  const open = [...document.querySelectorAll("details[open]")].map((one) => one.closest("figure")?.dataset.plot);
  const focused = document.activeElement?.id;
  let page = null;
  try {
    const answer = await fetch(url, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(20_000) });
    if (answer.ok && !answer.redirected) page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch { /* the page is opened the slow way */ }
  if (mine !== asked) return;
  const made = page?.getElementById("workbench");
  if (!made) {
    location.assign(url);
    return;
  }
  old.replaceWith(made);
  history.replaceState(null, "", url);
  document.getElementById("reason").value = reason;
  for (const name of open) document.querySelector(`[data-plot="${name}"] details`)?.setAttribute("open", "");
  wire();
  if (focused) document.getElementById(focused)?.focus();
}

async function followRefit() {
  const place = document.getElementById("refit-state");
  if (!place || !("running" in place.dataset)) return;
  try {
    const answer = await fetch(place.dataset.url, { signal: AbortSignal.timeout(10_000) });
    if (answer.status === 401 || answer.status === 403) return;
    const { refit } = await answer.json();
    place.querySelector("[data-text]").textContent = refit.total ? `${refit.label}, ${refit.done} of ${refit.total} documents` : refit.label;
    if (!refit.running) {
      location.reload();
      return;
    }
  } catch { /* asked again */ }
  setTimeout(followRefit, POLL_MS);
}

wire();
followRefit();
