/**
 * Saved edits that can be taken back after the field has forgotten its own history (a reload, a
 * text replaced from elsewhere). Pure; the storage is passed in and ends with the tab.
 */
const LIMIT = 50;

/** storage: {get() -> string|null, set(string)}; records are [segment, before, after]. */
export function createUndo(storage) {
  let records = [];
  try {
    records = JSON.parse(storage.get() ?? '[]');
  } catch {
    records = [];
  }
  const keep = () => storage.set(JSON.stringify(records));
  return {
    /** A text of this user was saved over another; going back takes the record away again. */
    record(segment, before, after) {
      if (before === after) return;
      const at = records.findLastIndex((r) => r[0] === segment);
      if (at >= 0 && records[at][1] === after && records[at][2] === before) records.splice(at, 1);
      else records.push([segment, before, after]);
      records = records.slice(-LIMIT);
      keep();
    },
    /**
     * Text to go back to, or null when nothing of this user's is on top: what somebody else wrote
     * since is never undone from here.
     */
    previous(segment, current) {
      const record = records.findLast((r) => r[0] === segment);
      return record && record[2] === current ? record[1] : null;
    },
  };
}
