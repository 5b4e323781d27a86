/** Who speaks in each segment, and where somebody else begins. Pure. */
import { speakerName } from './format.js';

/**
 * Map segment id -> {name, voice, starts}: voice numbers the names in order of first appearance
 * (from 0), starts says that the segment before was somebody else's. Empty for plain dictation.
 */
export function voices(segments, channels, names = {}) {
  const found = new Map();
  const numbers = new Map();
  let before = '';
  for (const segment of segments) {
    const name = speakerName(segment, channels, names);
    if (name) {
      if (!numbers.has(name)) numbers.set(name, numbers.size);
      found.set(segment.id, { name, voice: numbers.get(name), starts: name !== before });
    }
    before = name;
  }
  return found;
}
