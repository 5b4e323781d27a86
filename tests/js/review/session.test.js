/** What the page knows, and how messages change it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSession } from '../../../static/js/review/session.js';

const segment = (id, start, version = 1, flags = []) => ({ id, start, position: start, version, flags, items: [], text: id });
const make = () => createSession({ seq: 5, me: { id: '1' }, recording: {}, job: {}, review: { flags_open: 2, can_edit: true },
  segments: [segment('a', 0), segment('b', 10, 4, [{ id: 'f', items: ['x'], state: 'open' }])] });

test('an older state, review or segment does not replace a newer one', () => {
  const s = make();
  assert.equal(s.replace({ seq: 4, segments: [] }), false);
  assert.equal(s.segments.length, 2);
  assert.equal(s.setReview({ flags_open: 1 }, 7), true);
  assert.equal(s.setReview({ flags_open: 9 }, 6), false);
  assert.equal(s.review.flags_open, 1);
  s.put({ ...segment('b', 10, 3), text: 'old' });
  assert.equal(s.segment('b').text, 'b');
  s.put({ ...segment('b', 10, 5), text: 'new' });
  assert.equal(s.segment('b').text, 'new');
});

test('lines of the job come in order of time, repeated ones replace', () => {
  const s = make();
  s.replace({ seq: 6, segments: [] });
  s.addLines([segment('p1-0', 30, 0)]);
  s.addLines([segment('p0-0', 2, 0), segment('p0-1', 5, 0)]);
  s.addLines([{ ...segment('p0-1', 5, 0), text: 'again' }]);
  assert.deepEqual(s.segments.map((x) => x.text), ['p0-0', 'again', 'p1-0']);
});

test('a confirmation shows at once', () => {
  const s = make();
  assert.equal(s.confirmHere('b', ['x']).flags[0].state, 'confirmed');
  assert.equal(s.segment('b').flags[0].state, 'confirmed');
});

test('a review that leaves out the ways on does not take them away', () => {
  const session = createSession({ seq: 1, me: {}, recording: {}, job: null, segments: [],
    review: { flags_open: 2, rerun_url: '/again/', offered: { edits: 1, conflicts: 0 } } });
  session.setReview({ flags_open: 1 }, 2);
  assert.deepEqual(session.review, { flags_open: 1, rerun_url: '/again/', offered: { edits: 1, conflicts: 0 } });
  session.setReview({ flags_open: 1, offered: null }, 3);
  assert.equal(session.review.offered, null);
});

test('segments come, go and change places; only then is the order new', () => {
  const s = make();
  assert.equal(s.put({ ...segment('b', 10, 5), text: 'b b' }), false);
  assert.equal(s.put(segment('n', 5)), true);
  assert.deepEqual(s.segments.map((x) => x.id), ['a', 'n', 'b']);
  assert.equal(s.put({ ...segment('n', 5, 2), removed: true }), true);
  assert.equal(s.put({ ...segment('n', 5, 2), removed: true }), false);
  assert.deepEqual(s.segments.map((x) => x.id), ['a', 'b']);
  assert.equal(s.put({ ...segment('a', 0, 2), speaker: 'spk_1' }), true);
});

test('while the job runs, lines of its finished parts can be typed in', () => {
  const s = createSession({ seq: 1, me: {}, recording: {}, job: {}, segments: [], review: { can_edit: false, state: 'waiting' } });
  assert.equal(s.mayEdit({ version: 0 }), false);
  assert.equal(s.mayEdit({ version: 0, editable: true }), true);
  assert.equal(s.mayEdit({ version: 2 }), true);
  s.setReview({ state: 'signed' }, 2);
  assert.equal(s.mayEdit({ version: 2 }), false);
});
