/**
 * Puts another reading into the text, as if it had been typed: the browser can undo it, and it is
 * saved like any edit. A number begun with a digit that took a reading is given back to the typist.
 */
import { announce } from './dom.js';

const NUMBER_MS = 1000; // a second digit within this time belongs to the first

export function createTaking({ saving, now = () => performance.now() }) {
  let last = null; // {view, from, to, digit, at}: a reading taken by a digit

  return {
    /** In place of its word; digit is the key that took it, or null. */
    word(view, reading, digit) {
      const range = view.rangeOf(reading.item);
      if (!range || view.area.readOnly) return false;
      view.type(range.from, range.to, reading.content);
      saving.queue.flush(view.segment.id);
      last = digit ? { view, from: range.from, to: range.from + reading.content.length, digit, at: now() } : null;
      announce(`Changed to ${reading.content}`);
      return true;
    },

    /** In place of the whole text of a segment. */
    line(view, text) {
      if (view.area.readOnly) return;
      last = null;
      view.type(0, view.text.length, text);
      saving.queue.flush(view.segment.id);
      announce('The segment has the other reading');
    },

    /** A key in the text: true when it went on with a number that had begun as a choice. */
    key(event) {
      const before = last;
      if (event.key === 'Shift') return false;
      last = null;
      if (!before || !/^[\d.,/]$/.test(event.key) || event.ctrlKey || event.altKey || event.metaKey) return false;
      if (now() - before.at > NUMBER_MS || !before.view.focused) return false;
      if (before.view.area.selectionStart !== before.to) return false;
      before.view.type(before.from, before.to, before.digit + event.key);
      return true;
    },
  };
}
