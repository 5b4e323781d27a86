/**
 * One segment on the page: a real text field over a layer of words that carries the marks. Keeps
 * both in step for this one segment only; what is saved when is decided elsewhere.
 */
import { el, icon } from './dom.js';
import { clock, segmentName } from './format.js';
import { kindOf, openMarks, shapes } from './marks.js';
import { lineReadings } from './readings.js';
import { follow, itemAt, moveCaret, oneLine } from './text.js';

/**
 * on: {input(view), focus(view), blur(view), word(view, item), play(view), readings(view, button)}.
 * Returns the view; view.segment is the server's version, view.text what the field holds. lazy:
 * the words are laid under the text when paint() is called, or when one of them is asked for.
 */
export function createField(segment, { number, channels, readOnly, voice, lazy, on }) {
  const under = el('div', { class: 'rv-under', inert: true, 'aria-hidden': 'true' });
  const area = el('textarea', { class: 'rv-area', rows: '1', spellcheck: 'false', autocomplete: 'off',
    autocorrect: 'off', autocapitalize: 'off', 'data-gramm': 'false' });
  const time = el('button', { type: 'button', class: 'rv-time', onclick: () => on.play(view) });
  const gutter = el('div', { class: 'rv-gutter' }, time);
  const note = el('div', { class: 'rv-margin' });
  const below = el('div', { class: 'rv-below' });
  const node = el('li', { class: 'rv-seg', 'data-segment': segment.id }, gutter,
    el('div', { class: 'rv-main' }, el('div', { class: 'rv-field' }, under, area), below), note);

  let spans = new Map();
  let laid = null; // ranges of the items in the text; worked out when asked for
  let painted = !lazy;
  let current = null;
  let who = null;
  let others = null; // the button for other readings
  let credited = null;

  function measure() {
    laid ??= follow(view.segment.items, area.value);
    return laid;
  }

  /** Draws the words under the text; costs one segment. */
  function draw() {
    const text = area.value;
    laid = null;
    if (!painted) {
      under.textContent = `${text}\u200b`;
      return;
    }
    const { ranges, typed } = measure();
    const look = shapes(view.segment);
    const parts = [];
    view.segment.items.forEach((item, i) => {
      if (ranges[i]) parts.push({ ...ranges[i], item, look: look.get(item.id) });
    });
    for (const range of typed) parts.push({ ...range, item: null, look: { shape: 'typed' } });
    parts.sort((a, b) => a.from - b.from);
    spans = new Map();
    const out = document.createDocumentFragment();
    let at = 0;
    for (const part of parts) {
      if (part.from > at) out.append(text.slice(at, part.from));
      const span = document.createElement('span');
      span.textContent = text.slice(part.from, part.to);
      span.className = className(part);
      if (part.item) spans.set(part.item.id, span);
      out.append(span);
      at = part.to;
    }
    // The last line break keeps an empty field, and one that ends in a space, at full height.
    out.append(`${text.slice(at)}\u200b`);
    under.replaceChildren(out);
    if (current) view.point(current);
  }

  function showReadings() {
    const count = lineReadings(view.segment).length;
    if (count && !others) {
      others = el('button', { type: 'button', class: 'btn btn-quiet btn-s rv-others',
        popovertarget: 'rv-line-readings', onclick: () => on.readings(view, others) }, icon('fork', 's'), el('span', {}));
      others.title = 'Other readings of this segment';
      note.append(others);
    } else if (!count) {
      others?.remove();
      others = null;
    }
    if (!others) return;
    others.lastChild.textContent = String(count);
    others.setAttribute('aria-label', `Other readings of segment ${number}: ${count}`);
  }

  const view = {
    node,
    area,
    below,
    segment,
    composing: false,
    get text() { return area.value; },
    get focused() { return document.activeElement === area; },

    /** Number, who speaks ({name, voice, starts} or none) and rights; after one of them changed. */
    setPlace(place, locked, speaking) {
      number = place;
      readOnly = locked;
      area.readOnly = locked;
      const s = view.segment;
      area.setAttribute('aria-label', segmentName(s, number, channels));
      time.textContent = clock(s.start);
      time.setAttribute('aria-label', `Play from ${clock(s.start)}`);
      time.title = 'Play from here';
      if (speaking && !who) {
        who = el('span', { class: 'rv-who' }, el('span', { class: 'rv-voice' }), el('span', { class: 'rv-name' }));
        gutter.append(who);
      }
      const name = speaking?.name ?? '';
      if (who && who.title !== name) {
        who.title = name;
        who.dataset.voice = String((speaking?.voice ?? 0) % 10);
        who.lastChild.replaceChildren(...name.split(' · ').map((part) => el('span', {}, part)));
      }
      node.classList.toggle('is-other-voice', Boolean(speaking?.starts));
      node.classList.toggle('is-paragraph', Boolean(s.paragraph));
      showReadings();
      node.classList.toggle('is-provisional', s.version === 0);
      node.classList.toggle('is-locked', locked);
    },

    /** Take the server's items and marks; the text in the field stays. */
    setServer(next) {
      if (next === view.segment) return;
      view.segment = next;
      showReadings();
      draw();
    },

    /** Lay out the words now; they are coming into view. */
    paint() {
      if (painted) return;
      painted = true;
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

    marks: () => (view.segment.flags.some((f) => f.state === 'open')
      ? openMarks(view.segment, measure().ranges) : []),
    spanOf(itemId) {
      view.paint();
      return spans.get(itemId) ?? null;
    },
    rangeOf: (itemId) => measure().ranges[view.segment.items.findIndex((item) => item.id === itemId)] ?? null,
    caret: () => ({ segment: view.segment.id, from: area.selectionStart, to: area.selectionEnd }),
    itemHere: () => view.segment.items[itemAt(view.segment.items, measure().ranges, area.selectionStart,
      area.selectionEnd)] ?? null,

    /** Select a range; the page, not the browser, decides about scrolling. */
    select(from, to) {
      area.focus({ preventScroll: true });
      area.setSelectionRange(from, to);
    },

    /** Put words in place of a range as if they were typed, so that the browser can undo it. */
    type(from, to, text) {
      view.select(from, to);
      document.execCommand('insertText', false, text);
    },

    openReadings: () => others?.click(),

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
      credited?.remove();
      credited = name ? el('span', { class: 'rv-credit' }, icon('pen', 's'), el('span', {}, `Edited by ${name}`)) : null;
      if (credited) note.append(credited);
    },
  };

  wire(view, on);
  area.value = segment.text;
  view.setPlace(number, readOnly, voice);
  draw();
  view.draw = draw;
  return view;
}

function className({ look, item }) {
  const said = item?.spoken ? ' w-said' : '';
  if (!look) return `w${said}`;
  return `w w-${look.shape === 'open' ? kindOf(look.flag?.reason) : look.shape}${said}`;
}

const touches = (rect, { clientX: x, clientY: y }) => x >= rect.left - 2 && x <= rect.right + 2
  && y >= rect.top - 6 && y <= rect.bottom + 6;

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
    const hit = [...span.getClientRects()].some((rect) => touches(rect, event));
    if (hit) on.word(view, item);
  });
  // What was said, where it is written differently, for a pointer that rests there.
  area.addEventListener('pointermove', (event) => {
    if (event.pointerType !== 'mouse') return;
    const item = view.segment.items.find((i) => i.spoken
      && [...(view.spanOf(i.id)?.getClientRects() ?? [])].some((rect) => touches(rect, event)));
    const title = item ? `said: ${item.spoken}` : '';
    if (area.title !== title) area.title = title;
  });
}
