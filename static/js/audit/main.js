// Follows the log: new entries appear on top while the button is pressed.
import "../site/main.js";

const PAUSE = 3000;
const MOST_ROWS = 1000;

const button = document.getElementById("follow");
const rows = document.getElementById("entries");

if (button && rows) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    button.textContent = on ? "Stop following" : "Follow new entries";
    if (on) follow();
  });
}

async function follow() {
  for (let first = true; button.getAttribute("aria-pressed") === "true"; first = false) {
    if (!document.hidden) await look(first).catch(() => {}); // the next look tries again
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

async function look(first) {
  const url = new URL(button.dataset.tail, location.href);
  url.searchParams.set("after", rows.firstElementChild?.dataset.seq ?? "0");
  if (first) url.searchParams.set("begin", "1");
  const answer = await fetch(url);
  if (answer.redirected || answer.status === 401 || answer.status === 403) return location.reload();
  if (!answer.ok) return;
  const table = document.createElement("template");
  table.innerHTML = `<table><tbody>${await answer.text()}</tbody></table>`;
  rows.prepend(...table.content.querySelectorAll("tr"));
  while (rows.children.length > MOST_ROWS) rows.lastElementChild.remove();
}
