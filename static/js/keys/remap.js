// What the page of own keys does with a key somebody wants, apart from the page itself. Pure.
import { commandOf, triggerText } from "../review/keys.js";
import { createKeymap, objection, withKeys } from "../review/keymap.js";

/**
 * What follows from giving `trigger` to command `id`: {stored, refused, takes: [ids]}.
 * refused is a sentence or null; takes are commands that lose the trigger, since two can't have it
 * in the same place.
 */
export function offer(stored, id, trigger) {
  const refused = objection(id, trigger);
  const now = createKeymap(stored).triggers(id);
  if (refused) return { stored, refused, takes: [] };
  if (now.includes(trigger)) return { stored, refused: "This command has that key already.", takes: [] };
  let next = withKeys(stored, id, [...now, trigger]);
  const clash = createKeymap(next).clashes().find((c) => c.trigger === trigger && c.ids.includes(id));
  const takes = clash ? clash.ids.filter((other) => other !== id) : [];
  const fixed = takes.find((other) => commandOf(other).fixed);
  if (fixed) return { stored, refused: `${triggerText(trigger)} belongs to “${commandOf(fixed).label}”.`, takes: [] };
  for (const other of takes) next = without(next, other, trigger);
  return { stored: next, refused: null, takes };
}

/** Takes a trigger from a command. */
export function without(stored, id, trigger) {
  return withKeys(stored, id, createKeymap(stored).triggers(id).filter((t) => t !== trigger));
}

/** A command as it comes. */
export function restored(stored, id) {
  const keys = { ...stored.keys };
  delete keys[id];
  return { ...stored, keys };
}

/** The sentence about a clash that is there: "Alt + K: Play or pause; 5 seconds back". */
export const clashText = ({ trigger, ids }, mac) => `${triggerText(trigger, mac)}: ${ids.map((id) => commandOf(id).label).join(" · ")}`;
