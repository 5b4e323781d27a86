// Puts the rows the server sent into the table on screen, without a jump, keeping the focus.
import { heir, plan, readCounts, shifts } from "./plan.js";

const rowsOf = (body) => [...body.querySelectorAll(":scope > tr[data-id]")];
const asData = (rows) =>
  rows.map((row) => ({ id: row.dataset.id, cells: [...row.cells].map((cell) => cell.innerHTML) }));

/** The tbody inside the HTML of `?rows=1`. @returns {HTMLTableSectionElement|null} */
export function parseRows(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html.trim();
  return holder.content.querySelector("tbody");
}

/**
 * Changes what can be changed in place at once. Rows that come, go or move wait until `quiet()`
 * says that nobody is about to click. @returns {{waiting: boolean, said: string[]}}
 */
export function applyRows(body, sent, quiet) {
  const shownRows = rowsOf(body);
  const sentRows = rowsOf(sent);
  const todo = plan(asData(shownRows), asData(sentRows));
  const fresh = new Map(sentRows.map((row) => [row.dataset.id, row]));
  const said = [];

  for (const row of shownRows) {
    const next = fresh.get(row.dataset.id);
    if (!next) continue;
    if (row.dataset.state !== next.dataset.state) said.push(next.dataset.said);
    const change = todo.changed.find((one) => one.id === row.dataset.id);
    for (const at of change?.cells ?? []) changeCell(row.cells[at], next.cells[at]);
    row.dataset.state = next.dataset.state;
    row.dataset.said = next.dataset.said;
  }
  showCounts(sent.dataset.counts);
  if (!shifts(todo)) return { waiting: false, said };
  if (!quiet()) return { waiting: true, said };
  reorder(body, shownRows, sentRows);
  return { waiting: false, said };
}

// A running bar moves on instead of being built anew, and a link that has the focus keeps it.
function changeCell(cell, next) {
  const bar = cell.querySelector("progress");
  const nextBar = next.querySelector("progress");
  if (bar && nextBar) {
    bar.value = nextBar.value;
    bar.textContent = nextBar.textContent;
    cell.querySelector(".job-percent").textContent = next.querySelector(".job-percent").textContent;
    return;
  }
  const hadFocus = cell.contains(document.activeElement);
  cell.className = next.className;
  cell.replaceChildren(...[...next.childNodes].map((node) => document.importNode(node, true)));
  if (hadFocus) cell.querySelector("a")?.focus({ preventScroll: true });
}

function reorder(body, shownRows, sentRows) {
  const focused = shownRows.find((row) => row.contains(document.activeElement));
  const kept = new Map(shownRows.map((row) => [row.dataset.id, row]));
  const staying = new Set(sentRows.map((row) => row.dataset.id));
  let at = body.firstElementChild;
  for (const next of sentRows) {
    const row = kept.get(next.dataset.id) ?? document.importNode(next, true);
    if (row === at) at = at.nextElementSibling;
    else body.insertBefore(row, at);
  }
  for (const row of shownRows) if (!staying.has(row.dataset.id)) row.remove();
  if (focused) {
    const order = shownRows.map((row) => row.dataset.id);
    const id = staying.has(focused.dataset.id) ? focused.dataset.id : heir(focused.dataset.id, order, staying);
    const target = rowsOf(body).find((row) => row.dataset.id === id);
    target?.querySelector(".row-link")?.focus({ preventScroll: staying.has(focused.dataset.id) });
  }
  document.getElementById("worklist-table").hidden = sentRows.length === 0;
  document.getElementById("worklist-empty").hidden = sentRows.length > 0;
}

function showCounts(text) {
  for (const [key, n] of Object.entries(readCounts(text))) {
    const place = document.querySelector(`[data-count="${key}"]`);
    if (place && place.textContent !== n) place.textContent = n;
  }
}
