import test from 'node:test';
import assert from 'node:assert/strict';

import { about, entries } from '../../../static/js/review/terms.js';

const mention = (start, attributes = []) => ({ segment: 's', items: ['m1'], start, end: null, attributes });

test('what stands beside an entry: traits, attributes, a candidate with a question mark', () => {
  const entity = { traits: ['denied', 'symptom'], codes: [{ code: 'R07.9', name: 'Chest pain' }] };
  assert.equal(about(entity, mention(1)), 'denied, symptom · R07.9?');
  const drug = { traits: [], codes: [] };
  assert.equal(about(drug, mention(1, [{ text: '20 mg' }, { text: 'daily' }])), '20 mg, daily');
  assert.equal(about(drug, mention(1)), '');
});

test('one entry a place, in order of time; typed words without a time come first', () => {
  const group = { entities: [{ text: 'b', mentions: [mention(5), mention(1)] }, { text: 'a', mentions: [mention(null)] }] };
  assert.deepEqual(entries(group).map(({ entity, mention: m }) => [entity.text, m.start]), [['a', null], ['b', 1], ['b', 5]]);
});
