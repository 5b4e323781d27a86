// Which point of a curve is meant: by its share flagged, or by a place in a plot.

const LEFT = 56, RIGHT = 26, WIDTH = 520; // as in review/plots.py

/** The value on the x axis under a place in the plot; `part` is 0 at its left edge and 1 at its right. */
export function valueAt(part, most) {
  const inside = (part * WIDTH - LEFT) / (WIDTH - LEFT - RIGHT);
  return Math.min(1, Math.max(0, inside)) * most;
}

/** The index of the step whose `key` is nearest to the value; -1 without steps. */
export function nearest(steps, value, key = "flagged") {
  let best = -1;
  steps.forEach((step, index) => {
    if (best < 0 || Math.abs(Number(step[key]) - value) < Math.abs(Number(steps[best][key]) - value)) best = index;
  });
  return best;
}
