/** The card with the order of marked words: the choice, what comes next, and the line where to stop. */
import { clock, plural } from './format.js';
import { el, slot } from './dom.js';
import { STOP_WHY, WHY, compare, createLeft, effortOf, markedLine, nextByWorth, stopLine } from './order.js';
import { reasonText } from './marks.js';
import { act } from './transport.js';
import { toast } from '../site/toast.js';

const SHOWN = 5;
const REST_MS = 120;
const ORDERS = { text: 'In order of the text', effort: 'Least effort first' };

/**
 * read: {segments(), segment(id), order(), marksOf(id), text(id)}; keyMap: the person's own keys and
 * habits, in which the choice is kept; on: {go(mark)}.
 */
export function createOrdering({ read, keyMap, url, on }) {
  const box = slot('order');
  const left = createLeft();
  let order = keyMap.order in ORDERS ? keyMap.order : 'text';
  let waiting = 0;
  let last = null; // the mark gone to last: {worth, place, from}

  const why = el('p', { class: 'visually-hidden', id: 'rv-order-why' }, WHY);
  const stopWhy = el('p', { class: 'visually-hidden', id: 'rv-stop-why' }, STOP_WHY);
  const buttons = Object.entries(ORDERS).map(([name, label]) => el('button', { type: 'button', class: 'btn btn-s',
    title: name === 'effort' ? WHY : 'Next comes the mark that stands next in the text.',
    'aria-describedby': name === 'effort' ? 'rv-order-why' : undefined, onclick: () => choose(name), 'data-order': name }, label));
  const list = el('ol', { class: 'rv-order-list', 'aria-label': 'Next marked words' });
  const marked = el('p', { class: 'small secondary', title: STOP_WHY, 'aria-describedby': 'rv-stop-why' });
  box.append(el('h2', { id: 'rv-order-title' }, 'Next marked word'),
    el('div', { class: 'btn-group', role: 'group', 'aria-labelledby': 'rv-order-title' }, ...buttons), why, stopWhy, list, marked);

  async function choose(name) {
    if (name === order) return;
    order = name;
    last = null;
    draw();
    keyMap.order = name;
    const { ok, body } = await act(url, keyMap);
    if (!ok) toast(body.message ?? 'The order could not be kept. It holds for this page.', { kind: 'warn' });
  }

  /** All open marks with what they are worth, in no order. */
  function all() {
    return read.order().flatMap((id, place) => read.marksOf(id).map((mark) => {
      const segment = read.segment(id);
      const item = segment.items.find((one) => one.id === mark.items[0]);
      return { ...mark, ...effortOf(mark.flag, item), place, start: item?.start ?? segment.start };
    }));
  }

  function row(mark) {
    const words = read.text(mark.segment).slice(mark.from, mark.to);
    return el('li', {}, el('button', { type: 'button', class: 'rv-order-go', onclick: () => on.go(mark), title: 'Go to it and hear it' },
      el('span', {}, words), el('span', { class: 'small secondary' }, reasonText(mark.flag.reason)),
      el('span', { class: 'small secondary' }, `${clock(mark.start)} · ${Math.round(mark.seconds)} s`)));
  }

  /** Soon, once for many changes: in a long text there are thousands of segments to go through. */
  function show({ hidden = box.hidden } = {}) {
    box.hidden = hidden;
    clearTimeout(waiting);
    if (!hidden) waiting = setTimeout(draw, REST_MS);
  }

  function draw() {
    for (const button of buttons) button.setAttribute('aria-pressed', String(button.dataset.order === order));
    const marks = all();
    const sums = left(read.segments());
    if (order === 'effort') marks.sort(compare);
    const more = marks.length - SHOWN;
    const line = stopLine(sums);
    list.replaceChildren(...marks.slice(0, SHOWN).map(row),
      ...(more > 0 ? [el('li', { class: 'small secondary' }, `and ${plural(more, 'more mark')}`)] : []),
      ...(line ? [el('li', { class: 'rv-stop', title: STOP_WHY, 'aria-describedby': 'rv-stop-why' }, line)] : []));
    marked.textContent = markedLine(sums, marks.length);
    marked.hidden = !marked.textContent;
  }

  return {
    show,
    /** The next mark in the chosen order, or undefined where the text decides. */
    neighbour(step) {
      if (order !== 'effort') return undefined;
      return nextByWorth(all(), last, step);
    },
    /** A mark was gone to. */
    went(mark) {
      const item = read.segment(mark.segment)?.items.find((one) => one.id === mark.items[0]);
      last = { ...effortOf(mark.flag, item), place: read.order().indexOf(mark.segment), from: mark.from };
    },
  };
}
