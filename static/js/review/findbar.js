/**
 * The bar for finding and replacing: what is typed there is looked for in the whole transcript;
 * places on the page are lit, the one gone to is brought there. Replaces nothing by itself.
 */
import { announce, button, el, icon, slot } from './dom.js';
import { findAll, firstFrom, stepFrom, wordAt } from './find.js';

const LIT = 'rv-find';
const NOW = 'rv-find-now';
/** More places than this are counted and gone to, but not lit. */
const MOST_LIT = 500;

/** on: {replace(place, text), replaceAll({token, text, match_case, expect_count})}; textOf(id) -> text. */
export function createFindBar({ transcript, canEdit, textOf, on }) {
  let places = [];
  let index = -1;
  let frame = 0;
  const can = 'highlights' in CSS;

  const needle = el('input', { class: 'input', type: 'text', 'aria-label': 'Find in the transcript', placeholder: 'Find',
    spellcheck: 'false', autocomplete: 'off' });
  const other = el('input', { class: 'input', type: 'text', 'aria-label': 'Replace by', placeholder: 'Replace by',
    spellcheck: 'false', autocomplete: 'off' });
  const count = el('span', { class: 'rv-find-count small', role: 'status' });
  const toggle = (label, text) => el('button', { type: 'button', class: 'btn btn-quiet btn-s', title: label,
    'aria-label': label, 'aria-pressed': 'false', onclick: (event) => {
      const b = event.currentTarget;
      b.setAttribute('aria-pressed', String(b.getAttribute('aria-pressed') !== 'true'));
      look();
    } }, text);
  const matchCase = toggle('Match case', 'Aa');
  const wholeWord = toggle('Whole words', 'Words');
  const quiet = (label, name, onclick) => button('', { kind: 'btn-quiet btn-icon btn-s', iconName: name, 'aria-label': label, title: label, onclick });
  const one = button('Replace', { kind: 'btn-s', onclick: () => replace() });
  const all = button('Replace all', { kind: 'btn-s', onclick: () => replaceAll() });
  const second = el('div', { class: 'rv-find-row', hidden: true }, other, one, all);
  const more = quiet('Replace', 'chevron-right', () => showReplace(second.hidden));
  const bar = el('div', { class: 'rv-find', role: 'search', 'aria-label': 'Find in the transcript', hidden: true },
    el('div', { class: 'rv-find-row' }, more, needle, count, quiet('Previous place', 'chevron-up', () => step(-1)),
      quiet('Next place', 'chevron-down', () => step(1)), matchCase, wholeWord, quiet('Close', 'close', () => close())), second);
  slot('scroller').before(bar);

  const options = () => ({ matchCase: matchCase.getAttribute('aria-pressed') === 'true',
    wholeWord: wholeWord.getAttribute('aria-pressed') === 'true' });

  function showReplace(shown) {
    second.hidden = !shown || !canEdit();
    more.setAttribute('aria-expanded', String(!second.hidden));
    more.replaceChildren(icon(second.hidden ? 'chevron-right' : 'chevron-down', 's'));
    more.hidden = !canEdit();
  }

  /** Light the places that are on the page. */
  function light() {
    frame = 0;
    if (!can) return;
    CSS.highlights.delete(LIT);
    CSS.highlights.delete(NOW);
    if (bar.hidden || !places.length) return;
    const range = (p) => transcript.view(p.segment)?.domRange(p.from, p.to) ?? null;
    const here = places.filter((p) => transcript.view(p.segment)).slice(0, MOST_LIT).map(range).filter(Boolean);
    CSS.highlights.set(LIT, new Highlight(...here));
    const now = places[index] && range(places[index]);
    if (now) {
      const lit = new Highlight(now);
      lit.priority = 1;
      CSS.highlights.set(NOW, lit);
    }
  }

  function tell() {
    const n = places.length;
    count.textContent = needle.value.trim() ? (n ? `${index + 1} of ${n}` : 'Not found') : '';
    bar.classList.toggle('is-empty', Boolean(needle.value.trim()) && !n);
    one.disabled = !n;
    const whole = n ? wholes().length : 0;
    all.disabled = !whole;
    all.textContent = whole ? `Replace all ${whole}` : 'Replace all';
    all.title = 'Whole words only';
    light();
  }

  function search() { places = findAll(transcript.order, textOf, needle.value, options()); }

  /** Replacing everywhere is for whole words, whatever is looked for. */
  const wholes = () => findAll(transcript.order, textOf, needle.value, { ...options(), wholeWord: true });

  /** What is looked for changed: the next place from the caret. */
  function look() {
    const from = places[index] ?? transcript.active?.caret() ?? null;
    search();
    index = firstFrom(places, transcript.order, from);
    if (index >= 0) reveal();
    tell();
  }

  function reveal() {
    const place = places[index];
    const view = transcript.need(place.segment);
    if (!view) return;
    const target = view.domRange(place.from, place.to);
    transcript.bring(target?.getClientRects().length ? target : view.node, { smooth: false });
  }

  function step(by) {
    search();
    index = stepFrom(Math.min(index, places.length - 1), places.length, by);
    if (index >= 0) {
      reveal();
      const { segment, from, to } = places[index];
      const text = textOf(segment);
      announce(`${index + 1} of ${places.length}: ${text.slice(Math.max(0, from - 30), to + 30)}`);
    }
    tell();
  }

  function replace() {
    const place = places[index];
    if (!place || !canEdit()) return;
    on.replace(place, other.value);
    other.focus();
    search();
    index = firstFrom(places, transcript.order, { segment: place.segment, from: place.from + other.value.length });
    if (index >= 0) reveal();
    tell();
  }

  function replaceAll() {
    const count_ = wholes().length;
    if (!count_) return;
    on.replaceAll({ token: needle.value.trim(), text: other.value.trim(), match_case: options().matchCase, expect_count: count_ });
    announce(`Replacing ${count_} places`);
  }

  function close() {
    if (bar.hidden) return;
    bar.hidden = true;
    const place = places[index];
    light();
    const view = place && transcript.need(place.segment);
    if (view) transcript.select(view, place);
    else transcript.active?.area.focus({ preventScroll: true });
  }

  needle.addEventListener('input', look);
  bar.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if (event.key === 'Escape') close();
    else if (event.key === 'Enter' && event.target === needle) step(event.shiftKey ? -1 : 1);
    else if (event.key === 'Enter' && event.target === other) replace();
    else if (event.key === 'F3' || (event.key.toLowerCase() === 'g' && (event.ctrlKey || event.metaKey))) step(event.shiftKey ? -1 : 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  return {
    /** replacing: with the second line open, for the word at the caret in whole words. */
    open({ replacing = false } = {}) {
      const view = transcript.active;
      const caret = view?.caret();
      const word = caret && view.focused ? wordAt(view.text, caret.from, replacing ? caret.to : Math.max(caret.to, caret.from)) : '';
      const selected = caret && caret.to > caret.from;
      bar.hidden = false;
      showReplace(replacing || !second.hidden);
      if (word && (replacing || selected)) needle.value = word;
      if (replacing) for (const b of [matchCase, wholeWord]) b.setAttribute('aria-pressed', 'true');
      const field = replacing && needle.value ? other : needle;
      field.focus();
      field.select();
      look();
    },
    /** The text changed, or other fields came onto the page. */
    refresh(texts = true) {
      if (bar.hidden) return;
      if (texts) {
        const before = places[index];
        search();
        index = before ? firstFrom(places, transcript.order, before) : places.length ? 0 : -1;
      }
      frame ||= requestAnimationFrame(tell);
    },
  };
}
