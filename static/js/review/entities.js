/** Health information found in a transcript, ordered for the panel. Pure. */

const NAMES = {
  NAME: 'Names', DATE: 'Dates', AGE: 'Ages', ID: 'Identifiers', PHONE: 'Phone numbers',
  PHONE_OR_FAX: 'Phone and fax numbers', ADDRESS: 'Addresses', EMAIL: 'E-mail addresses',
  URL: 'Web addresses', PROFESSION: 'Professions',
};

/** "Names"; a type this page does not know is written out. */
export function typeName(type) {
  const words = String(type || 'Other').replace(/_/g, ' ').toLowerCase();
  return NAMES[type] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/** [{type, name, entities}]: groups in order of first appearance, entities in order of time. */
export function byType(entities) {
  const groups = new Map();
  for (const entity of [...entities].sort((a, b) => a.start - b.start)) {
    if (!groups.has(entity.type)) groups.set(entity.type, { type: entity.type, name: typeName(entity.type), entities: [] });
    groups.get(entity.type).entities.push(entity);
  }
  return [...groups.values()];
}

/** Place in a text of the items that are still there: {from, to}, or null. */
export function placeOf(ids, rangeOf) {
  const spots = ids.map(rangeOf).filter(Boolean);
  if (!spots.length) return null;
  return { from: Math.min(...spots.map((s) => s.from)), to: Math.max(...spots.map((s) => s.to)) };
}
