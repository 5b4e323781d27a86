/**
 * Pedals, game controllers and media keys, told as presses of "Pedal2", "Pad1", "MediaPlayPause".
 * Pedals that send keys need nothing of this: they are keys.
 */

const BUTTON_PAGE = 0x09;

/**
 * Places of the buttons in a HID device's input reports, from what the device says of itself:
 * Map report id -> [bit offset]. A device that names no buttons gets every bit of its first two
 * bytes, which is how foot pedals without a description send. Pure.
 */
export function buttonBits(collections) {
  const found = new Map();
  const reports = [...collections ?? []].flatMap((c) => c.inputReports ?? []);
  for (const { reportId = 0, items = [] } of reports) {
    let at = 0;
    const bits = [];
    for (const item of items) {
      const { reportSize = 1, reportCount = 1 } = item;
      const usages = item.isRange ? [item.usageMinimum] : item.usages ?? [];
      const isButton = reportSize === 1 && !item.isConstant && usages.some((u) => (u >>> 16) === BUTTON_PAGE);
      if (isButton) for (let i = 0; i < reportCount; i += 1) bits.push(at + i);
      at += reportSize * reportCount;
    }
    if (bits.length) found.set(reportId, bits);
  }
  if (!found.size) for (const { reportId = 0 } of reports.length ? reports : [{}]) found.set(reportId, [...Array(16).keys()]);
  return found;
}

/** Which of these bits are set in a report: a Set of numbers from 1 in order of the bits. Pure. */
export function pressedIn(view, bits) {
  const down = new Set();
  bits.forEach((bit, i) => {
    if ((bit >> 3) < view.byteLength && (view.getUint8(bit >> 3) >> (bit & 7)) & 1) down.add(i + 1);
  });
  return down;
}

/** Tells what changed between two sets of pressed numbers. Pure. */
export function changes(before, after, tell) {
  for (const n of after) if (!before.has(n)) tell(n, true);
  for (const n of before) if (!after.has(n)) tell(n, false);
}

/** Foot pedals by WebHID. on(trigger, down). Returns {offered, ask(): names of what is connected}. */
export function listenToPedals(on, hid = navigator.hid) {
  const open = new Map();

  async function connect(device) {
    if (open.has(device)) return;
    open.set(device, new Set());
    try {
      if (!device.opened) await device.open();
    } catch {
      open.delete(device); // another program holds it
      return;
    }
    const bits = buttonBits(device.collections);
    device.addEventListener('inputreport', ({ data, reportId }) => {
      const down = pressedIn(data, bits.get(reportId) ?? []);
      const before = open.get(device);
      open.set(device, down);
      if (before) changes(before, down, (n, isDown) => on(`Pedal${n}`, isDown));
    });
  }

  hid?.getDevices().then((list) => list.forEach(connect), () => {});
  hid?.addEventListener?.('disconnect', ({ device }) => open.delete(device));
  return {
    offered: Boolean(hid),
    async ask() {
      const chosen = await hid.requestDevice({ filters: [] }).catch(() => []);
      await Promise.all(chosen.map(connect));
      return chosen.filter((device) => open.has(device)).map((device) => device.productName || 'Pedal');
    },
  };
}

/** Controllers, and pedals that pass for one: asked once a frame while one is connected. */
export function listenToPads(on, { pads = () => navigator.getGamepads?.() ?? [], frame = requestAnimationFrame.bind(window) } = {}) {
  let before = new Set();
  let running = false;

  function look() {
    const here = [...pads()].filter(Boolean);
    const down = new Set();
    for (const pad of here) pad.buttons.forEach((button, i) => { if (button.pressed) down.add(i + 1); });
    changes(before, down, (n, isDown) => on(`Pad${n}`, isDown));
    before = down;
    running = here.length > 0;
    if (running) frame(look);
  }
  const begin = () => {
    if (running) return;
    running = true;
    frame(look);
  };
  window.addEventListener('gamepadconnected', begin);
  if ([...pads()].some(Boolean)) begin();
}

const MEDIA = { play: 'MediaPlayPause', pause: 'MediaPlayPause', stop: 'MediaStop', nexttrack: 'MediaTrackNext',
  previoustrack: 'MediaTrackPrevious', seekbackward: 'MediaRewind', seekforward: 'MediaFastForward' };

/** Media keys and headset buttons, also while another window is in front. No patient's name in it. */
export function listenToMedia(on, session = navigator.mediaSession) {
  if (!session) return;
  for (const [action, trigger] of Object.entries(MEDIA)) {
    try {
      session.setActionHandler(action, () => on(trigger, true));
    } catch {
      /* this browser does not know the action */
    }
  }
  if (window.MediaMetadata) session.metadata = new MediaMetadata({ title: 'Recording', artist: 'Countersign' });
}
