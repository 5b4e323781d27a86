/**
 * What happens in the field of one segment: typing and pasting keep it one line, an input method
 * is left alone until it is done, a click on a word is told.
 */
import { oneLine } from './text.js';

const touches = (rect, { clientX: x, clientY: y }) => x >= rect.left - 2 && x <= rect.right + 2
  && y >= rect.top - 6 && y <= rect.bottom + 6;

/** Listeners of the field of a view; on as in field.js. */
export function wire(view, on) {
  const { area } = view;
  let down = null;

  area.addEventListener('input', (event) => {
    if (/[\r\n\t]/.test(area.value)) {
      const caret = area.selectionStart;
      const tail = oneLine(area.value.slice(caret)).length;
      area.value = oneLine(area.value);
      area.setSelectionRange(area.value.length - tail, area.value.length - tail);
    }
    view.draw();
    // What an input method has not finished is not text yet.
    if (!event.isComposing) on.input(view);
  });
  area.addEventListener('compositionstart', () => { view.composing = true; });
  area.addEventListener('compositionend', () => {
    view.composing = false;
    on.input(view);
  });
  area.addEventListener('beforeinput', (event) => {
    if (event.inputType === 'insertLineBreak' || event.inputType === 'insertParagraph') {
      event.preventDefault();
    }
  });
  area.addEventListener('paste', (event) => {
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (area.readOnly || !/[\r\n\t]/.test(text)) return;
    event.preventDefault();
    // The only way to insert that the browser's own undo knows about.
    document.execCommand('insertText', false, oneLine(text).trim());
  });
  area.addEventListener('focus', () => on.focus(view));
  area.addEventListener('blur', () => on.blur(view));

  area.addEventListener('pointerdown', (event) => { down = event; });
  area.addEventListener('click', (event) => {
    const still = down && Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < 4;
    const plain = !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (!still || !plain || event.detail !== 1) return;
    if (area.selectionStart !== area.selectionEnd) return;
    const item = view.itemHere();
    const span = item && view.spanOf(item.id);
    if (!span || item.start === null) return;
    const hit = [...span.getClientRects()].some((rect) => touches(rect, event));
    if (hit) on.word(view, item);
  });
  // What was said, where it is written differently, for a pointer that rests there.
  area.addEventListener('pointermove', (event) => {
    if (event.pointerType !== 'mouse') return;
    const item = view.segment.items.find((i) => i.spoken
      && [...(view.spanOf(i.id)?.getClientRects() ?? [])].some((rect) => touches(rect, event)));
    const title = item ? `said: ${item.spoken}` : '';
    if (area.title !== title) area.title = title;
  });
}
