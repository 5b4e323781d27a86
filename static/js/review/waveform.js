/**
 * The picture of the sound, from peaks the server has computed: who speaks, what is still to
 * check, what is repeated, closer and wider. Loads wavesurfer only here; without it the slider
 * under it still seeks. Never fetches the sound itself.
 */
import { get } from './transport.js';
import { DETAIL_STEP, missing, nextZoom, placeIn, spread, stretches } from './zoom.js';

const HEIGHT = 44;
const RATE = 20; // peaks a second in full detail
const VOICES = ['accent', 'human', 'warn', 'ok', 'info'];

/** What a colour token comes to at this moment: canvas cannot read light-dark(). */
function colour(name) {
  const probe = document.createElement('span');
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

const paint = () => ({
  waveColor: colour('ink-off'),
  progressColor: colour('accent'),
  cursorColor: colour('accent'),
});

/** The strip over the waveform's foot: speakers and ticks of the window that is seen. */
function createStrip(canvas) {
  let colours = null;
  return {
    repaint() { colours = null; },
    draw({ window: seen, marks, speakers, loop }) {
      colours ??= { marks: Object.fromEntries(['open', 'low', 'look', 'critical'].map((k) => [k, colour(`mark-${k}-line`)])),
        voices: VOICES.map(colour), loop: colour('focus') };
      const ratio = window.devicePixelRatio || 1;
      const { clientWidth: width, clientHeight: height } = canvas;
      canvas.width = width * ratio;
      canvas.height = height * ratio;
      const pen = canvas.getContext('2d');
      pen.scale(ratio, ratio);
      const at = (time) => placeIn(time, seen, width);
      for (const { from, to, voice } of speakers) {
        if (to < seen[0] || from > seen[1]) continue;
        pen.fillStyle = colours.voices[voice % VOICES.length];
        pen.globalAlpha = voice >= VOICES.length ? 0.5 : 1;
        pen.fillRect(at(from), height - 3, Math.max(1, at(to) - at(from) - 1), 3);
      }
      pen.globalAlpha = 1;
      for (const { time, kind } of marks) {
        if (time < seen[0] || time > seen[1]) continue;
        pen.fillStyle = colours.marks[kind] ?? colours.marks.open;
        pen.fillRect(Math.min(width - 2, at(time)), 0, 2, kind === 'look' ? 4 : 6);
      }
      if (loop) {
        pen.fillStyle = colours.loop;
        pen.fillRect(at(loop[0]), 0, Math.max(2, at(loop[1]) - at(loop[0])), 2);
      }
    },
  };
}

/**
 * box: element to draw in; ticks: canvas over it; slider: <input type=range> for the keyboard.
 * Returns {marks([{time, kind}]), speakers(segments, who), loop(range), time(seconds), zoom(±1)}.
 */
export async function createWaveform({ box, ticks, slider, player, peaksUrl, duration, onZoom }) {
  const strip = createStrip(ticks);
  const shown = { window: [0, Math.max(duration, 0.1)], marks: [], speakers: [], loop: null };
  let wave = null;
  let frame = 0;
  let last = -1;
  slider.max = String(Math.max(duration, 0.1));
  slider.addEventListener('input', () => player.seek(Number(slider.value)));

  /** Once a frame, however much changes. */
  function draw() {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      strip.draw(shown);
    });
  }
  new ResizeObserver(draw).observe(ticks);

  const face = {
    marks(list) {
      shown.marks = list;
      draw();
    },
    speakers(segments, who) {
      shown.speakers = stretches(segments, who);
      draw();
    },
    loop(range) {
      shown.loop = range;
      draw();
    },
    time(t) {
      const whole = Math.round(t * 10) / 10;
      if (whole === last) return;
      last = whole;
      slider.value = String(whole);
    },
    zoom: () => false,
  };

  const { body } = await get(peaksUrl);
  if (!body?.peaks?.length) return face;
  let WaveSurfer;
  try {
    ({ default: WaveSurfer } = await import('wavesurfer.js'));
  } catch {
    return face;
  }
  const length = body.duration || duration;
  const coarse = body.per_second < RATE;
  const channel = spread(body.peaks, body.per_second, length, RATE);
  wave = WaveSurfer.create({
    container: box,
    media: player.audio,
    peaks: [channel],
    duration: length,
    cspNonce: document.querySelector('meta[name="csp-nonce"]')?.content || undefined,
    height: HEIGHT,
    barWidth: 2,
    barGap: 1,
    barRadius: 1,
    barMinHeight: 1,
    cursorWidth: 2,
    normalize: true,
    maxPeak: Math.max(0.05, ...body.peaks.map((p) => p / 100)),
    dragToSeek: true,
    hideScrollbar: true,
    ...paint(),
  });
  box.closest('.rv-wave').classList.add('has-wave');

  const had = new Set();
  let closeness = 0;

  /** The stretches in view in full detail, where the whole was thinned. */
  async function refine() {
    if (!coarse || closeness < body.per_second) return;
    const wanted = missing(...shown.window, had);
    wanted.forEach((start) => had.add(start));
    for (const start of wanted) {
      const { body: detail } = await get(`${peaksUrl}?from=${start}&to=${start + DETAIL_STEP}`);
      if (detail?.peaks) channel.set(detail.peaks.map((p) => p / 100).slice(0, channel.length - start * RATE), start * RATE);
      else had.delete(start);
    }
    if (wanted.length) wave.setOptions({ peaks: [channel], duration: length });
  }

  let refining = 0;
  wave.on('scroll', (from, to) => {
    shown.window = to > from ? [from, to] : [0, length];
    draw();
    clearTimeout(refining);
    refining = setTimeout(refine, 150);
  });
  face.zoom = (direction) => {
    const next = nextZoom(closeness, direction, { duration: length, width: box.clientWidth });
    if (next === closeness) return false;
    closeness = next;
    wave.zoom(closeness);
    const width = closeness ? box.clientWidth / closeness : length;
    const from = Math.max(0, Math.min(player.time - width / 2, length - width));
    wave.setScrollTime(from);
    shown.window = [from, Math.min(length, from + width)];
    draw();
    refine();
    onZoom?.({ closeness, closest: nextZoom(closeness, 1, { duration: length, width: box.clientWidth }) === closeness });
    return true;
  };
  onZoom?.({ closeness, closest: false });

  const repaint = () => {
    strip.repaint();
    wave.setOptions(paint());
    draw();
  };
  document.addEventListener('countersign:theme', repaint);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', repaint);
  return face;
}
