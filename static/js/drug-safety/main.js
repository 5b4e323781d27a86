/** The worklist of drug safety: keys, and playing the evidence. Decisions are plain forms. */
import '../site/main.js';
import { commandOf, stepped } from './keys.js';

const PLACE = 'drug-safety-place'; // where in the list a decision was made
const rows = [...document.querySelectorAll('.ds-row')];
const sound = document.getElementById('sound');
let current = -1;
let until = Infinity; // seconds

function go(at) {
  if (at < 0) return;
  current = at;
  rows[at].focus({ preventScroll: true });
  rows[at].scrollIntoView({ block: 'nearest' });
}

function play(button) {
  const start = Number(button.dataset.start);
  until = Number(button.dataset.end);
  if (sound.getAttribute('src') !== button.dataset.src) sound.src = button.dataset.src;
  sound.currentTime = start;
  sound.play().catch(() => { document.getElementById('said').textContent = 'The sound could not be played.'; });
}

/** The row with the focus, else the one gone to last, else the first. */
function here() {
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  if (at >= 0) current = at;
  return rows[Math.max(0, current)] ?? null;
}

const commands = {
  next: () => { here(); go(stepped(current, 1, rows.length)); },
  previous: () => { here(); go(stepped(current, -1, rows.length)); },
  play: () => here()?.querySelector('[data-play]')?.click(),
  accept: () => here()?.querySelector('[data-accept]')?.requestSubmit(),
  reject: () => here()?.querySelector('[data-reject] [name=reason]')?.focus(),
  undo: () => document.querySelector('[data-undo]')?.requestSubmit(),
};

document.addEventListener('keydown', (event) => {
  const { key, ctrlKey, altKey, metaKey, target } = event;
  const command = commandOf({ key, ctrlKey, altKey, metaKey, tag: target.tagName });
  if (!command) return;
  event.preventDefault();
  commands[command]();
});
document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-play]');
  if (!button) return;
  current = rows.indexOf(button.closest('.ds-row'));
  play(button);
});
document.addEventListener('submit', () => {
  here();
  sessionStorage.setItem(PLACE, String(Math.max(0, current)));
});
sound?.addEventListener('timeupdate', () => {
  if (sound.currentTime >= until) sound.pause();
});

// After a decision: on at the same place, which the next one has taken.
const place = sessionStorage.getItem(PLACE);
sessionStorage.removeItem(PLACE);
if (place !== null && rows.length) go(Math.min(Number(place), rows.length - 1));
