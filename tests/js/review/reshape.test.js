/** The queue when segments are split, merged or gone: what was typed goes on with its words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createQueue } from '../../../static/js/review/queue.js';

const seg = (id, text, more = {}) => ({ id, text, version: 1, start: 0, position: 0, flags: [],
  items: text.split(' ').filter(Boolean).map((content, i) => ({ id: `${id}${i}`, content, type: 'pronunciation' })), ...more });

/** A queue that stands on these segments; answers are given one by one by answer(). */
function rig(...segments) {
  const known = new Map(segments.map((s) => [s.id, s]));
  const sent = [];
  const log = [];
  const shelf = new Map();
  let composing = null;
  let n = 0;
  let now = 0;
  let timers = [];
  const queue = createQueue({
    send: (op) => new Promise((resolve) => { sent.push({ op, resolve }); }),
    store: { put: (op) => shelf.set(op.op_id, op), remove: (id) => shelf.delete(id) },
    clock: { now: () => now, setTimeout: (fn, ms) => timers.push({ fn, at: now + ms }), clearTimeout: (t) => { if (t) timers[t - 1] = null; } },
    newId: () => `o${n += 1}`,
    order: (ids) => [...known.keys()].filter((id) => ids.includes(id)),
    known: (id) => known.get(id) ?? null,
    composing: (id) => id === composing,
    on: { status: () => {}, saved: (op) => log.push(`saved ${op.kind}`), adopt: (s) => known.set(s.id, s), problem: (id, p) => log.push(p ? p.kind : 'settled'),
      dropped: (op) => log.push(`dropped ${op.kind}`), merged: () => log.push('merged'), restored: () => {},
      changed: (list) => queue.reshaped(list),
      reshaped: (what) => {
        for (const id of what.removed) known.delete(id);
        for (const part of what.parts) known.set(part.id, part);
        log.push(`reshaped ${what.texts.join('|')}`);
      },
      gone: (id, heir) => {
        known.delete(id);
        known.set(heir.id, heir);
        log.push(`gone ${id}`);
      } },
  });
  const settle = async () => { for (let i = 0; i < 10; i += 1) await Promise.resolve(); };
  return { queue, log, shelf, known, sent: () => sent.map((s) => s.op),
    compose: (id) => { composing = id; },
    async pass(ms) {
      now += ms;
      for (const t of timers.splice(0).filter(Boolean)) if (t.at <= now) t.fn(); else timers.push(t);
      await settle();
    },
    async answer(result) {
      sent.at(-1).resolve(result);
      await settle();
    } };
}
const ok = (...segments) => ({ kind: 'ok', segments, segment: segments[0] });
const A = seg('a', 'one two three');
const B = seg('b', 'four five', { position: 1, start: 5 });

test('a split waits for what was typed before it, and carries the new version', async () => {
  const r = rig(A, B);
  r.queue.edit('a', 'one 2 three');
  assert.equal(r.queue.act('a', { kind: 'split', at: 5 }), true);
  assert.deepEqual(r.sent().map((o) => o.kind), ['replace_text']);
  await r.answer(ok(seg('a', 'one 2 three', { version: 2 })));
  assert.deepEqual([r.sent()[1].kind, r.sent()[1].base_version, r.sent()[1].at], ['split', 2, 5]);
});

test('typed while the split is under way: goes to the half it belongs to', async () => {
  const r = rig(A, B);
  r.queue.act('a', { kind: 'split', at: 7 });
  r.queue.edit('a', 'one two and three');
  await r.answer(ok(seg('a', 'one two', { version: 2 }), seg('n', 'three', { position: 0.5, start: 2 })));
  assert.ok(r.log.includes('reshaped one two|and three'));
  assert.equal(r.queue.localText('a'), null);
  assert.equal(r.queue.localText('n'), 'and three');
  await r.pass(700);
  assert.deepEqual([r.sent().at(-1).segment, r.sent().at(-1).text], ['n', 'and three']);
});

test('the same twice, a speaker for words that are being split, anything in a conflict: not now', async () => {
  const r = rig(A, B);
  assert.equal(r.queue.act('a', { kind: 'split', at: 3 }), true);
  assert.equal(r.queue.act('a', { kind: 'split', at: 3 }), false);
  assert.equal(r.queue.act('a', { kind: 'speaker', speaker: 'spk_1' }), false);
  assert.equal(r.queue.act('b', { kind: 'merge', with: 'a' }), true);
  assert.equal(r.queue.act('b', { kind: 'merge', with: 'a' }), false);
});

