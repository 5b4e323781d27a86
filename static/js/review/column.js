/**
 * Where each segment stands in a column of which only the part near the window exists. Pure:
 * works on ids and pixels; what is on the page is window.js's.
 */

/** Rows that may follow one another before a gap is worth more than the rows it stands for. */
const JOIN = 2;

/**
 * estimate(id) -> px of a row that was never on the page. Heights of rows that were are told by
 * set(); all of them count as estimates again after forget() (another width).
 */
export function createColumn(estimate) {
  let ids = [];
  let index = new Map();
  let heights = new Map();
  let tops = null;

  /** tops[i] is where row i begins; tops[length] is the height of the whole. */
  function measure() {
    if (tops) return tops;
    tops = new Float64Array(ids.length + 1);
    for (let i = 0; i < ids.length; i += 1) tops[i + 1] = tops[i] + (heights.get(ids[i]) ?? estimate(ids[i]));
    return tops;
  }

  const column = {
    get ids() { return ids; },
    get length() { return ids.length; },
    indexOf: (id) => index.get(id) ?? -1,
    top: (i) => measure()[i],
    get total() { return measure()[ids.length]; },

    reset(next) {
      ids = next;
      index = new Map(next.map((id, i) => [id, i]));
      tops = null;
    },

    /** True when the height is news. */
    set(id, px) {
      if (heights.get(id) === px) return false;
      heights.set(id, px);
      tops = null;
      return true;
    },

    /** Another text, or another width for all: what was measured counts no more. */
    forget(id = null) {
      if (id === null) heights = new Map();
      else heights.delete(id);
      tops = null;
    },

    /** Index of the row at y, within the column. */
    at(y) {
      const all = measure();
      let low = 0;
      let high = ids.length - 1;
      while (low < high) {
        const mid = (low + high + 1) >> 1;
        if (all[mid] <= y) low = mid;
        else high = mid - 1;
      }
      return low;
    },
  };
  return column;
}

/**
 * What belongs on the page: rows from..to (inclusive) and the pinned ones, in reading order, with
 * gaps for the rest. [{row: index} | {gap: px}], without gaps of no height.
 */
export function plan(column, from, to, pins = []) {
  if (!column.length) return [];
  const rows = new Set(pins.filter((i) => i >= 0 && i < column.length));
  for (let i = Math.max(0, from); i <= Math.min(to, column.length - 1); i += 1) rows.add(i);
  const out = [];
  let next = 0;
  for (const row of [...rows].sort((a, b) => a - b)) {
    if (row - next > JOIN) out.push({ gap: column.top(row) - column.top(next) });
    else for (let i = next; i < row; i += 1) out.push({ row: i });
    out.push({ row });
    next = row + 1;
  }
  if (next < column.length) out.push({ gap: column.total - column.top(next) });
  return out;
}
