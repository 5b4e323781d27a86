/**
 * The picture of the sound, from peaks the server has computed, with a tick for every word still
 * to check. Loads wavesurfer only here; without it the slider under it still seeks.
 */
import { get } from './transport.js';

const HEIGHT = 44;

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

/**
 * box: element to draw in; ticks: canvas over it; slider: <input type=range> for the keyboard.
 * Returns {marks(list of {time, critical}), time(seconds)}.
 */
export async function createWaveform({ box, ticks, slider, player, peaksUrl, duration }) {
  let marks = [];
  slider.max = String(Math.max(duration, 0.1));
  slider.addEventListener('input', () => player.seek(Number(slider.value)));

  const drawTicks = () => {
    const ratio = window.devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = ticks;
    ticks.width = width * ratio;
    ticks.height = height * ratio;
    const pen = ticks.getContext('2d');
    pen.scale(ratio, ratio);
    const colours = { open: colour('mark-open-line'), critical: colour('mark-critical-line') };
    for (const mark of marks) {
      pen.fillStyle = mark.critical ? colours.critical : colours.open;
      pen.fillRect(Math.min(width - 2, (mark.time / duration) * width), 0, 2, height);
    }
  };
  new ResizeObserver(drawTicks).observe(ticks);

  let shown = -1;
  const face = {
    marks(list) {
      marks = list;
      drawTicks();
    },
    time(t) {
      const whole = Math.round(t * 10) / 10;
      if (whole === shown) return;
      shown = whole;
      slider.value = String(whole);
    },
  };

  const { body } = await get(peaksUrl);
  if (!body?.peaks?.length) return face;
  let WaveSurfer;
  try {
    ({ default: WaveSurfer } = await import('../../vendor/wavesurfer/wavesurfer.esm.js'));
  } catch {
    return face;
  }
  const wave = WaveSurfer.create({
    container: box,
    media: player.audio,
    peaks: [body.peaks.map((p) => p / 100)],
    duration: body.duration || duration,
    cspNonce: document.querySelector('meta[name="csp-nonce"]')?.content || undefined,
    height: HEIGHT,
    barWidth: 2,
    barGap: 1,
    barRadius: 1,
    barMinHeight: 1,
    cursorWidth: 2,
    normalize: true,
    dragToSeek: true,
    hideScrollbar: true,
    ...paint(),
  });
  box.closest('.rv-wave').classList.add('has-wave');
  const repaint = () => {
    wave.setOptions(paint());
    drawTicks();
  };
  document.addEventListener('countersign:theme', repaint);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', repaint);
  return face;
}
