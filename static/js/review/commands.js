/** What the keys do, on the page as it is: one function a command of keys.js. */
import { announce, isMac, slot } from './dom.js';
import { createTaking } from './taking.js';
import { READINGS } from './keys.js';
import { lineReadings, saidOf } from './readings.js';
import { sliceOf } from './timing.js';
import { toast } from '../site/toast.js';
import { createWordMenu } from './wordmenu.js';

const SKIP = 5; // seconds
const BIT = 2; // seconds

/**
 * toolbar is a function: the toolbar (and what it counts) is made after the commands. pace is told of each
 * marked word that is decided; cursor follows the voice.
 */
export function createCommands({ session, transcript, saving, player, panel, help, toolbar, pace, cursor, keymap, plays }) {
  let visited = null; // the mark gone to last: {segment, flag}
  const taking = createTaking({ saving });
  const menu = createWordMenu({ box: slot('word-readings'), keyOf: (n) => keymap.hint(`take${n}`, isMac), on: {
    take(view, reading, digit) {
      const flag = view.segment.flags.find((f) => f.state === 'open' && f.items.includes(reading.item));
      if (flag) visited = { segment: view.segment.id, flag: flag.id };
      pace.decided();
      if (!taking.word(view, reading, digit)) announce('This word cannot be changed');
    },
  } });

  const itemsOf = (view, ids) => ids.map((id) => view.segment.items.find((item) => item.id === id)).filter(Boolean);

  /** The readings of the marked word, or of the item, at the caret; null when it has none. */
  function offer(view) {
    const mark = transcript.markHere(view);
    const item = mark ? null : view.itemHere();
    const items = mark ? itemsOf(view, mark.items) : [item].filter(Boolean);
    if (!items.length || view.area.readOnly) return null;
    return menu.show(view, items, mark?.flag.id ?? item.id, { keep: Boolean(mark) });
  }

  /** "2 other readings: 1 cackles, 2 crackers"; what the box at a word says. */
  function spoken(items, shown) {
    const said = saidOf(items);
    const list = shown?.readings ?? [];
    return [said && `said: ${said}`, list.length && `${list.length === 1 ? 'Other reading' : 'Other readings'}: ${
      list.slice(0, 4).map((r, i) => (shown.digits ? `${i + 1} ${r.content}` : r.content)).join(', ')}`].filter(Boolean);
  }

  /** The caret is on the word gone to, which was typed over since. */
  const typedOver = (view) => visited?.segment === view.segment.id && !view.marks().some((m) => m.flag.id === visited.flag);

  function step(direction) {
    const found = transcript.neighbour(direction);
    if (!found) {
      if (toolbar().counts().total) announce('No marked word is left');
      return false;
    }
    go(found.mark, found.wrapped);
    return true;
  }

  /** To a mark, and hear it. */
  function go(mark, wrapped = false) {
    const { view, items } = transcript.goTo(mark);
    cursor.release();
    pace.began();
    visited = { segment: mark.segment, flag: mark.flag.id };
    player.playSlice(...sliceOf(items, view.segment));
    look();
    const text = view.text.slice(mark.from, mark.to);
    const more = spoken(items, offer(view));
    announce([`${wrapped ? 'From the other end: ' : ''}${text}`, ...more,
      `${toolbar().counts().left} left`].join('. '));
  }

  function confirm() {
    const view = transcript.active;
    if (!view || !session.canEdit) return;
    const id = view.segment.id;
    const mark = transcript.markHere(view);
    if (mark) {
      const span = sliceOf(itemsOf(view, mark.items), view.segment);
      if (mark.flag.critical && !plays.covers(...span)) {
        player.playSlice(...span);
        announce('Hear it to its end, then confirm');
        return;
      }
      if (!saving.queue.confirm(id, mark.items)) {
        announce('Decide the conflict of this segment first');
        return;
      }
      view.setServer(session.confirmHere(id, mark.items));
      pace.decided();
      finish();
    } else if (typedOver(view)) {
      pace.decided();
      // The word gone to was typed over: Enter says "done with it".
      saving.queue.flush(id);
      finish();
    }
  }

  function finish() {
    if (step(1)) return;
    visited = null;
    look();
    announce('All marked words are checked');
  }

  function replay() {
    const view = transcript.active;
    const mark = view && transcript.markHere(view);
    const item = view?.itemHere();
    if (mark) {
      player.playSlice(...sliceOf(mark.items.map((id) => view.segment.items.find((i) => i.id === id)), view.segment));
    } else if (item && view.focused) player.playSlice(...sliceOf([item], view.segment));
    else if (!player.replay()) player.skip(-SKIP);
  }

  /** The word at the caret: shown in the panel, ringed in the text, armed on the button. */
  function look() {
    const view = transcript.active;
    const mark = view && !session.review?.signed ? transcript.markHere(view) : null;
    const here = view?.itemHere();
    const items = mark ? itemsOf(view, mark.items) : here?.spoken ? [here] : [];
    const text = mark ? view.text.slice(mark.from, mark.to) : items[0]?.content;
    panel.word(items.length || mark ? { text, flag: mark?.flag ?? null, confidence: items[0]?.confidence,
      said: saidOf(items) } : null);
    view?.point(mark?.flag.id ?? null);
    slot('confirm').disabled = !mark || !session.canEdit;
    hint(view, mark, here, items);
  }

  /** The box at the word goes when the caret does; what was said is shown wherever the caret rests. */
  function hint(view, mark, here, items) {
    if (!view?.focused) menu.hide();
    else if (!menu.keep(view, [mark?.flag.id, here?.id].filter(Boolean)) && saidOf(items) && items[0].type !== 'punctuation') {
      menu.show(view, items, mark?.flag.id ?? here.id, { readings: false });
    }
  }

  function readings() {
    const view = transcript.active;
    if (!view) {
      announce('Go to a segment first');
      return;
    }
    if (view.focused && !menu.choosing) {
      const shown = offer(view);
      if (shown?.readings.length) {
        announce(spoken(itemsOf(view, [shown.readings[0].item]), shown).join('. '));
        return;
      }
    }
    menu.hide();
    if (lineReadings(view.segment).length) view.openReadings();
    else announce('This segment has no other reading');
  }

  /** Select and play words of the health information, where they still stand. */
  function visit(view, range, slice) {
    if (range) {
      transcript.select(view, range);
      look();
    } else announce('These words have been changed since');
    player.playSlice(...slice);
  }

  const loop = () => {
    const view = transcript.active;
    const where = player.looping || !view ? null : view.segment;
    player.loop(where && [where.start, where.end]);
    if (!where && !view) announce('Go to a segment first');
  };

  const table = {
    next: () => step(1),
    previous: () => step(-1),
    confirm,
    readings,
    replay,
    ...Object.fromEntries(READINGS.map((n) => [`take${n}`, (_, event) => menu.takeNumber(n, event)])),
    toggle: () => player.toggle(),
    hold: (down) => (down ? player.resume() : player.pause()),
    pause: () => player.pause(),
    back2: () => player.skip(-BIT),
    back: () => player.skip(-SKIP),
    forward: () => player.skip(SKIP),
    slower: () => player.step(-1),
    faster: () => player.step(1),
    attach: () => cursor.toggle(),
    loop,
    save: () => {
      saving.queue.flush();
      toast('Every change is saved as you type.', { seconds: 3 });
    },
    decide: () => { if (!saving.decide()) announce('There is no conflict'); },
    leave() {
      if (!transcript.active?.focused) return false;
      toolbar().focus();
      return true;
    },
    help: () => help.toggle(),
  };

  document.addEventListener('selectionchange', () => {
    if (document.activeElement?.matches('.rv-area')) look();
  });

  return { table, look, visit, go,
    takeLine: taking.line,
    /** What the keys mean at the caret: 'reading', 'mark' or 'transcript'. */
    spot() {
      const view = transcript.active;
      if (!view?.focused || cursor.following) return 'transcript';
      if (menu.choosing) return 'reading';
      return transcript.markHere(view) || typedOver(view) ? 'mark' : 'transcript';
    },
    /** Tab leads into the box of a conflict like to anything else. */
    tabLeaves: () => saving.hasProblem(transcript.active?.segment.id),
    /** A key in the text that belongs to the box at the word, or to a number begun there. */
    taking: (event) => menu.key(event) || taking.key(event),
    /** A click on a word: its readings, if it is marked. */
    touch(view) { if (transcript.markHere(view)) offer(view); },
    /** The caret left the text. */
    left: () => menu.hide() };
}