test('off line: several splits wait, and each goes to the words it was meant for', async () => {
  const r = rig(seg('a', 'one two three four'));
  r.queue.act('a', { kind: 'split', at: 13 });
  r.queue.act('a', { kind: 'split', at: 3 });
  await r.answer({ kind: 'unreachable' });
  r.queue.act('a', { kind: 'split', at: 7 });
  assert.equal(r.shelf.size, 3);
  r.queue.retry();
  await r.answer(ok(seg('a', 'one two three', { version: 2 }), seg('n', 'four', { position: 0.5, start: 3 })));
  assert.deepEqual([r.sent().at(-1).segment, r.sent().at(-1).at, r.sent().at(-1).base_version], ['a', 3, 2]);
  assert.ok(!('stands_on' in r.sent().at(-1)));
  await r.answer(ok(seg('a', 'one', { version: 3 }), seg('m', 'two three', { position: 0.2, start: 1 })));
  assert.deepEqual([r.sent().at(-1).segment, r.sent().at(-1).at, r.sent().at(-1).base_version], ['m', 3, 1]);
  await r.answer(ok(seg('m', 'two', { version: 2, start: 1 }), seg('k', 'three', { position: 0.3, start: 2 })));
  assert.deepEqual([r.queue.status().state, r.shelf.size], ['saved', 0]);
});

test('typed after a split that waits: a second split stands in what was typed', async () => {
  const r = rig(A, B);
  r.queue.act('a', { kind: 'split', at: 3 });
  r.queue.edit('a', 'one two and three');
  r.queue.act('a', { kind: 'split', at: 11 });
  await r.answer(ok(seg('a', 'one', { version: 2 }), seg('n', 'two three', { position: 0.5, start: 1 })));
  assert.deepEqual([r.sent().at(-1).segment, r.sent().at(-1).text], ['n', 'two and three']);
  await r.answer(ok(seg('n', 'two and three', { version: 2, start: 1 })));
  assert.deepEqual([r.sent().at(-1).kind, r.sent().at(-1).segment, r.sent().at(-1).at], ['split', 'n', 7]);
});

test('three segments become one, off line: each merge finds the heir of the segment it names', async () => {
  const C = seg('c', 'six', { position: 2, start: 9 });
  const r = rig(A, B, C);
  r.queue.act('b', { kind: 'merge', with: 'a' });
  r.queue.act('c', { kind: 'merge', with: 'b' });
  assert.equal(r.sent().length, 1);
  const both = 'one two three four five';
  await r.answer(ok(seg('a', both, { version: 2 }), seg('b', '', { removed: true, version: 2 })));
  assert.deepEqual([r.sent().at(-1).segment, r.sent().at(-1).with, r.sent().at(-1).with_base_version], ['c', 'a', 2]);
  await r.answer(ok(seg('a', `${both} six`, { version: 3 }), seg('c', '', { removed: true, version: 2 })));
  assert.deepEqual([r.queue.status().state, r.shelf.size], ['saved', 0]);
});

test('split, then merged with the one after: the second half is merged', async () => {
  const r = rig(A, B);
  r.queue.act('a', { kind: 'split', at: 3 });
  r.queue.act('b', { kind: 'merge', with: 'a' });
  await r.answer(ok(seg('a', 'one', { version: 2 }), seg('n', 'two three', { position: 0.5, start: 1 })));
  assert.deepEqual([r.sent().at(-1).segment, r.sent().at(-1).with], ['b', 'n']);
});

test('a split in words that somebody else changed meanwhile is void', async () => {
  const r = rig(A, B);
  r.queue.act('a', { kind: 'split', at: 3 });
  r.queue.act('a', { kind: 'split', at: 7 });
  await r.answer({ kind: 'conflict', segment: seg('a', 'all new words', { version: 2 }), by: 'Ann' });
  assert.deepEqual(r.log.filter((line) => line.startsWith('dropped')), ['dropped split', 'dropped split']);
  assert.equal(r.queue.status().state, 'saved');
});

test('a merge waits for both, holds the other, and joins what was typed in either', async () => {
  const r = rig(A, B);
  r.queue.edit('a', 'one two 3');
  r.queue.act('b', { kind: 'merge', with: 'a' });
  assert.deepEqual(r.sent().map((o) => o.kind), ['replace_text']);
  await r.answer(ok(seg('a', 'one two 3', { version: 2 })));
  assert.deepEqual([r.sent()[1].kind, r.sent()[1].base_version, r.sent()[1].with_base_version], ['merge', 1, 2]);
  r.queue.edit('a', 'one too 3');
  r.queue.edit('b', 'four 5');
  r.queue.flush();
  assert.equal(r.sent().length, 2);
  await r.answer(ok(seg('a', 'one two 3 four five', { version: 3 }), seg('b', '', { removed: true, version: 2 })));
  assert.equal(r.queue.localText('a'), 'one too 3 four 5');
  await r.pass(700);
  await r.answer(ok(seg('a', 'one too 3 four 5', { version: 4 })));
  assert.equal(r.queue.status().state, 'saved');
  assert.equal(r.shelf.size, 0);
});

