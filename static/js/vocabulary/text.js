/** Lines of a table in a text field. No DOM. */

/** Numbers of all lines of a text, from 1. */
export function lineNumbers(text) {
  return Array.from(text.split("\n"), (_, index) => index + 1);
}

/** Where line `number` (from 1) stands in the text: {from, to}; past the end, the last line. */
export function lineRange(text, number) {
  const lines = text.split("\n");
  const index = Math.min(Math.max(number, 1), lines.length) - 1;
  const from = lines.slice(0, index).reduce((sum, line) => sum + line.length + 1, 0);
  return { from, to: from + lines[index].length };
}

/** A file's text as a text field holds it: LF line ends, no byte order mark. */
export function fileText(text) {
  return text.replace(/^\uFEFF/u, "").replace(/\r\n?/gu, "\n");
}
