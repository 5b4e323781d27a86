/**
 * One segment on the page: a real text field over a layer of words that carries the marks. Keeps
 * both in step for this one segment only; what is saved when is decided elsewhere.
 */
import { el, icon } from './dom.js';
import { clock, segmentName, speakerName } from './format.js';
import { openMarks, shapes } from './marks.js';
import { follow, itemAt, moveCaret, oneLine } from './text.js';

/**
 * on: {input(view), focus(view), blur(view), word(view, item), play(view)}.
 * Returns the view; view.segment is the server's version, view.text what the field holds.
 */
export function createField(segment, { number, channels, readOnly, on }) {
  const under = el('div', { class: 'rv-under', inert: true, 'aria-hidden': 'true' });
  const area = el('textarea', { class: 'rv-area', rows: '1', spellcheck: 'false', autocomplete: 'off',
    autocorrect: 'off', autocapitalize: 'off', 'data-gramm': 'false' });
  const time = el('button', { type: 'button', class: 'rv-time', onclick: () => on.play(view) });
  const who = el('span', { class: 'rv-who' });
  const note = el('div', { class: 'rv-margin' });
  const below = el('div', { class: 'rv-below' });
  const node = el('li', { class: 'rv-seg', 'data-segment': segment.id },
    el('div', { class: 'rv-gutter' }, time, who),
    el('div', { class: 'rv-main' }, el('div', { class: 'rv-field' }, under, area), below), note);

  let spans = new Map();
  let ranges = [];
  let current = null;

  /** Draws the words under the text; costs one segment. */
  function draw() {
    const text = area.value;
    const followed = follow(view.segment.items, text);
    ranges = followed.ranges;
    const look = shapes(view.segment);
    const parts = [];
    view.segment.items.forEach((item, i) => {
      if (ranges[i]) parts.push({ ...ranges[i], item, look: look.get(item.id) });
    });
    for (const range of followed.typed) parts.push({ ...range, item: null, look: { shape: 'typed' } });
    parts.sort((a, b) => a.from - b.from);
    spans = new Map();
    const out = document.createDocumentFragment();
    let at = 0;
    for (const part of parts) {
      if (part.from > at) out.append(text.slice(at, part.from));
      const span = document.createElement('span');
      span.textContent = text.slice(part.from, part.to);
      span.className = className(part.look);
      if (part.item) spans.set(part.item.id, span);
      out.append(span);
      at = part.to;
    }
    // The last line break keeps an empty field, and one that ends in a space, at full height.
    out.append(`${text.slice(at)}\u200b`);
    under.replaceChildren(out);
    if (current) view.point(current);
  }

  const view = {
    node,
    area,
    below,
    segment,
    composing: false,
    get text() { return area.value; },
    get focused() { return document.activeElement === area; },

    /** Number, names and rights; after the order or the rights changed. */
    setPlace(place, locked) {
      number = place;
      readOnly = locked;
      area.readOnly = locked;
      const s = view.segment;
      area.setAttribute('aria-label', segmentName(s, number, channels));
      time.textContent = clock(s.start);
      time.setAttribute('aria-label', `Play from ${clock(s.start)}`);
      time.title = 'Play from here';
      who.textContent = speakerName(s, channels);
      node.dataset.voice = String((/\d+$/.exec(s.speaker ?? '')?.[0] ?? s.channel ?? 0) % 3);
      node.classList.toggle('is-provisional', s.version === 0);
      node.classList.toggle('is-locked', locked);
    },

    /** Take the server's items and marks; the text in the field stays. */
    setServer(next) {
      view.segment = next;
      draw();
    },

    /** Put another text into the field without losing the caret. */
    setText(text) {
      if (area.value === text || view.composing) return;
      const { selectionStart, selectionEnd, selectionDirection } = area;
      const before = area.value;
      area.value = text;
      if (view.focused) {
        area.setSelectionRange(moveCaret(before, text, selectionStart),
          moveCaret(before, text, selectionEnd), selectionDirection);
      }
      draw();
    },

    marks: () => openMarks(view.segment, ranges),
    spanOf: (itemId) => spans.get(itemId) ?? null,
    caret: () => ({ segment: view.segment.id, from: area.selectionStart, to: area.selectionEnd }),
    itemHere: () => view.segment.items[itemAt(view.segment.items, ranges, area.selectionStart,
      area.selectionEnd)] ?? null,

    /** Select a range; the page, not the browser, decides about scrolling. */
    select(from, to) {
      area.focus({ preventScroll: true });
      area.setSelectionRange(from, to);
    },

    /** Show which mark is being worked on (its flag id), or none. */
    point(flagId) {
      current = flagId;
      for (const span of under.querySelectorAll('.is-current')) span.classList.remove('is-current');
      const flag = view.segment.flags.find((f) => f.id === flagId);
      for (const id of flag?.items ?? []) spans.get(id)?.classList.add('is-current');
    },

    /** A short light after a change from elsewhere, and who made it. */
    touched(name) {
      node.classList.remove('is-touched');
      void node.offsetWidth; // starts the animation anew
      node.classList.add('is-touched');
      view.credit(name);
    },

    credit(name) {
      note.replaceChildren(...(name ? [icon('pen', 's'), el('span', {}, `Edited by ${name}`)] : []));
    },
  };

  wire(view, on);
  area.value = segment.text;
  view.setPlace(number, readOnly);
  draw();
  view.draw = draw;
  return view;
}

function className(look) {
  if (!look) return 'w';
  const critical = look.shape === 'open' && look.flag?.reason !== 'low_confidence';
  return `w w-${critical ? 'critical' : look.shape}`;
}

/** Listeners of the field. */
function wire(view, on) {
  const { area } = view;
  let down = null;

  area.addEventListener('input', (event) => {
    if (/[\r\n\t]/.test(area.value)) {
      const caret = area.selectionStart;
      const tail = oneLine(area.value.slice(caret)).length;
      area.value = oneLine(area.value);
      area.setSelectionRange(area.value.length - tail, area.value.length - tail);
    }
    view.draw();
    // What an input method has not finished is not text yet.
    if (!event.isComposing) on.input(view);
  });
  area.addEventListener('compositionstart', () => { view.composing = true; });
  area.addEventListener('compositionend', () => {
    view.composing = false;
    on.input(view);
  });
  area.addEventListener('beforeinput', (event) => {
    if (event.inputType === 'insertLineBreak' || event.inputType === 'insertParagraph') {
      event.preventDefault();
    }
  });
  area.addEventListener('paste', (event) => {
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (area.readOnly || !/[\r\n\t]/.test(text)) return;
    event.preventDefault();
    // The only way to insert that the browser's own undo knows about.
    document.execCommand('insertText', false, oneLine(text).trim());
  });
  area.addEventListener('focus', () => on.focus(view));
  area.addEventListener('blur', () => on.blur(view));

  area.addEventListener('pointerdown', (event) => { down = event; });
  area.addEventListener('click', (event) => {
    const still = down && Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < 4;
    const plain = !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (!still || !plain || event.detail !== 1) return;
    if (area.selectionStart !== area.selectionEnd) return;
    const item = view.itemHere();
    const span = item && view.spanOf(item.id);
    if (!span || item.start === null) return;
    const hit = [...span.getClientRects()].some((r) => event.clientX >= r.left - 2
      && event.clientX <= r.right + 2 && event.clientY >= r.top - 6 && event.clientY <= r.bottom + 6);
    if (hit) on.word(view, item);
  });
}

