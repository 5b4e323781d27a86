/** Sequence numbers and reconnecting. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoff, connect, judge } from '../../../static/js/review/live.js';

test('apply the next, drop the old, fetch again after a gap', () => {
  assert.equal(judge(4, 5), 'apply');
  assert.equal(judge(4, 4), 'old');
  assert.equal(judge(4, 6), 'gap');
});

test('delays grow to a cap and are spread', () => {
  assert.equal(backoff(0, () => 1), 800);
  assert.equal(backoff(0, () => 0), 400);
  assert.equal(backoff(20, () => 1), 20_000);
});

function rig() {
  const log = [];
  const timers = [];
  const sockets = [];
  let seq = 3;
  const line = connect({
    url: '/ws/',
    open: () => {
      const socket = { close() {} };
      sockets.push(socket);
      return socket;
    },
    clock: { setTimeout: (fn) => timers.push(fn), clearTimeout: () => {} },
    known: () => seq,
    advance: (n) => { seq = n; },
    on: { message: (m) => log.push(m.type), refetch: () => log.push('refetch'), state: (s) => log.push(s) },
  });
  const say = (m) => sockets.at(-1).onmessage({ data: JSON.stringify(m) });
  return { log, timers, sockets, say, line, seq: () => seq };
}

test('messages in order, presence without number, gap refetches', () => {
  const r = rig();
  r.say({ type: 'hello', seq: 3 });
  r.say({ type: 'segment', seq: 4 });
  r.say({ type: 'segment', seq: 4 });
  r.say({ type: 'presence', people: [] });
  r.say({ type: 'segment', seq: 9 });
  assert.deepEqual(r.log, ['segment', 'presence', 'refetch']);
  assert.equal(r.seq(), 4);
});

test('a hello that knows more refetches', () => {
  const r = rig();
  r.say({ type: 'hello', seq: 8 });
  assert.deepEqual(r.log, ['refetch']);
});

test('comes back after a loss, not after 4401', () => {
  const r = rig();
  r.sockets[0].onclose({ code: 1006 });
  r.timers.shift()();
  assert.equal(r.sockets.length, 2);
  r.sockets[1].onclose({ code: 4401 });
  assert.equal(r.timers.length, 0);
  assert.deepEqual(r.log, ['off', 'login']);
  r.line.nudge();
  assert.equal(r.sockets.length, 3);
});
