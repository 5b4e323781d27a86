// Measures the review editor from inside the page. Evaluated by tests/bench/editor.py; returns functions.
(() => {
  const paints = [];
  // From the key to the frame that shows it: the task after the frame's callbacks begins when it is painted.
  addEventListener('keydown', (event) => {
    const begun = event.timeStamp;
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => paints.push(performance.now() - begun);
      port2.postMessage(null);
    });
  }, true);

  const settled = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));

  return {
    paints: () => paints.splice(0),

    /** ms from navigation until a segment could be typed into, and seen. */
    interactive: () => performance.getEntriesByName('bench-interactive')[0]?.startTime ?? null,

    /** Puts the caret into the middle of what is on the page. */
    caret() {
      const areas = [...document.querySelectorAll('.rv-area')].filter((a) => !a.readOnly);
      const area = areas[Math.floor(areas.length / 2)];
      area.focus({ preventScroll: true });
      area.setSelectionRange(5, 5);
    },

    /** From the first line to the last in `steps` jumps; the longest frame in ms. */
    async scroll(steps) {
      const box = document.querySelector('[data-slot="scroller"]');
      let worst = 0;
      for (let i = 0; i <= steps; i += 1) {
        const begun = performance.now();
        box.scrollTop = (box.scrollHeight - box.clientHeight) * (i / steps);
        await settled();
        worst = Math.max(worst, performance.now() - begun);
      }
      return worst;
    },

    fields: () => document.querySelectorAll('.rv-area').length,
  };
})()
