/** The save queue against a small server that follows the contract: order, loss, conflicts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEBOUNCE_MS, createQueue } from '../../../static/js/review/queue.js';
import { MAX_ATTEMPTS } from '../../../static/js/review/reach.js';

/** Clock whose time passes only when told to; pass() also lets promises settle. */
function fakeClock() {
  let now = 0;
  let timers = [];
  let id = 0;
  const settle = async () => { for (let i = 0; i < 12; i += 1) await Promise.resolve(); };
  return {
    now: () => now,
    setTimeout: (fn, ms) => {
      id += 1;
      timers.push({ id, at: now + ms, fn });
      return id;
    },
    clearTimeout: (gone) => { timers = timers.filter((t) => t.id !== gone); },
    async pass(ms) {
      const until = now + ms;
      await settle();
      for (;;) {
        const next = timers.filter((t) => t.at <= until).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        timers = timers.filter((t) => t !== next);
        now = Math.max(now, next.at);
        next.fn();
        await settle();
      }
      now = until;
    },
  };
}

function fakeServer(text = 'one two three') {
  const items = (t) => t.split(' ').map((content, i) => ({ id: `m${i}`, content, type: 'pronunciation' }));
  const server = {
    segment: { id: 's', version: 1, text, items: items(text), flags: [{ id: 'f', items: ['m1'], state: 'open' }] },
    seen: new Map(),
    received: [],
    up: true,
    loseAnswer: false,
    refuse: null,
    write(newText) {
      server.segment = { ...server.segment, version: server.segment.version + 1, text: newText, items: items(newText) };
    },
    async send(op) {
      if (!server.up) return { kind: 'unreachable' };
      if (server.refuse) return { kind: server.refuse, message: 'No.' };
      server.received.push(op);
      if (!server.seen.has(op.op_id)) {
        if (op.base_version !== server.segment.version) {
          return { kind: 'conflict', segment: server.segment, by: 'Ann', message: 'Changed.' };
        }
        if (op.kind === 'replace_text') server.write(op.text);
        else server.segment = { ...server.segment, version: server.segment.version + 1, flags: [] };
        server.seen.set(op.op_id, { kind: 'ok', segment: server.segment });
      }
      if (server.loseAnswer) return { kind: 'unreachable' };
      return server.seen.get(op.op_id);
    },
  };
  return server;
}

function rig({ server = fakeServer(), shelf = new Map(), prefix = 'o' } = {}) {
  const clock = fakeClock();
  const log = [];
  let n = 0;
  const queue = createQueue({
    send: (op) => server.send(op),
    store: { put: (op) => shelf.set(op.op_id, structuredClone(op)), remove: (id) => shelf.delete(id) },
    clock,
    newId: () => `${prefix}${n += 1}`,
    random: () => 1,
    on: {
      status: () => {},
      saved: (op) => log.push(`saved ${op.text ?? op.kind}`),
      adopt: (s) => log.push(`adopt ${s.text}`),
      problem: (id, p) => log.push(p ? p.kind : 'settled'),
      dropped: () => log.push('dropped'),
    },
  });
  queue.restore([...shelf.values()]);
  queue.receive(server.segment);
  log.length = 0;
  return { queue, server, clock, log, shelf, state: () => queue.status().state };
}

test('typing is sent once, after the pause', async () => {
  const r = rig();
  r.queue.edit('s', 'one two thre');
  await r.clock.pass(DEBOUNCE_MS - 100);
  r.queue.edit('s', 'one two 3');
  await r.clock.pass(DEBOUNCE_MS - 100);
  assert.equal(r.server.received.length, 0);
  assert.equal(r.state(), 'saving');
  await r.clock.pass(200);
  assert.deepEqual(r.server.received.map((o) => o.text), ['one two 3']);
  assert.equal(r.state(), 'saved');
  assert.equal(r.shelf.size, 0);
});

test('typed and taken back: nothing is sent', async () => {
  const r = rig();
  r.queue.edit('s', 'one two three x');
  r.queue.edit('s', 'one two three ');
  await r.clock.pass(2000);
  assert.equal(r.server.received.length, 0);
  assert.equal(r.state(), 'saved');
});

test('one in flight; the next waits and stands on the new version', async () => {
  const r = rig();
  r.queue.edit('s', 'a');
  r.queue.flush('s');
  r.queue.edit('s', 'b');
  r.queue.flush('s');
  r.queue.confirm('s', ['m0']);
  await r.clock.pass(10);
  assert.deepEqual(r.server.received.map((o) => [o.kind, o.base_version]),
    [['replace_text', 1], ['replace_text', 2], ['confirm', 3]]);
});

