/** A second review: slices of the sound, keys, lines that save themselves, words marked by selecting. */
import '../site/main.js';
import { isMac } from '../review/dom.js';
import { kbd } from '../review/help.js';
import { pressOf } from '../review/keys.js';
import { createKeymap } from '../review/keymap.js';
import { isTyping, shortcutsOn } from '../site/shortcuts.js';
import { commandFor, slice, stepped } from './keys.js';
import { createLines } from './lines.js';

const sound = document.getElementById('sound');
const slices = [...document.querySelectorAll('[data-slice]')];
const blind = document.getElementById('blind');
const keymap = createKeymap(JSON.parse(document.getElementById('key-map').textContent));
let until = Infinity; // seconds

for (const place of document.querySelectorAll('[data-keys-of]')) {
  const texts = keymap.texts(place.dataset.keysOf, isMac);
  const shown = texts.find((text) => text.includes('+') === Boolean(blind)) ?? texts[0];
  place.replaceChildren(...(shown ? kbd(shown) : ['no key']));
}

function say(text) {
  document.getElementById(blind ? 'saving' : 'said').textContent = text;
}

function play(at) {
  if (!at) return;
  const { from, to } = slice({ start: Number(at.dataset.start), end: Number(at.dataset.end) }, blind ? 0.3 : 1);
  until = to;
  if (!sound.getAttribute('src')) sound.src = sound.dataset.src;
  sound.currentTime = from;
  sound.play().catch(() => say('The sound could not be played.'));
}
sound.addEventListener('timeupdate', () => { if (sound.currentTime >= until) sound.pause(); });

function here() {
  return slices.findIndex((one) => one.contains(document.activeElement));
}
function go(by) {
  const at = stepped(here(), by, slices.length);
  if (at < 0) return;
  const target = blind ? slices[at].querySelector('textarea') : slices[at];
  target.focus({ preventScroll: true });
  slices[at].scrollIntoView({ block: 'nearest' });
}
function choose(verdict) {
  slices[here()]?.querySelector(`[name=verdict][value=${verdict}]`)?.click();
}

function run(command) {
  if (command === 'play') play(slices[here()] ?? slices[0]);
  else if (command === 'next') go(1);
  else if (command === 'previous') go(-1);
  else choose(command);
}
document.addEventListener('keydown', (event) => {
  const command = commandFor(keymap, pressOf(event), { typing: isTyping(event), on: shortcutsOn() });
  if (!command) return;
  event.preventDefault();
  run(command);
});
document.addEventListener('click', (event) => {
  if (event.target.closest('[data-play]')) play(event.target.closest('[data-slice]'));
});

// What is no error needs no class.
for (const form of document.querySelectorAll('[data-judge]')) {
  const grade = form.querySelector('[data-grade]');
  const kind = form.querySelector('[data-kind]');
  const show = () => {
    const wrong = form.elements.verdict.value === 'signed_wrong';
    grade.hidden = !wrong;
    kind.required = wrong;
  };
  form.addEventListener('change', show);
  show();
}
for (const kind of document.querySelectorAll('[data-kind]')) {
  const severity = kind.form.querySelector('[data-severity]');
  kind.addEventListener('change', () => { severity.value = kind.selectedOptions[0].dataset.usual ?? ''; });
}

const mark = document.getElementById('mark');
const text = document.getElementById('signed-text');
if (mark && text) {
  document.addEventListener('selectionchange', () => {
    const chosen = document.getSelection();
    if (chosen.isCollapsed || !text.contains(chosen.anchorNode) || !text.contains(chosen.focusNode)) return;
    const words = [...text.querySelectorAll('[data-word]')].filter((word) => chosen.containsNode(word, true));
    if (!words.length) return;
    mark.elements.first.value = words[0].dataset.word;
    mark.elements.last.value = Number(words.at(-1).dataset.word) + 1;
    mark.elements.words.value = words.map((word) => word.textContent).join(' ');
  });
  mark.elements.words.addEventListener('input', () => {
    mark.elements.first.value = '';
    mark.elements.last.value = '';
  });
}

if (blind) createLines({ form: blind, say });
document.querySelector('#second')?.setAttribute('data-ready', '');
