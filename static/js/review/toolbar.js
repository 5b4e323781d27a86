/** The controls of the sound and of the marked words: buttons, time, speed, volume. */
import { icon, isMac, slot } from './dom.js';
import { clock } from './format.js';
import { KEYS, hint } from './keys.js';
import { RATES } from './player.js';

/** commands: {id: function} as the keys have them. */
export function createToolbar({ player, duration, commands }) {
  const playButton = slot('play');
  const time = slot('time');
  const rate = slot('rate');
  const volume = slot('volume');
  slot('total').textContent = clock(duration);

  for (const node of document.querySelectorAll('[data-command]')) {
    const id = node.dataset.command;
    const label = KEYS.find((k) => k.id === id).label;
    node.title = `${label} (${hint(id, isMac)})`;
    if (!node.textContent.trim()) node.setAttribute('aria-label', label);
    // The caret stays in the text: these buttons act on where it is.
    node.addEventListener('pointerdown', (event) => {
      if (document.activeElement?.matches('.rv-area')) event.preventDefault();
    });
    node.addEventListener('click', () => commands[id]());
  }

  for (const value of RATES) rate.append(new Option(`${value}×`, String(value)));
  rate.addEventListener('change', () => player.setRate(Number(rate.value)));
  volume.value = String(player.audio.volume);
  volume.addEventListener('input', () => player.setVolume(Number(volume.value)));

  let shown = '';
  return {
    time(seconds) {
      const text = clock(seconds);
      if (text !== shown) time.textContent = shown = text;
    },
    state(playing) {
      playButton.replaceChildren(icon(playing ? 'pause' : 'play'));
      playButton.setAttribute('aria-label', playing ? 'Pause' : 'Play');
    },
    rate(value) { rate.value = String(value); },
    focus() { playButton.focus(); },
  };
}
