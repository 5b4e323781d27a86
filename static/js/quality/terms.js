/** Frequent corrections: plays the words of an example. */
import '../site/main.js';
import { slice } from './keys.js';

const sound = document.getElementById('sound');
let until = Infinity; // seconds

document.addEventListener('click', (event) => {
  const { sound: src, start, end } = event.target.closest('[data-sound]')?.dataset ?? {};
  if (!src) return;
  const { from, to } = slice({ start: Number(start), end: Number(end) });
  until = to;
  if (sound.getAttribute('src') !== src) sound.src = src;
  sound.currentTime = from;
  sound.play().catch(() => { document.getElementById('said').textContent = 'The sound could not be played.'; });
});
sound.addEventListener('timeupdate', () => { if (sound.currentTime >= until) sound.pause(); });
