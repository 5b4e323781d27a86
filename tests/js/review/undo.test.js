/** Own edits in the order in which they are taken back and put back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createUndo, undoable } from '../../../static/js/review/undo.js';

test('nothing done, nothing to take back', () => {
  const undo = createUndo();
  assert.equal(undo.next, null);
  assert.equal(undo.nextAgain, null);
});

test('an edit that changed nothing is none', () => {
  const undo = createUndo();
  undo.record({ edit: null });
  undo.record({ edit: 1, segment: 's', before: 'a', after: 'a' });
  assert.equal(undo.next, null);
});

test('newest first, whatever segment; and back again by the edits that took back', () => {
  const undo = createUndo();
  undo.record({ edit: 1, segment: 's', before: 'a', after: 'b' });
  undo.record({ edit: 2, segment: 't' });
  assert.equal(undo.next.edit, 2);
  undo.moved({ edit: 2, by: 3 });
  assert.equal(undo.next.edit, 1);
  assert.equal(undo.nextAgain.edit, 3);
  undo.moved({ edit: 3, by: 4, again: true });
  assert.equal(undo.next.edit, 4);
  assert.equal(undo.next.segment, 't');
  assert.equal(undo.nextAgain, null);
});

test('a new edit ends what could be put back', () => {
  const undo = createUndo();
  undo.record({ edit: 1, segment: 's' });
  undo.moved({ edit: 1, by: 2 });
  undo.record({ edit: 3, segment: 's' });
  assert.equal(undo.nextAgain, null);
});

test('typing that puts back what the edit before had changed takes it away', () => {
  const undo = createUndo();
  undo.record({ edit: 1, segment: 's', before: 'a', after: 'b' });
  undo.record({ edit: 2, segment: 's', before: 'b', after: 'c' });
  undo.record({ edit: 3, segment: 's', before: 'c', after: 'b' });
  assert.equal(undo.next.edit, 1);
});

test('what somebody else built upon is forgotten', () => {
  const undo = createUndo(undoable([{ seq: 4, kind: 'split', segment: 's', redo: false }]));
  undo.forget(4);
  assert.equal(undo.next, null);
});

test('after a reload both stacks are as the server tells', () => {
  const undo = createUndo(undoable([{ seq: 1, segment: 's', redo: false }, { seq: 4, segment: 't', redo: false }, { seq: 7, segment: 's', redo: true }]));
  assert.equal(undo.next.edit, 4);
  assert.equal(undo.nextAgain.edit, 7);
});
