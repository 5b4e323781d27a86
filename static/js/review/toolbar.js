/** The controls of the sound and of the marked words: buttons with their keys, time, speed, volume. */
import { icon, isMac, slot } from './dom.js';
import { clock } from './format.js';
import { commandOf } from './keys.js';
import { RATES } from './player.js';

/** commands: {id: function} as the keys have them; keymap gives each button its tooltip. */
export function createToolbar({ player, duration, commands, keymap }) {
  const playButton = slot('play');
  const time = slot('time');
  const rate = slot('rate');
  const volume = slot('volume');
  const follow = slot('follow');
  const repeat = slot('repeat');
  slot('total').textContent = clock(duration);

  for (const node of document.querySelectorAll('[data-command]')) {
    const id = node.dataset.command;
    const { label } = commandOf(id);
    const keys = keymap.texts(id, isMac).join(' or ');
    node.title = keys ? `${label} (${keys})` : label;
    if (!node.textContent.trim() && !node.hasAttribute('aria-label')) node.setAttribute('aria-label', label);
    // The caret stays in the text: these buttons act on where it is.
    node.addEventListener('pointerdown', (event) => {
      if (document.activeElement?.matches('.rv-area')) event.preventDefault();
    });
    node.addEventListener('click', () => commands[id]?.(true));
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
    /** Does the caret follow the voice? */
    follow(on) { follow.setAttribute('aria-pressed', String(on)); },
    loop(range) {
      repeat.setAttribute('aria-pressed', String(Boolean(range)));
      slot('repeat-text').textContent = range ? `${clock(range[0])} – ${clock(range[1])}` : '';
    },
    /** Can the waveform go wider, closer? */
    zoom(wider, closer) {
      slot('zoom').hidden = false;
      document.querySelector('[data-command="zoomOut"]').disabled = !wider;
      document.querySelector('[data-command="zoomIn"]').disabled = !closer;
    },
    focus() { playButton.focus(); },
  };
}
