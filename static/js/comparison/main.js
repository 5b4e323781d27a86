/** The page of differing places: a click on one plays it. */
import '../site/main.js';
import { sliceOf } from './places.js';

const sound = document.getElementById('compared-sound');
const said = document.getElementById('compared-said');
let until = Infinity;

function play(button) {
  const [from, to] = sliceOf(button.dataset);
  until = to;
  sound.currentTime = from;
  sound.play().catch(() => { said.textContent = 'The sound of this recording cannot be played.'; });
  document.querySelector('#compared tr.is-heard')?.classList.remove('is-heard');
  button.closest('tr').classList.add('is-heard');
}

document.getElementById('compared')?.addEventListener('click', (event) => {
  const row = event.target.closest('tbody tr');
  if (row) play(row.querySelector('button'));
});
sound?.addEventListener('timeupdate', () => {
  if (sound.currentTime >= until) sound.pause();
});
