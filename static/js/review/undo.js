/**
 * Own edits that can be taken back after the field has forgotten its history, and taken back again.
 * The server keeps them: this is what it told, as two stacks. Pure.
 */

/** The two stacks from the server's list of own edits: {seq, kind, segment, redo}, oldest first. */
export function undoable(list) {
  const stack = (redo) => list.filter((row) => Boolean(row.redo) === redo)
    .map(({ seq, segment = null }) => ({ edit: seq, segment, before: null, after: null }));
  return { tail: stack(false), undone: stack(true) };
}

/** tail: own edits the server would take back, oldest first, each {edit, segment}; undone likewise. */
export function createUndo({ tail = [], undone: later = [] } = {}) {
  let done = [...tail];
  let undone = [...later];

  const without = (list, edit) => list.filter((record) => record.edit !== edit);

  return {
    /**
     * An own edit was saved. One that only puts back what the one before had changed takes it away
     * again: the browser's own undo did that.
     */
    record({ edit, segment = null, before = null, after = null }) {
      if (!edit || (before !== null && before === after)) return;
      const top = done.at(-1);
      if (top && before !== null && top.segment === segment && top.before === after && top.after === before) {
        done.pop();
        return;
      }
      done.push({ edit, segment, before, after });
      undone = [];
    },

    /** The edit that goes next, {edit, segment}, or null. */
    get next() { return done.at(-1) ?? null; },
    get nextAgain() { return undone.at(-1) ?? null; },

    /** `edit` was taken back (or, again, put back) by the edit `by`. */
    moved({ edit, by, again = false }) {
      const from = again ? undone : done;
      const record = from.find((r) => r.edit === edit);
      done = without(done, edit);
      undone = without(undone, edit);
      if (!record || !by) return;
      (again ? done : undone).push({ edit: by, segment: record.segment, before: null, after: null });
    },

    /** It can't be taken back any more: somebody else went on from it. */
    forget(edit) {
      done = without(done, edit);
      undone = without(undone, edit);
    },
  };
}
