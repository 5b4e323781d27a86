/**
 * Where characters of a field stand on the screen, measured in the layer of words under it, which
 * breaks its lines alike. Reads the page, changes nothing.
 */

export function createSpots(under, area) {
  const box = (at) => spots.domRange(at, at + 1)?.getClientRects()[0] ?? null;

  const spots = {
    /** DOM range over characters from..to, or null. */
    domRange(from, to) {
      const range = document.createRange();
      const walker = document.createTreeWalker(under, NodeFilter.SHOW_TEXT);
      let at = 0;
      let open = false;
      for (let text = walker.nextNode(); text; text = walker.nextNode()) {
        const end = at + text.length;
        if (!open && from < end) {
          range.setStart(text, from - at);
          open = true;
        }
        if (open && to <= end) {
          range.setEnd(text, to - at);
          return range;
        }
        at = end;
      }
      return null;
    },

    /** px from the left at which the caret would leave the field in this direction (-1, 1), else null. */
    edge(step) {
      const at = area.selectionStart;
      if (at !== area.selectionEnd) return null;
      const here = box(at);
      const last = box(step < 0 ? 0 : area.value.length);
      return here && last && Math.abs(here.top - last.top) < here.height / 2 ? here.left : null;
    },

    /** Offset nearest to px `left` on the first line (0) or the last (-1). */
    offsetAt(left, line) {
      const end = area.value.length;
      let best = line < 0 ? end : 0;
      const first = box(best);
      let off = Infinity;
      for (let at = best; at >= 0 && at <= end; at += line < 0 ? -1 : 1) {
        const here = box(at);
        if (!here || Math.abs(here.top - first.top) > here.height / 2) break;
        if (Math.abs(here.left - left) < off) {
          off = Math.abs(here.left - left);
          best = at;
        }
      }
      return best;
    },
  };
  return spots;
}
