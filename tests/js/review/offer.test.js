/** What is said about a newer transcript, and health information in groups. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byType, placeOf, typeName } from '../../../static/js/review/entities.js';
import { lossText, offerText } from '../../../static/js/review/offer.js';

test('a newer transcript in words', () => {
  assert.equal(offerText({ edits: 12, conflicts: 2 }), '12 of your changes can be carried over, 2 collide.');
  assert.equal(offerText({ edits: 1, conflicts: 1 }), '1 of your changes can be carried over, 1 collides.');
  assert.equal(offerText({ edits: 3, conflicts: 0 }), '3 of your changes can be carried over.');
  assert.equal(offerText({ edits: 0, conflicts: 2 }), '2 changes of yours collide with it.');
  assert.equal(offerText({ edits: 0, conflicts: 0 }), '');
});

test('what is lost', () => {
  assert.equal(lossText({ edits: 12, conflicts: 2 }), 'Your 14 changes will not be in the new text.');
  assert.equal(lossText({ edits: 1, conflicts: 0 }), 'Your change will not be in the new text.');
});

test('health information by type, in order of time', () => {
  const groups = byType([{ type: 'DATE', start: 9 }, { type: 'NAME', start: 4 }, { type: 'DATE', start: 2 }]);
  assert.deepEqual(groups.map((g) => [g.name, g.entities.map((e) => e.start)]), [['Dates', [2, 9]], ['Names', [4]]]);
  assert.equal(typeName('LICENSE_PLATE'), 'License plate');
});

test('place of the words that are still there', () => {
  const ranges = { a: { from: 4, to: 8 }, b: null, c: { from: 12, to: 15 } };
  assert.deepEqual(placeOf(['a', 'b', 'c'], (id) => ranges[id]), { from: 4, to: 15 });
  assert.equal(placeOf(['b'], (id) => ranges[id]), null);
});
