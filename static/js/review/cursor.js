/**
 * The caret and the voice. Let go, the caret stays where it was put and the sound runs on;
 * following, it stands at the word that is spoken, until somebody types, clicks or moves it.
 */
import { announce } from './dom.js';

const OWN_KEYS = /^(Arrow|Home|End|Page|Backspace|Delete)/;

/** on: {state(following)}; place(spoken) -> {view, range} of the word {segment, item}, or null. */
export function createCursor({ place, on }) {
  let following = false;
  let spoken = null;
  let moving = false;

  function set(next) {
    if (next === following) return;
    following = next;
    on.state(following);
  }

  function stand() {
    const found = spoken && place(spoken);
    if (!found) return false;
    moving = true;
    found.view.select(found.range.from, found.range.from);
    moving = false;
    return true;
  }

  const isText = (node) => node?.matches?.('.rv-area');
  document.addEventListener('keydown', (event) => {
    if (!following || !isText(event.target)) return;
    const typed = [...event.key].length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (typed || OWN_KEYS.test(event.key)) set(false);
  }, true);
  document.addEventListener('pointerdown', (event) => { if (isText(event.target)) set(false); }, true);
  // Left for another part of the page: the voice does not pull it back.
  document.addEventListener('focusout', (event) => {
    if (following && !moving && isText(event.target) && event.relatedTarget && !isText(event.relatedTarget)) set(false);
  });

  return {
    get following() { return following; },
    release: () => set(false),
    /** Snap to the voice and follow it; or let go. */
    toggle() {
      if (following) {
        set(false);
        announce('The caret stays here');
        return;
      }
      if (!stand()) {
        announce('No word has been played yet');
        return;
      }
      set(true);
      announce('The caret follows the voice');
    },
    /** The word that is spoken changed: {segment, item} or null in a pause. */
    speak(word, playing) {
      if (!word || (word.segment === spoken?.segment && word.item === spoken?.item)) return;
      spoken = word;
      if (following && playing) stand();
    },
  };
}
