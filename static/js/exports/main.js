// Shows how far files are while any is being made; what is finished is drawn by the server.
import "../site/main.js";

const SECOND = 1000;
const LONGEST = 15 * SECOND;

/** Asks for the state again and again, until nothing is unfinished. */
async function watch() {
  let pause = SECOND;
  for (;;) {
    const box = document.getElementById("exports");
    if (!box?.dataset.state) return;
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (document.hidden) continue;
    const answer = await fetch(box.dataset.state, { headers: { Accept: "application/json" } }).catch(() => null);
    if (answer && !answer.ok) return;
    pause = answer ? SECOND : Math.min(pause * 2, LONGEST);
    if (answer && show((await answer.json()).exports)) await redraw(box);
  }
}

/** Moves the bars. @returns {boolean} whether the page is to be drawn anew */
function show(exports) {
  let changed = false;
  for (const { id, state, done, total } of exports) {
    const row = document.querySelector(`[data-export="${id}"]`);
    const bar = row?.querySelector("progress");
    if (!row || row.dataset.was !== state) changed = true;
    else if (bar && total) Object.assign(bar, { max: total, value: done });
  }
  return changed;
}

async function redraw(box) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return location.reload();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const held = document.activeElement?.closest("[data-export]")?.dataset.export;
  box.replaceWith(document.adoptNode(page.getElementById("exports")));
  if (held) document.querySelector(`[data-export="${held}"] :is(a, button)`)?.focus();
}

watch();
