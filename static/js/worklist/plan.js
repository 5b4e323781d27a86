// How a table on screen becomes the table the server sent: which rows change, come, go or move. No DOM.

/**
 * @param {{id: string, cells: string[]}[]} shown rows on screen, in order
 * @param {{id: string, cells: string[]}[]} sent rows of the server, in order
 * @returns {{changed: {id: string, cells: number[]}[], added: string[], removed: string[], moved: boolean}}
 *   `changed` names the cells to replace; `moved` says that rows both have are in another order
 */
export function plan(shown, sent) {
  const before = new Map(shown.map((row) => [row.id, row]));
  const after = new Set(sent.map((row) => row.id));
  const changed = [];
  const added = [];
  for (const row of sent) {
    const old = before.get(row.id);
    if (!old) {
      added.push(row.id);
      continue;
    }
    const cells = row.cells.flatMap((cell, at) => (cell === old.cells[at] ? [] : [at]));
    if (cells.length) changed.push({ id: row.id, cells });
  }
  const removed = shown.filter((row) => !after.has(row.id)).map((row) => row.id);
  const common = shown.filter((row) => after.has(row.id)).map((row) => row.id);
  const wanted = sent.filter((row) => before.has(row.id)).map((row) => row.id);
  return { changed, added, removed, moved: common.some((id, at) => id !== wanted[at]) };
}

/** Whether a plan shifts rows under the pointer of the person looking at them. */
export function shifts({ added, removed, moved }) {
  return moved || added.length > 0 || removed.length > 0;
}

/**
 * The row that takes the focus when row `id` leaves: the next of the old order that stays, else the
 * one before. @returns {string|null}
 */
export function heir(id, shown, staying) {
  const at = shown.indexOf(id);
  const rest = [...shown.slice(at + 1), ...shown.slice(0, at).reverse()];
  return rest.find((other) => staying.has(other)) ?? null;
}

/** What stands beside the verbs: how many rows are chosen. */
export function chosenWords(n) {
  if (!n) return "Choose rows to work on them together.";
  return n === 1 ? "1 row chosen" : `${n} rows chosen`;
}

/** "all=10,000+ ready=1" as {all: "10,000+", ready: "1"}. */
export function readCounts(text) {
  return Object.fromEntries(
    (text ?? "")
      .split(" ")
      .filter(Boolean)
      .map((pair) => pair.split("=")),
  );
}
