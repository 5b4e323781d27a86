/**
 * The sound: one media element, and everything the keys and the text ask of it. Draws nothing;
 * the waveform is in waveform.js, the controls in toolbar.js. The browser fetches it by ranges.
 */

export const RATES = [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2];
const BEFORE = 1; // seconds heard before a marked word, so that it stands in its sentence
const AFTER = 1; // as much behind it: a critical word counts as heard with both
/** A hair inside the word, so that rounding does not light the one before. */
const INSIDE = 0.01;
/** The element tells its place a little later than it stops. */
const NEAR = 0.25;

/** Typing stops the sound; this long after the last key it goes on. */
export const TYPING_MS = 500;

/**
 * on: {time(seconds, playing), state(playing), rate(rate), loop(range or null), trouble(sentence)}.
 * habits: {typing: does typing pause, backStep: seconds heard again after a pause}.
 */
export function createPlayer({ url, duration, on, memory, habits }) {
  const audio = new Audio();
  audio.preload = 'metadata';
  audio.preservesPitch = true;
  audio.src = url;
  let stopAt = null;
  let slice = null;
  let looping = null; // [start, end] that is repeated
  let resting = null; // where a pause left the sound; resuming there steps back a little
  let typing = 0; // timer while the sound waits for the typist
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
    } else if (looping && stopAt === null && !audio.seeking && audio.currentTime >= looping[1]) {
      audio.currentTime = looping[0] + INSIDE;
    }
  };

  audio.addEventListener('play', () => {
    on.state(true);
    if (!frame) frame = requestAnimationFrame(tick);
  });
  audio.addEventListener('pause', () => on.state(false));
  audio.addEventListener('ended', () => {
    if (looping) player.playFrom(looping[0]);
  });
  audio.addEventListener('seeked', () => on.time(audio.currentTime, !audio.paused));
  // Frames stop in a tab that is not seen; a slice must end there too.
  audio.addEventListener('timeupdate', check);
  audio.addEventListener('error', () => on.trouble('The sound of this recording cannot be played.'));

  const seek = (t) => { audio.currentTime = Math.max(0, Math.min(t, duration || Infinity)); };
  const play = () => audio.play().catch((error) => {
    if (error.name === 'NotAllowedError') on.trouble('Press play once; the browser waits for that.');
  });

  /** What was waiting is over: a person decided about the sound. */
  const settle = () => {
    clearTimeout(typing);
    typing = 0;
    stopAt = null;
  };
  /** Going elsewhere ends repeating. */
  const leaveLoop = (t) => {
    if (looping && (t < looping[0] - BEFORE || t > looping[1])) {
      looping = null;
      on.loop(null);
    }
  };

  const player = {
    audio,
    get time() { return audio.currentTime; },
    get playing() { return !audio.paused; },
    get rate() { return audio.playbackRate; },
    get looping() { return looping; },

    toggle() {
      if (audio.paused) player.resume();
      else player.pause();
    },
    /** Goes on, from a little before where it was paused; from elsewhere as it is. */
    resume() {
      settle();
      if (resting !== null && Math.abs(audio.currentTime - resting) < NEAR) {
        seek(Math.max(audio.currentTime - habits.backStep, looping && looping[0] <= resting ? looping[0] : 0));
      }
      resting = null;
      play();
    },
    pause() {
      settle();
      audio.pause();
      resting = audio.currentTime;
    },
    /** A key was typed into the text. */
    typed() {
      if (!habits.typing || (audio.paused && !typing)) return;
      clearTimeout(typing);
      audio.pause();
      typing = setTimeout(() => {
        typing = 0;
        play();
      }, TYPING_MS);
    },
    /** Repeats [start, end] until called with null. */
    loop(range) {
      looping = range;
      on.loop(range);
      if (!range) return;
      const { currentTime: now } = audio;
      if (now < range[0] || now >= range[1]) player.playFrom(range[0]);
      else {
        settle();
        play();
      }
    },
    seek(t) {
      settle();
      leaveLoop(t);
      seek(t);
    },
    skip(seconds) {
      player.seek(audio.currentTime + seconds);
    },
    playFrom(t) {
      settle();
      leaveLoop(t);
      seek(t + INSIDE);
      play();
    },
    /** The words from start to end with a little around them, then silence. */
    playSlice(start, end) {
      settle();
      leaveLoop(start);
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
