/**
 * The small box at a word: what was said there, and its other readings. The caret stays in the
 * text; keys come through key(). Says which reading was taken, changes no text itself.
 */
import { el } from './dom.js';
import { percent } from './format.js';
import { placeBeside, whenMoved } from './place.js';
import { NUMBERED, menuAct, saidOf, takesDigits, wordReadings } from './readings.js';

/**
 * on: {take(view, reading, digit)} with digit the key that took it, or null. keyOf(n) -> the key
 * that takes reading n, as people read it.
 */
export function createWordMenu({ box, keyOf, on }) {
  let at = null; // {view, key, items, readings, digits, index}

  const option = (i) => document.getElementById(`rv-word-reading-${i}`);

  function place() {
    const span = at?.view.spanOf(at.items[0].id);
    if (!span?.isConnected) return hide();
    const rect = span.getClientRects()[0] ?? span.getBoundingClientRect();
    const window_ = at.view.node.closest('.rv-body').getBoundingClientRect();
    box.classList.toggle('is-away', rect.bottom < window_.top || rect.top > window_.bottom);
    return placeBeside(box, rect);
  }

  function hide() {
    if (!at) return;
    at.view.area.removeAttribute('aria-controls');
    at.view.area.removeAttribute('aria-activedescendant');
    at = null;
    box.hidePopover();
  }

  function move(index) {
    option(at.index)?.setAttribute('aria-selected', 'false');
    at.index = index;
    option(index).setAttribute('aria-selected', 'true');
    option(index).scrollIntoView({ block: 'nearest' });
    at.view.area.setAttribute('aria-activedescendant', `rv-word-reading-${index}`);
  }

  function take(index, digit = null) {
    const { view } = at;
    const reading = at.readings[index];
    hide();
    on.take(view, reading, digit);
  }

  /** What takes the reading at this index: nothing where figures are typed, or past the fourth. */
  function keyAt(index, digits) {
    const key = index < NUMBERED ? keyOf(index + 1) : '';
    return /^\d$/.test(key) && !digits ? '' : key;
  }

  /** The word as it stands, which Enter keeps. */
  const standing = (word, items) => el('p', { class: 'rv-reading rv-reading-now' }, el('kbd', { 'aria-hidden': 'true' }, '⏎'),
    el('span', { class: 'rv-reading-text' }, word), el('span', { class: 'small secondary' }, percent(items[0].confidence)));

  function list({ readings, digits, word }) {
    const rows = readings.map((reading, i) => el('div', { class: 'rv-reading', role: 'option',
      id: `rv-word-reading-${i}`, 'aria-selected': 'false', onclick: () => take(i) },
    keyAt(i, digits) ? el('kbd', { 'aria-hidden': 'true' }, keyAt(i, digits)) : el('span', { class: 'rv-reading-dot' }),
    el('span', { class: 'rv-reading-text' }, reading.content),
    el('span', { class: 'small secondary' }, percent(reading.confidence))));
    return el('div', { role: 'listbox', id: 'rv-word-readings', 'aria-label': `Other readings of ${word}` }, ...rows);
  }

  // A press on the box must not take the caret out of the text.
  box.addEventListener('pointerdown', (event) => event.preventDefault());
  box.addEventListener('mousedown', (event) => event.preventDefault());
  whenMoved(() => at && place());

  return {
    get choosing() { return Boolean(at?.readings.length); },
    hide,

    /**
     * Shows the box for these items of a view; key names what it belongs to (see keep). readings
     * false: only what was said; keep: Enter keeps the word. Returns the readings shown, with their digits, or null for none.
     */
    show(view, items, key, { readings: offer = true, keep = false } = {}) {
      const word = items.map((item) => item.content).join(' ');
      const readings = offer ? wordReadings(items) : [];
      const said = saidOf(items);
      hide();
      if (!readings.length && !said) return null;
      const digits = takesDigits(word, readings);
      at = { view, key, items, readings, digits, index: -1 };
      const parts = [];
      if (said) parts.push(el('p', { class: 'rv-said small' }, el('span', { class: 'secondary' }, 'said: '), said));
      if (readings.length && keep) parts.push(standing(word, items));
      if (readings.length) parts.push(list({ readings, digits, word }));
      if (readings.length && !digits) {
        parts.push(el('p', { class: 'rv-reading-how small secondary' }, el('kbd', {}, '↓'), ' ', el('kbd', {}, 'Enter'), ' takes one'));
      }
      box.replaceChildren(...parts);
      box.classList.toggle('is-note', !readings.length);
      if (readings.length) view.area.setAttribute('aria-controls', 'rv-word-readings');
      box.showPopover();
      place();
      return { readings, digits };
    },

    /** Stays only when it belongs to one of these keys. */
    keep(view, keys) {
      if (at && !(view === at.view && keys.includes(at.key))) hide();
      return at !== null;
    },

    /** The reading with this number; false where figures are what one types here. */
    takeNumber(n, event) {
      const typed = /^\d$/.test(event?.key ?? '') && !event.altKey && !event.ctrlKey;
      if (!at || n > at.readings.length || (typed && !at.digits) || event?.repeat) return false;
      take(n - 1, typed ? event.key : null);
      return true;
    },

    /** A key pressed in the text: true when it was for the box. */
    key(event) {
      if (!at?.readings.length) return false;
      const act = menuAct(event, { count: at.readings.length, index: at.index });
      if (!act) return false;
      if (act.close) hide();
      else if (act.take !== undefined) take(act.take);
      else move(act.move);
      return true;
    },
  };
}
