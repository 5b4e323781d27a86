/**
 * The part of the transcript that is on the page: rows near what is seen, and the few that must
 * stay (with the caret, gone to). Rows come and go in reading order, so that focus order and
 * screen readers meet them as they stand; gaps keep the scroll bar true.
 */
import { el } from './dom.js';
import { createColumn, plan } from './column.js';

/** So many heights of the window are kept ready above and below it. */
const OVER = 1;
/** Rows are exchanged when less than this share of the window is left ready. */
const NEAR = 0.5;
const ROW = 46; // px, until something is measured
const LINE = 28;

/**
 * make(id) -> node of a row; drop(id) when it leaves the page; pinned() -> ids that stay;
 * lengthOf(id) -> characters, for the guess of a height.
 */
export function createWindow({ list, scroller, make, drop, pinned, lengthOf }) {
  const nodes = new Map();
  const gaps = [];
  let perLine = 80;
  let width = 0;
  let shown = [0, -1];
  let all = false; // everything on the page, for the printer
  let frame = 0;
  let anchor = null; // {node, top, at}: where the first row in sight was, at which scrollTop
  let wanted = null; // a row asked for, until another is
  const column = createColumn((id) => ROW + LINE * Math.max(0, Math.ceil(lengthOf(id) / perLine) - 1));

  const sizes = new ResizeObserver((entries) => {
    let news = false;
    for (const { target } of entries) {
      const id = target.dataset.segment;
      if (nodes.get(id) === target) news = column.set(id, target.offsetHeight) || news;
    }
    steady();
    if (news) soon();
  });

  /** Top and bottom of what is seen, counted from the top of the list. */
  function seen() {
    const box = scroller.getBoundingClientRect();
    const top = box.top - list.getBoundingClientRect().top;
    return { top, bottom: top + box.height, height: box.height };
  }

  function gap(n, px) {
    gaps[n] ??= el('li', { class: 'rv-gap', role: 'none', 'aria-hidden': 'true' });
    gaps[n].style.height = `${px}px`;
    return gaps[n];
  }

  /** The first row that is seen; by it the text is held in place. */
  function remember() {
    const { top } = scroller.getBoundingClientRect();
    anchor = null;
    for (const node of list.children) {
      if (node.classList.contains('rv-gap')) continue;
      const rect = node.getBoundingClientRect();
      if (rect.bottom <= top) continue;
      anchor = { node, top: rect.top, at: scroller.scrollTop };
      return;
    }
  }

  /** What is read stays where it is, whatever became of the rows above it. */
  function steady() {
    if (anchor?.node.isConnected && scroller.scrollTop > 0) {
      const off = anchor.node.getBoundingClientRect().top - anchor.top + scroller.scrollTop - anchor.at;
      if (Math.abs(off) >= 1) scroller.scrollTop += off;
    }
    remember();
  }

  /** Put on the page what belongs there now. */
  function render() {
    const { top, bottom, height } = seen();
    const from = all ? 0 : column.at(Math.max(0, top - height * OVER));
    const to = all ? column.length - 1 : column.at(Math.max(0, bottom + height * OVER));
    shown = [from, to];
    const parts = plan(column, from, to, [...pinned(), wanted].map(column.indexOf));
    const keep = new Set(parts.filter((p) => p.row !== undefined).map((p) => column.ids[p.row]));
    for (const [id, node] of nodes) {
      if (keep.has(id)) continue;
      sizes.unobserve(node);
      nodes.delete(id);
      node.remove();
      drop(id);
    }
    let at = list.firstElementChild;
    let gapsUsed = 0;
    const fresh = [];
    for (const part of parts) {
      let node;
      if (part.row === undefined) node = gap(gapsUsed++, part.gap);
      else {
        const id = column.ids[part.row];
        node = nodes.get(id);
        if (!node) {
          node = make(id);
          nodes.set(id, node);
          fresh.push(node);
        }
      }
      if (node === at) at = at.nextElementSibling;
      else list.insertBefore(node, at);
    }
    while (at) {
      const gone = at;
      at = at.nextElementSibling;
      gone.remove();
    }
    for (const node of fresh) sizes.observe(node);
    steady();
  }

  function look() {
    frame = 0;
    remember();
    const wide = list.clientWidth;
    if (wide !== width) {
      if (width) column.forget();
      width = wide;
      const area = list.querySelector('.rv-area');
      if (area) perLine = Math.max(20, Math.round(area.clientWidth / 8.2));
      render();
      return;
    }
    const { top, bottom, height } = seen();
    const ready = { from: column.top(shown[0]), to: shown[1] < 0 ? 0 : column.top(Math.min(shown[1] + 1, column.length)) };
    const short = (top - ready.from < height * NEAR && shown[0] > 0)
      || (ready.to - bottom < height * NEAR && shown[1] < column.length - 1);
    const wasteful = ready.to - ready.from > height * (2 * OVER + 3);
    if (short || wasteful) render();
  }

  function soon() { frame ||= requestAnimationFrame(look); }

  scroller.addEventListener('scroll', soon, { passive: true });
  window.addEventListener('resize', soon);
  window.addEventListener('beforeprint', () => {
    all = true;
    render();
  });
  window.addEventListener('afterprint', () => {
    all = false;
    render();
  });

  return {
    column,
    render,
    node: (id) => nodes.get(id) ?? null,

    reset(ids) { column.reset(ids); },

    /** Puts a row on the page that may be far away, and scrolls there; returns its node. */
    need(id) {
      const i = column.indexOf(id);
      if (i < 0) return null;
      wanted = id;
      anchor = null;
      if (!nodes.has(id)) {
        const { top, height } = seen();
        scroller.scrollTop += column.top(i) - top - height * 0.38;
        render();
      }
      return nodes.get(id) ?? null;
    },
  };
}
