// Keeps the dashboard's figures fresh, and their charts; what is open or focused stays so.
import { keepSocket } from "../site/socket.js";
import { drawAll, onTheme } from "./charts.js";

const POLL_MS = 15_000; // what no message tells of: time that passes, workers, duties
const GATHER_MS = 3_000; // many messages are one look

const region = document.getElementById("dashboard");
const said = document.getElementById("dashboard-said");

/** The charts whose tables are open. */
const open = () => [...region.querySelectorAll("[data-chart]:has(details[open])")].map((n) => n.dataset.chart);

async function refresh() {
  if (document.hidden || region.contains(document.activeElement)) return; // nothing moves under a reader's hand
  try {
    const answer = await fetch(region.dataset.url);
    if (answer.status === 401 || answer.status === 403) {
      location.reload(); // the server leads to the sign-in page
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const shown = open();
    region.replaceChildren(...fresh.body.childNodes);
    drawAll(region, shown);
    said.textContent = "";
  } catch {
    said.textContent = "The figures are not fresh: no connection.";
  }
}

drawAll(region);
onTheme(() => drawAll(region, open()));
setInterval(refresh, POLL_MS);
let soon = 0;
keepSocket("/ws/worklist/", {
  message: () => {
    soon ||= setTimeout(() => {
      soon = 0;
      refresh();
    }, GATHER_MS);
  },
});
document.addEventListener("visibilitychange", refresh);
