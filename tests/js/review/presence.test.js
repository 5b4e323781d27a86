/** Where everybody is: told sparingly, shown at the segments. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPresence } from '../../../static/js/review/presence.js';

function rig({ connected = true } = {}) {
  const timers = [];
  const said = [];
  const heard = [];
  const view = { segment: { id: 's' }, person: null, visit(p) { this.person = p; } };
  const presence = createPresence({ me: { id: 1 }, transcript: { views: new Map([['s', view]]) },
    announce: (text) => heard.push(text),
    say: (message) => {
      if (connected) said.push(message);
      return connected;
    },
    clock: { setTimeout: (f) => timers.push(f) && timers.length, clearTimeout: (t) => { timers[t - 1] = () => {}; } } });
  return { presence, said, heard, view, run: () => timers.splice(0).forEach((f) => f()) };
}

test('many keys are one message; the same is not said twice', () => {
  const r = rig();
  r.presence.at('s');
  for (let i = 0; i < 20; i += 1) r.presence.typing('s');
  r.run();
  r.presence.at('s');
  r.run();
  assert.deepEqual(r.said[0], { type: 'here', segment: 's', editing: true });
  assert.ok(r.said.length <= 2);
});

test('off line nothing is lost: a new connection is told', () => {
  const r = rig();
  r.presence.at('s');
  r.run();
  r.presence.again();
  r.run();
  assert.equal(r.said.length, 2);
});

test('somebody typing in the same segment is a warning, said once', () => {
  const r = rig();
  r.presence.at('s');
  const ann = [{ id: 2, name: 'Ann', segment: 's', editing: true }];
  r.presence.people(ann);
  r.presence.people(ann);
  assert.deepEqual(r.heard, ['Ann is typing in this segment too']);
});

test('somebody else is shown where he is; who types before who looks; never oneself', () => {
  const r = rig();
  r.presence.people([{ id: '1', name: 'Me', segment: 's', editing: true }, { id: 2, name: 'Ann', segment: 's', editing: false },
    { id: 3, name: 'Bob', segment: 's', editing: true }]);
  assert.equal(r.view.person.name, 'Bob');
  r.presence.people([{ id: '1', name: 'Me', segment: 's', editing: true }]);
  assert.equal(r.view.person, null);
});
