/**
 * Reports what this browser plays, so that words that matter for safety can be settled by ear. The
 * stretches are kept in heard.js; here the media element is listened to and the server told.
 */
import { createHeard } from './heard.js';
import { act } from './transport.js';

const EVERY_MS = 10_000; // a long stretch is reported in parts

/** url is a function: the address may come later. `covers` as in heard.js; `settled` when told. */
export function createPlays({ audio, duration, url, may }) {
  const heard = createHeard({ duration });
  let told = Promise.resolve();
  let timer = 0;

  const report = () => {
    const stretches = heard.take();
    if (!stretches.length || !url() || !may()) return told;
    told = told.then(async () => {
      const { ok } = await act(url(), { played: stretches });
      if (!ok) heard.back(stretches);
    });
    return told;
  };
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    heard.stop(audio.currentTime);
    report();
  };

  audio.addEventListener('playing', () => {
    heard.at(audio.currentTime, audio.playbackRate);
    timer ||= setInterval(() => { heard.cut(); report(); }, EVERY_MS);
  });
  audio.addEventListener('timeupdate', () => {
    if (!audio.paused && !audio.seeking) heard.at(audio.currentTime, audio.playbackRate);
  });
  audio.addEventListener('ratechange', () => heard.cut());
  audio.addEventListener('seeking', () => { heard.stop(); report(); });
  audio.addEventListener('pause', stop);
  audio.addEventListener('ended', stop);

  return {
    covers: heard.covers,
    /** Resolves once the server knows all that was played so far. */
    async settled() {
      heard.cut();
      await report();
    },
  };
}
