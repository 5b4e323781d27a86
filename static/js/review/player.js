/**
 * The sound: one media element, and everything the keys and the text ask of it. Draws nothing;
 * the waveform is in waveform.js, the controls in toolbar.js.
 */

export const RATES = [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2];
const BEFORE = 1; // seconds heard before a marked word, so that it stands in its sentence
const AFTER = 0.5;
/** A hair inside the word, so that rounding does not light the one before. */
const INSIDE = 0.01;

/** on: {time(seconds, playing), state(playing), rate(rate), trouble(sentence)} */
export function createPlayer({ url, duration, on, memory }) {
  const audio = new Audio();
  audio.preload = 'metadata';
  audio.preservesPitch = true;
  audio.src = url;
  let stopAt = null;
  let slice = null;
  let frame = 0;

  const tick = () => {
    frame = 0;
    check();
    on.time(audio.currentTime, !audio.paused);
    if (!audio.paused) frame = requestAnimationFrame(tick);
  };
  const check = () => {
    if (stopAt !== null && audio.currentTime >= stopAt) {
      stopAt = null;
      audio.pause();
    }
  };

  audio.addEventListener('play', () => {
    on.state(true);
    if (!frame) frame = requestAnimationFrame(tick);
  });
  audio.addEventListener('pause', () => on.state(false));
  audio.addEventListener('seeked', () => on.time(audio.currentTime, !audio.paused));
  // Frames stop in a tab that is not seen; a slice must end there too.
  audio.addEventListener('timeupdate', check);
  audio.addEventListener('error', () => on.trouble('The sound of this recording cannot be played.'));

  const seek = (t) => { audio.currentTime = Math.max(0, Math.min(t, duration || Infinity)); };
  const play = () => audio.play().catch((error) => {
    if (error.name === 'NotAllowedError') on.trouble('Press play once; the browser waits for that.');
  });

  const player = {
    audio,
    get time() { return audio.currentTime; },
    get playing() { return !audio.paused; },
    get rate() { return audio.playbackRate; },

    toggle() {
      stopAt = null;
      if (audio.paused) play();
      else audio.pause();
    },
    pause: () => audio.pause(),
    seek(t) {
      stopAt = null;
      seek(t);
    },
    skip(seconds) {
      stopAt = null;
      seek(audio.currentTime + seconds);
    },
    playFrom(t) {
      stopAt = null;
      seek(t + INSIDE);
      play();
    },
    /** The words from start to end with a little around them, then silence. */
    playSlice(start, end) {
      slice = [start, end];
      stopAt = end + AFTER;
      seek(start - BEFORE);
      play();
    },
    replay() {
      if (slice) player.playSlice(...slice);
      return slice !== null;
    },
    setRate(rate) {
      audio.playbackRate = audio.defaultPlaybackRate = rate;
      memory.set('rate', rate);
      on.rate(rate);
    },
    step(direction) {
      const at = RATES.reduce((best, r, i) => (
        Math.abs(r - audio.playbackRate) < Math.abs(RATES[best] - audio.playbackRate) ? i : best), 0);
      player.setRate(RATES[Math.max(0, Math.min(RATES.length - 1, at + direction))]);
    },
    setVolume(volume) {
      audio.volume = volume;
      memory.set('volume', volume);
    },
  };
  audio.volume = memory.get('volume', 1);
  player.setRate(memory.get('rate', 1));
  return player;
}

/** Rate and volume of this browser; nothing about any recording. */
export function createMemory(storage = window.localStorage) {
  return {
    get(name, otherwise) {
      try {
        const value = Number(storage.getItem(`countersign.${name}`) ?? NaN);
        return Number.isFinite(value) ? value : otherwise;
      } catch {
        return otherwise;
      }
    },
    set(name, value) {
      try {
        storage.setItem(`countersign.${name}`, String(value));
      } catch {
        /* without storage the choice lasts for this page */
      }
    },
  };
}