test('off line: kept, retried with growing pauses, sent when back', async () => {
  const r = rig();
  r.server.up = false;
  r.queue.edit('s', 'a b');
  await r.clock.pass(700);
  assert.equal(r.state(), 'offline');
  assert.equal(r.shelf.size, 1);
  r.queue.edit('s', 'a b c');
  r.server.up = true;
  await r.clock.pass(5000);
  assert.equal(r.server.segment.text, 'a b c');
  assert.equal(r.state(), 'saved');
  assert.equal(r.shelf.size, 0);
});

test('retries end; "Try again" starts anew', async () => {
  const r = rig();
  let tries = 0;
  const send = r.server.send;
  r.server.send = (op) => {
    tries += 1;
    return send(op);
  };
  r.server.up = false;
  r.queue.edit('s', 'a');
  await r.clock.pass(3_600_000);
  assert.equal(tries, MAX_ATTEMPTS);
  assert.equal(r.state(), 'stalled');
  r.server.up = true;
  r.queue.retry();
  await r.clock.pass(10);
  assert.equal(r.state(), 'saved');
});

test('a lost answer does nothing twice', async () => {
  const r = rig();
  r.server.loseAnswer = true;
  r.queue.edit('s', 'a');
  await r.clock.pass(700);
  r.server.loseAnswer = false;
  await r.clock.pass(5000);
  assert.equal(r.server.segment.version, 2);
  assert.deepEqual(r.log, ['saved a']);
});

test('left over from an earlier visit: replayed, even when the server has it already', async () => {
  const first = rig();
  first.server.loseAnswer = true;
  first.queue.edit('s', 'a');
  await first.clock.pass(700);
  first.queue.edit('s', 'a b');
  assert.equal(first.shelf.size, 2);
  first.server.loseAnswer = false;
  const second = rig({ server: first.server, shelf: first.shelf, prefix: 'p' });
  assert.equal(second.queue.localText('s'), 'a b');
  second.queue.start();
  await second.clock.pass(2000);
  assert.equal(first.server.segment.text, 'a b');
  assert.equal(first.server.segment.version, 3);
  assert.equal(first.shelf.size, 0);
});

test('replayed after somebody else went on: a conflict, no silent overwriting', async () => {
  const first = rig();
  first.server.up = false;
  first.queue.edit('s', 'mine');
  await first.clock.pass(700);
  first.server.up = true;
  first.server.write('theirs');
  const second = rig({ server: first.server, shelf: first.shelf, prefix: 'p' });
  second.queue.start();
  await second.clock.pass(2000);
  assert.equal(second.state(), 'conflict');
  assert.equal(first.server.segment.text, 'theirs');
});

test('a repeated operation that somebody built upon: what waits here asks', async () => {
  const r = rig();
  r.server.loseAnswer = true;
  r.queue.edit('s', 'a');
  await r.clock.pass(700);
  r.queue.edit('s', 'a b');
  r.server.write('a theirs');
  r.server.loseAnswer = false;
  r.server.seen.forEach((answer) => { answer.segment = r.server.segment; });
  await r.clock.pass(9000);
  assert.equal(r.server.segment.text, 'a theirs');
  const p = r.queue.problem('s');
  assert.deepEqual([p.base, p.mine, p.theirs.text], ['a', 'a b', 'a theirs']);
});

test('marks changed elsewhere while a confirmation is under way are not lost', async () => {
  const r = rig();
  r.queue.confirm('s', ['m0']);
  r.queue.receive({ ...r.server.segment, version: 2, flags: [{ id: 'f', items: ['m1'], state: 'confirmed' }] });
  r.log.length = 0;
  await r.clock.pass(10);
  assert.deepEqual(r.log, ['saved confirm', 'adopt one two three']);
});

test('conflict: both texts kept, three ways out', async () => {
  for (const [choice, text, expected] of [['mine', null, 'one 2 three'], ['theirs', null, 'one two 3'],
    ['merged', 'one 2 3', 'one 2 3']]) {
    const r = rig();
    r.server.write('one two 3');
    r.queue.edit('s', 'one 2 three');
    await r.clock.pass(700);
    assert.equal(r.state(), 'conflict');
    const p = r.queue.problem('s');
    assert.deepEqual([p.base, p.mine, p.theirs.text, p.by], ['one two three', 'one 2 three', 'one two 3', 'Ann']);
    assert.equal(r.shelf.size, 1);
    r.queue.resolve('s', choice, text);
    await r.clock.pass(10);
    assert.equal(r.server.segment.text, expected);
    assert.equal(r.state(), 'saved');
    assert.equal(r.shelf.size, 0);
  }
});

