/** Where a floating box goes beside something on the page. Sets its place, nothing else. */

const GAP = 6; // px between the box and what it belongs to
const EDGE = 8; // px kept free at the edges of the window

/** Puts `box` (fixed, shown) below `rect`, or above where there is more room. align: 'start' | 'end'. */
export function placeBeside(box, rect, align = 'start') {
  const { offsetWidth: width, offsetHeight: height } = box;
  const below = rect.bottom + GAP;
  const room = window.innerHeight - EDGE - below;
  const top = height > room && rect.top > room ? Math.max(EDGE, rect.top - GAP - height) : below;
  const left = align === 'end' ? rect.right - width : rect.left;
  box.style.top = `${Math.round(top)}px`;
  box.style.left = `${Math.round(Math.max(EDGE, Math.min(left, window.innerWidth - EDGE - width)))}px`;
}

/** Calls `again` when what is on the page may have moved. */
export function whenMoved(again) {
  let frame = 0;
  const later = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      again();
    });
  };
  document.addEventListener('scroll', later, { capture: true, passive: true });
  window.addEventListener('resize', later);
}
