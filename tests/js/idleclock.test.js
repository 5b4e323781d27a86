import test from 'node:test';
import assert from 'node:assert/strict';
import { createIdleClock } from '../../static/js/site/idleclock.js';

/** A clock of fifteen minutes; the server as `server` has it. */
function world() {
  const w = { t: 0, said: [], server: { user: 'u', seconds: 900 }, told: 0, asked: 0 };
  w.clock = createIdleClock({
    seconds: 900,
    now: () => w.t,
    tell: async () => { w.told += 1; if (w.server instanceof Error) throw w.server; return w.server; },
    ask: async () => { w.asked += 1; if (w.server instanceof Error) throw w.server; return w.server && { ...w.server, seconds: w.left ?? w.server.seconds }; },
    on: { warn: () => w.said.push('warn'), calm: () => w.said.push('calm'), ended: () => w.said.push('ended'), back: (a) => w.said.push(`back ${a.user}`) },
  });
  w.pass = async (seconds) => {
    for (let s = 0; s < seconds; s += 5) {
      w.t += 5000;
      if (w.left !== undefined) w.left -= 5;
      await w.clock.tick();
    }
  };
  return w;
}

test('an idle page warns two minutes before the end, once blanked it asks no more of the person', async () => {
  const w = world();
  w.left = 900;
  await w.pass(775);
  assert.deepEqual(w.said, []);
  await w.pass(20);
  assert.equal(w.said[0], 'warn');
  w.server = null;
  await w.pass(120);
  assert.equal(w.said.at(-1), 'ended');
  assert.equal(w.said.filter((x) => x === 'ended').length, 1);
  assert.equal(w.told, 0);
});

test('off line it blanks at the end that the server had named', async () => {
  const w = world();
  w.server = new Error('off line');
  await w.pass(890);
  assert.ok(!w.said.includes('ended'));
  await w.pass(15);
  assert.equal(w.said.at(-1), 'ended');
});

test('a session that was ended elsewhere blanks within a minute', async () => {
  const w = world();
  w.server = null;
  await w.pass(65);
  assert.deepEqual(w.said, ['ended']);
});

test('input is told once a minute, the last of it too', async () => {
  const w = world();
  for (let i = 0; i < 30; i += 1) {
    w.clock.input();
    await w.pass(5);
  }
  assert.equal(w.told, 2);
  await w.pass(60);
  assert.equal(w.told, 3);
});

test('another tab that is used keeps this one', async () => {
  const w = world();
  await w.pass(3000);
  assert.deepEqual(w.said, []);
});

test('signed in again, it says who', async () => {
  const w = world();
  w.server = null;
  await w.clock.look();
  w.server = { user: 'v', seconds: 900 };
  await w.clock.look();
  assert.deepEqual(w.said, ['ended', 'back v']);
});