test('somebody else splits what one is typing in', async () => {
  const r = rig(A, B);
  r.queue.edit('a', 'one two three 3');
  r.queue.reshaped([seg('a', 'one', { version: 2 }), seg('n', 'two three', { start: 1 })]);
  assert.equal(r.queue.localText('a'), null);
  assert.equal(r.queue.localText('n'), 'two three 3');
});

test('while an input method composes, the text under it is left alone', async () => {
  const r = rig(A, B);
  r.compose('a');
  r.queue.reshaped([seg('a', 'one', { version: 2 }), seg('n', 'two three', { start: 1 })]);
  assert.deepEqual(r.log, []);
  r.compose(null);
  r.queue.edit('a', 'one two three 3');
  r.queue.composed('a');
  assert.equal(r.queue.localText('n'), 'two three 3');
});

test('merged away under an edit that is on its way: the words go into the heir', async () => {
  const r = rig(A, B);
  r.queue.edit('b', 'four 5');
  r.queue.flush();
  const heir = seg('a', 'one two three four five', { version: 2 });
  await r.answer({ kind: 'conflict', segment: heir, segments: [heir, seg('b', '', { removed: true, version: 2 })], by: 'Ann' });
  assert.ok(r.log.includes('gone b'));
  assert.equal(r.queue.localText('a'), 'one two three four 5');
});

test('the transcript took the place of a line: other words than mine merge, the same ask', async () => {
  for (const [mine, text, expected] of [['four five six', 'fore five', 'fore five six'], ['4 five', 'fore five', null]]) {
    const r = rig(A, B);
    r.queue.edit('b', mine);
    r.queue.flush();
    await r.answer({ kind: 'conflict', segment: seg('z', text), segments: [seg('z', text)], by: 'the machine', message: 'm' });
    if (expected) assert.equal(r.queue.localText('z'), expected);
    else assert.deepEqual([r.queue.problem('z').mine, r.queue.problem('z').base], ['4 five', 'four five']);
  }
});

test('an operation upon the document goes alone, when all else is saved', async () => {
  const r = rig(A, B);
  r.queue.edit('a', 'one two 3');
  r.queue.act(null, { kind: 'replace_all', token: 'x', text: 'y', match_case: false, expect_count: 1 });
  assert.deepEqual(r.sent().map((o) => o.kind), ['replace_text']);
  await r.answer(ok(seg('a', 'one two 3', { version: 2 })));
  assert.equal(r.sent()[1].kind, 'replace_all');
  assert.ok(!('segment' in r.sent()[1]) && !('base_version' in r.sent()[1]));
  r.queue.edit('b', 'four 5');
  r.queue.flush();
  assert.equal(r.sent().length, 2);
  await r.answer({ kind: 'ok', segments: [], segment: null });
  assert.equal(r.sent()[2].text, 'four 5');
});

test('a stale split is repeated where the words beside it are the same, else it is void', async () => {
  const r = rig(A, B);
  r.queue.act('a', { kind: 'split', at: 7 });
  await r.answer({ kind: 'conflict', segment: seg('a', 'zero one two three', { version: 2 }), by: 'Ann' });
  assert.deepEqual([r.sent()[1].kind, r.sent()[1].at, r.sent()[1].base_version], ['split', 12, 2]);
  await r.answer({ kind: 'conflict', segment: seg('a', 'all new words', { version: 3 }), by: 'Ann' });
  assert.ok(r.log.includes('dropped split'));
  assert.equal(r.queue.status().state, 'saved');
});

test('a line of the running job takes edits from version 0', async () => {
  const r = rig(seg('p', 'one two', { version: 0, editable: true }));
  r.queue.edit('p', 'one 2');
  r.queue.flush();
  assert.equal(r.sent()[0].base_version, 0);
  r.queue.edit('p', 'one 2 3');
  await r.answer(ok(seg('p', 'one 2', { version: 2 })));
  r.queue.flush();
  assert.equal(r.sent()[1].base_version, 2);
});

test('left by a closed window: waits while one works there, then both texts are in it', async () => {
  const r = rig(A, B);
  r.queue.edit('a', 'one two 3');
  r.queue.flush();
  r.queue.restore([{ op_id: 'x1', kind: 'replace_text', segment: 'a', base_version: 1, base_text: 'one two three', text: '1 two three', sent: true, created: 1 }]);
  assert.equal(r.sent().length, 1);
  await r.answer(ok(seg('a', 'one two 3', { version: 2 })));
  assert.deepEqual([r.sent()[1].op_id, r.sent()[1].base_version], ['x1', 1]);
  await r.answer({ kind: 'conflict', segment: seg('a', 'one two 3', { version: 2 }), by: 'Me' });
  assert.ok(r.log.includes('merged'));
  assert.deepEqual([r.sent()[2].text, r.sent()[2].base_version], ['1 two 3', 2]);
});
