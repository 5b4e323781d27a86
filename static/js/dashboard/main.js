// Keeps the dashboard's figures fresh, and their charts; what is open or focused stays so.
import "../site/main.js";
import { keepFresh } from "../site/fresh.js";
import { keepSocket } from "../site/socket.js";
import { drawAll, onTheme } from "./charts.js";

const POLL_MS = 15_000; // what no message tells of: time that passes, workers, duties
const GATHER_MS = 3_000; // many messages are one look

const region = document.getElementById("dashboard");

/** The charts whose tables are open. */
const open = () => [...region.querySelectorAll("[data-chart]:has(details[open])")].map((n) => n.dataset.chart);

const refresh = keepFresh({
  region,
  said: document.getElementById("dashboard-said"),
  stale: "The figures are not fresh: no connection.",
  every: POLL_MS,
  held: () => region.contains(document.activeElement),
  replaced(put) {
    const shown = open();
    put();
    drawAll(region, shown);
  },
});

drawAll(region);
onTheme(() => drawAll(region, open()));
let soon = 0;
keepSocket("/ws/worklist/", {
  message: () => {
    soon ||= setTimeout(() => {
      soon = 0;
      refresh();
    }, GATHER_MS);
  },
});
