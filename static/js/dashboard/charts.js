// Draws the charts of the dashboard with uPlot, each from its table; the table stays within reach.
import uPlot from "uplot";
import { series, spoken } from "./series.js";

const HEIGHT = 240;
// Told apart by colour and by dashes: in the order of the lines.
const LOOKS = [
  { colour: "--accent", dash: [] },
  { colour: "--human", dash: [8, 4] },
  { colour: "--ink-3", dash: [2, 4] },
];

const charts = new Map(); // name -> {plot, box, names}
const width = (box) => Math.max(200, Math.floor(box.clientWidth));
const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const chart = charts.get(target.closest("[data-chart]")?.dataset.chart);
    if (chart) chart.plot.setSize({ width: width(target), height: HEIGHT });
  }
});

function read(figure) {
  const heads = [...figure.querySelectorAll("thead th")];
  const rows = [...figure.querySelectorAll("tbody tr")].map((row) => [...row.cells].map((cell) => cell.textContent));
  return series(heads.map((th) => th.textContent), rows, heads.map((th) => "line" in th.dataset));
}

/** A colour of the page as a canvas takes it: not "light-dark(…)", but what that is now. */
function colour(name) {
  const probe = document.body.appendChild(document.createElement("span"));
  probe.style.color = `var(${name})`;
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function options(names, box) {
  const font = `12px ${getComputedStyle(document.body).fontFamily}`;
  const axis = { stroke: colour("--ink-2"), font, grid: { stroke: colour("--line-soft"), width: 1 }, ticks: { show: false } };
  return {
    width: width(box),
    height: HEIGHT,
    cursor: { drag: { x: false, y: false }, points: { size: 7 } },
    scales: { y: { range: (_, least, most) => uPlot.rangeNum(Math.min(0, least), most || 1, 0.1, true) } },
    axes: [axis, { ...axis, size: 48 }],
    series: [
      { label: "Time", value: "{YYYY}-{MM}-{DD} {HH}:{mm}" },
      ...names.map((label, at) => {
        const look = LOOKS[at % LOOKS.length];
        return { label, stroke: colour(look.colour), dash: look.dash, width: 2, spanGaps: true,
          points: { show: true, size: 5, fill: colour("--surface") } };
      }),
    ],
  };
}

function draw(figure) {
  const box = figure.querySelector("[data-drawn]");
  const { names, data } = read(figure);
  box.hidden = false;
  box.replaceChildren();
  const plot = new uPlot(options(names, box), data, box);
  const canvas = box.querySelector("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${figure.querySelector("h3").textContent}. ${spoken({ names, data })}`);
  charts.set(figure.dataset.chart, { plot, box });
  sizes.observe(box);
}

/** Draws every chart inside `root` anew; `open` names those whose tables stay open. */
export function drawAll(root, open = []) {
  for (const { plot, box } of charts.values()) {
    sizes.unobserve(box);
    plot.destroy();
  }
  charts.clear();
  for (const figure of root.querySelectorAll("[data-chart]")) {
    figure.querySelector("details").open = open.includes(figure.dataset.chart);
    draw(figure);
  }
}

/** Calls `again` when the page turns light or dark. */
export function onTheme(again) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme"] });
}
