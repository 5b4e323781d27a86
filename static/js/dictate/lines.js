// Pure: the lines of a dictation and what a person changed in them.

/** What is to be read of a line: {text, gone, human, items} or null for one that only commanded. */
export function reading(line, change) {
  if (!change) return { text: line.text, gone: "", human: false };
  if (change.was === undefined) return { text: change.text, gone: change.text ? "" : line.text, human: true };
  const commanded = change.was === line.text && isCommand(change.was) && !change.text;
  if (commanded) return null;
  const gone = change.was.startsWith(change.text) ? change.was.slice(change.text.length).trim() : change.was;
  return { text: change.text, gone: isCommand(gone) ? "" : gone, human: change.text !== line.text };
}

const isCommand = (text) => /^(scratch,? that[.,;!]*\s*)+$/i.test(text);

/** Pieces of a text with its doubtful words marked: [{text, low}]. */
export function pieces(text, items) {
  const doubtful = new Set(items.filter((item) => item.low).map((item) => item.content));
  if (!doubtful.size) return [{ text, low: false }];
  return text.split(/(\s+)/).filter(Boolean).map((part) => {
    const bare = part.replace(/[.,;:?!]+$/, "");
    return { text: part, low: doubtful.has(part) || doubtful.has(bare) };
  });
}

/** The text of a partial, as the wire has it: items joined, no space before a mark. */
export function joined(items) {
  return items.map((item, i) => (i && item.type === "pronunciation" ? " " : "") + item.content).join("");
}

/** What stands between a line and the one before it: "", " ", "line" or "paragraph". */
export function gap(line, text, first) {
  if (first) return "";
  if (line.starts === "paragraph") return "paragraph";
  if (line.starts === "new_line") return "line";
  return /^[.,;:?!)]/.test(text) ? "" : " ";
}

/** What to send when a person leaves `typed` in a line that said `line.text`: a text, or null. */
export function correction(line, typed) {
  const text = typed.replace(/\s+/g, " ").trim();
  return text === line.text ? null : text;
}
