/** The caret leaves a segment by the arrow keys as it would leave a line: into the one above or below. */

const STEPS = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -1, ArrowRight: 1 };

/** Call after the keys of commands are wired: a key that was used is left alone. */
export function listenForSteps(transcript, root = document) {
  root.addEventListener('keydown', (event) => {
    const step = STEPS[event.key];
    if (!step || event.defaultPrevented || event.isComposing) return;
    if (event.shiftKey || event.ctrlKey || event.altKey || event.metaKey || !event.target.matches?.('.rv-area')) return;
    const view = transcript.active;
    if (!view?.focused) return;
    const sideways = event.key === 'ArrowLeft' || event.key === 'ArrowRight';
    const end = step < 0 ? 0 : view.text.length;
    const at = view.area.selectionStart;
    if (sideways && (at !== end || at !== view.area.selectionEnd)) return;
    const left = view.edge(step);
    if (left === null) return;
    if (transcript.step(view, step, sideways ? (step < 0 ? Infinity : -Infinity) : left)) event.preventDefault();
  });
}
