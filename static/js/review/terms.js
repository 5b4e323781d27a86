/** Clinical entities as entries of their card. Pure; clinical.js draws them. */

/** "denied · symptom · 20 mg, daily · I10?": what stands beside an entry. */
export function about(entity, mention) {
  const parts = mention.attributes.map((a) => a.text).join(', ');
  const code = entity.codes?.[0];
  return [entity.traits.join(', '), parts, code ? `${code.code}?` : ''].filter(Boolean).join(' · ');
}

/** The entries of a group in order of time, one a place. */
export function entries(group) {
  return group.entities.flatMap((entity) => entity.mentions.map((mention) => ({ entity, mention })))
    .sort((a, b) => (a.mention.start ?? 0) - (b.mention.start ?? 0));
}
