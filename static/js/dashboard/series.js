// What a chart draws, read from the cells of its table. Pure.

/** A day or an hour ("2026-03-02", "2026-03-02 14:00") in the reader's clock, as seconds since 1970. */
export function moment(text) {
  const [day, hour = "00:00"] = text.trim().split(" ");
  return new Date(`${day}T${hour}:00`).getTime() / 1000;
}

/** A number, or null where the cell says that nothing is known. */
export function number(text) {
  const plain = text.trim().replaceAll(",", "");
  return plain === "" || Number.isNaN(Number(plain)) ? null : Number(plain);
}

/**
 * @param {string[]} head names of the columns
 * @param {string[][]} rows cells; the first of each is a moment
 * @param {boolean[]} drawn which columns are lines
 * @returns {{names: string[], data: (number|null)[][]}} moments, then a list of values for each name
 */
export function series(head, rows, drawn) {
  const columns = head.map((_, at) => at).filter((at) => at && drawn[at]);
  return {
    names: columns.map((at) => head[at]),
    data: [rows.map((row) => moment(row[0])), ...columns.map((at) => rows.map((row) => number(row[at])))],
  };
}

/** What is said of a chart that cannot be seen: each line's last value, and where it lay. */
export function spoken({ names, data }) {
  return names
    .map((name, at) => {
      const values = data[at + 1].filter((value) => value !== null);
      if (!values.length) return `${name}: nothing known`;
      return `${name}: last ${values.at(-1)}, from ${Math.min(...values)} to ${Math.max(...values)}`;
    })
    .join(". ");
}