test('typing goes on during a conflict and is what "mine" means', async () => {
  const r = rig();
  r.server.write('x');
  r.queue.edit('s', 'y');
  await r.clock.pass(700);
  r.queue.edit('s', 'y z');
  r.server.write('x x');
  r.queue.receive(r.server.segment);
  assert.equal(r.queue.problem('s').theirs.text, 'x x');
  r.queue.resolve('s', 'mine');
  await r.clock.pass(10);
  assert.equal(r.server.segment.text, 'y z');
});

test('only marks changed elsewhere: no conflict', async () => {
  const r = rig();
  r.server.segment = { ...r.server.segment, version: 2, flags: [] };
  r.queue.edit('s', 'a');
  await r.clock.pass(700);
  assert.equal(r.state(), 'saved');
  assert.equal(r.server.segment.text, 'a');
});

test('foreign version without local work is shown; while sending it waits', async () => {
  const r = rig();
  r.server.write('remote');
  assert.equal(r.queue.receive(r.server.segment), 'adopt');
  r.queue.edit('s', 'mine');
  r.queue.flush('s');
  assert.equal(r.queue.receive({ ...r.server.segment, version: 9, text: 'later' }), 'keep');
  await r.clock.pass(10);
  assert.equal(r.log.at(-1), 'adopt later');
});

test('confirm against a new version: repeated when the word is still open, else void', async () => {
  const r = rig();
  r.server.segment = { ...r.server.segment, version: 2 };
  r.queue.confirm('s', ['m1']);
  await r.clock.pass(10);
  assert.equal(r.log.at(-1), 'saved confirm');
  const q = rig();
  q.server.write('all new');
  q.queue.confirm('s', ['m1']);
  await q.clock.pass(10);
  assert.ok(q.log.includes('dropped'));
  assert.equal(q.state(), 'saved');
});

test('refused: text kept with the reason, sent again or dropped on demand', async () => {
  const r = rig();
  r.server.refuse = 'refused';
  r.queue.edit('s', 'a');
  await r.clock.pass(700);
  assert.equal(r.state(), 'refused');
  assert.equal(r.queue.problem('s').message, 'No.');
  assert.equal(r.shelf.size, 1);
  r.server.refuse = null;
  r.queue.resolve('s', 'mine');
  await r.clock.pass(10);
  assert.equal(r.server.segment.text, 'a');
});

test('logged out: nothing lost, goes on after the login', async () => {
  const r = rig();
  r.server.refuse = 'login';
  r.queue.edit('s', 'a');
  await r.clock.pass(700);
  assert.equal(r.state(), 'login');
  r.server.refuse = null;
  r.queue.retry();
  await r.clock.pass(10);
  assert.equal(r.server.segment.text, 'a');
});

test('two editors, a bad line and reloads: the last text of each is in the history or asked about', async () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    let x = seed;
    const random = (n) => {
      x = (x * 16807) % 2147483647;
      return x % n;
    };
    const server = fakeServer();
    const shelf = new Map();
    let r = rig({ server, shelf, prefix: `${seed}.` });
    let last = null;
    for (let step = 0; step < 30; step += 1) {
      const what = random(6);
      server.up = random(3) > 0;
      server.loseAnswer = random(4) === 0;
      if (what < 3) {
        last = `t${step}`;
        r.queue.edit('s', last);
      } else if (what === 3) {
        server.write(`remote${step}`);
        r.queue.receive(server.segment);
      } else if (what === 4) {
        r = rig({ server, shelf, prefix: `${seed}.${step}.` });
        r.queue.start();
      } else r.queue.resolve('s', 'mine');
      await r.clock.pass(random(3000));
    }
    server.up = true;
    server.loseAnswer = false;
    r.queue.retry();
    await r.clock.pass(100_000);
    const history = server.received.map((o) => o.text);
    const problem = r.queue.problem('s');
    assert.ok(last === null || history.includes(last) || problem?.mine === last, `seed ${seed}`);
    if (!problem) assert.equal(shelf.size, 0, `seed ${seed}`);
  }
});
