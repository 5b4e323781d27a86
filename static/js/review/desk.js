/**
 * What surrounds the text: sound and its picture, the voice cursor, keys and pedals, and the line
 * of the review. Makes these parts and joins them; what they do is in them.
 */
import { createCursor } from './cursor.js';
import { listenToMedia, listenToPads, listenToPedals } from './devices.js';
import { createDispatcher } from './dispatch.js';
import { slot } from './dom.js';
import { fillShortKeys } from './help.js';
import { countOf, createCounter } from './look.js';
import { createMemory, createPlayer } from './player.js';
import { createSlider } from './slider.js';
import { createToolbar } from './toolbar.js';
import { act } from './transport.js';
import { voices } from './voices.js';
import { createWaveform } from './waveform.js';
import { toast } from '../site/toast.js';

/** on: {look()} when other words are shown as marks; keymap and pace as made by their modules. */
export function createDesk({ session, transcript, keymap, pace, on }) {
  const { recording } = session;
  const counter = createCounter();
  let toolbar = null; // made when the commands are there
  let waveform = null;
  let frame = 0;

  const player = createPlayer({
    url: recording.audio_url,
    duration: recording.duration,
    memory: createMemory(),
    habits: keymap.habits,
    on: {
      time: (seconds, playing) => {
        toolbar?.time(seconds);
        waveform?.time(seconds);
        cursor.speak(transcript.speak(seconds, playing), playing);
      },
      state: (playing) => toolbar?.state(playing),
      rate: (rate) => toolbar?.rate(rate),
      loop: (range) => {
        toolbar?.loop(range);
        waveform?.loop(range);
      },
      trouble: (sentence) => toast(recording.audio_removed || sentence, { kind: 'warn' }),
    },
  });

  slot('no-audio').hidden = !recording.audio_removed;
  slot('no-audio').textContent = recording.audio_removed;

  const cursor = createCursor({
    place: ({ segment, item }) => {
      const view = transcript.need(segment);
      const range = view?.rangeOf(item);
      return range ? { view, range } : null;
    },
    on: { state: (following) => toolbar?.follow(following) },
  });

  const slider = createSlider({ counter, pace, on: {
    async rest(below) {
      if (below === session.lines.below) return;
      const url = session.review.look_url;
      session.setLook(below);
      on.look();
      const { ok, body } = await act(url, { below });
      if (!ok) toast(body.message ?? 'The line could not be kept. It holds for this page.', { kind: 'warn' });
    },
  } });

  function draw() {
    const { review, segments, lines } = session;
    if (review) counter.read(segments, lines.threshold);
    slider.show(review, { ready: session.job?.status === 'COMPLETED' });
    waveform?.marks(transcript.openTimes());
    waveform?.speakers(segments, voices(segments, recording.channels, session.speakers));
  }

  return {
    player,
    cursor,
    focus: () => toolbar.focus(),
    /** {left, total} of marked words, the server's and those this review's line adds. */
    counts() {
      const { review, segments, lines } = session;
      counter.read(segments, lines.threshold);
      return countOf(review, counter.under(lines.below));
    },
    /** Segments, marks or the review changed; drawn once a frame. */
    changed() {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        draw();
      });
    },
    /** Keys, pedals and buttons begin to work. */
    join(commands) {
      toolbar = createToolbar({ player, duration: recording.duration, commands: commands.table, keymap });
      toolbar.state(false);
      toolbar.rate(player.rate);
      const { device } = createDispatcher({ keymap, commands });
      listenToMedia(device);
      listenToPads(device);
      listenToPedals(device);
      fillShortKeys(slot('shortkeys'), keymap);
      document.getElementById('review').dataset.ready = '';
      createWaveform({ box: slot('wave'), ticks: slot('ticks'), slider: slot('seek'), player,
        peaksUrl: recording.peaks_url, duration: recording.duration,
        onZoom: ({ closeness, closest }) => toolbar.zoom(closeness > 0, !closest) }).then((face) => {
        waveform = face;
        commands.table.zoomIn = () => face.zoom(1);
        commands.table.zoomOut = () => face.zoom(-1);
        draw();
      });
    },
  };
}
