/**
 * One segment on the page: a real text field over a layer of words that carries the marks. Keeps
 * both in step for this one segment only; what is saved when is decided elsewhere.
 */
import { el, icon } from './dom.js';
import { clock, segmentName } from './format.js';
import { kindOf, openMarks, shapes } from './marks.js';
import { lineReadings } from './readings.js';
import { createSpots } from './spots.js';
import { follow, itemAt, moveCaret } from './text.js';
import { wire } from './typing.js';

/**
 * on: {input(view), focus(view), blur(view), word(view, item), play(view), readings(view, button),
 * menu(view, button), who(view, button), drawn(view)}. Returns the view; view.segment is the
 * server's version, view.text what the field holds. setPlace() must follow before it is seen.
 */
export function createField(segment, { channels, on }) {
  const under = el('div', { class: 'rv-under', inert: true, 'aria-hidden': 'true' });
  const area = el('textarea', { class: 'rv-area', rows: '1', spellcheck: 'false', autocomplete: 'off',
    autocorrect: 'off', autocapitalize: 'off', 'data-gramm': 'false' });
  const time = el('button', { type: 'button', class: 'rv-time', onclick: () => on.play(view) });
  const gutter = el('div', { class: 'rv-gutter' }, time);
  const note = el('div', { class: 'rv-margin' });
  const more = el('button', { type: 'button', class: 'btn btn-quiet btn-s btn-icon rv-more', 'aria-haspopup': 'menu',
    onclick: () => on.menu(view, more) }, icon('more', 's'));
  const below = el('div', { class: 'rv-below' });
  const node = el('li', { class: 'rv-seg', 'data-segment': segment.id }, gutter,
    el('div', { class: 'rv-main' }, el('div', { class: 'rv-field' }, under, area), below), note);
  note.append(more);

  let number = 0;
  let label = '';
  let spans = new Map();
  let laid = null; // ranges of the items in the text; worked out when asked for
  let current = null;
  let who = null;
  let others = null; // the button for other readings
  let credited = null;
  let visitor = null; // somebody else is in this segment
  let machine = null; // the machine's words, while they are shown

  function measure() {
    laid ??= follow(view.segment.items, area.value);
    return laid;
  }

  /** Draws the words under the text; costs one segment. */
  function draw() {
    const text = area.value;
    laid = null;
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
    on.drawn(view);
  }

  function showReadings() {
    const count = lineReadings(view.segment).length;
    if (count && !others) {
      others = el('button', { type: 'button', class: 'btn btn-quiet btn-s rv-others',
        popovertarget: 'rv-line-readings', onclick: () => on.readings(view, others) }, icon('fork', 's'), el('span', {}));
      others.title = 'Other readings of this segment';
      note.insertBefore(others, more);
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

    /** Place, who speaks ({name, voice, starts} or none) and rights; after one of them changed. */
    setPlace({ number: place, of, locked, voice, names }) {
      number = place;
      area.readOnly = locked;
      node.setAttribute('aria-posinset', String(place));
      node.setAttribute('aria-setsize', String(of));
      const s = view.segment;
      const named = segmentName(s, place, channels, names);
      if (named !== label) {
        label = named;
        area.setAttribute('aria-label', named);
        more.setAttribute('aria-label', `More for segment ${place}`);
        time.textContent = clock(s.start);
        time.setAttribute('aria-label', `Play from ${clock(s.start)}`);
        time.title = 'Play from here';
      }
      showWho(voice ?? null, locked);
      node.classList.toggle('is-other-voice', Boolean(voice?.starts));
      node.classList.toggle('is-paragraph', s.items[0]?.starts === 'paragraph');
      showReadings();
      node.classList.toggle('is-provisional', s.version === 0);
      node.classList.toggle('is-locked', locked);
      more.hidden = s.version === 0;
    },

    /** Take the server's items and marks; the text in the field stays. */
    setServer(next) {
      if (next === view.segment) return;
      view.segment = next;
      showReadings();
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
    spanOf: (itemId) => spans.get(itemId) ?? null,
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
    opener: () => more,

    ...createSpots(under, area),

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
      if (credited) note.insertBefore(credited, more);
    },

    /** Somebody else is here: his name, and whether he types; nobody: null. A warning, no lock. */
    visit(person) {
      visitor?.remove();
      visitor = person ? el('span', { class: `rv-visitor ${person.editing ? 'is-editing' : ''}` }, icon('user', 's'),
        el('span', {}, person.editing ? `${person.name} is typing here` : `${person.name} is here`)) : null;
      if (visitor) note.insertBefore(visitor, more);
      node.classList.toggle('is-shared', Boolean(person?.editing));
    },

    /** What the machine wrote, below the text: a node, or null to take it away. */
    original(content) {
      machine?.remove();
      machine = content;
      if (machine) below.prepend(machine);
    },
  };

  function showWho(voice, locked) {
    if (voice && !who) {
      who = el('button', { type: 'button', class: 'rv-who', onclick: () => on.who(view, who) },
        el('span', { class: 'rv-voice' }), el('span', { class: 'rv-name' }));
      gutter.append(who);
    }
    if (!who) return;
    const name = voice?.name ?? '';
    who.disabled = locked;
    if (who.dataset.name === name && who.dataset.voice === String((voice?.voice ?? 0) % 10)) return;
    who.dataset.name = name;
    who.dataset.voice = String((voice?.voice ?? 0) % 10);
    who.title = name;
    who.setAttribute('aria-label', `Speaker of segment ${number}: ${name || 'nobody'}`);
    who.lastChild.replaceChildren(...name.split(' · ').map((part) => el('span', {}, part)));
  }

  wire(view, on);
  area.value = segment.text;
  view.draw = draw;
  draw();
  return view;
}

function className({ look, item }) {
  const said = item?.spoken ? ' w-said' : '';
  if (!look) return `w${said}`;
  return `w w-${look.shape === 'open' ? kindOf(look.flag?.reason, item?.confidence) : look.shape}${said}`;
}
