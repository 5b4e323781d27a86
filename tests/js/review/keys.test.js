import test from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { COMMANDS, SPEAKERS, commandOf, fits, parts, pressOf, scopeOf, triggerText } from '../../../static/js/review/keys.js';
import { createKeymap, objection, triggerOf, withKeys } from '../../../static/js/review/keymap.js';
import { tableOfKeys } from './table.js';

const event = (fields) => ({ altKey: false, ctrlKey: false, metaKey: false, shiftKey: false, isComposing: false,
  getModifierState: () => false, key: '', code: '', ...fields });
const press = (fields) => pressOf(event(fields));
const asItComes = createKeymap();
const id = (fields, place = 'transcript', keymap = asItComes) => keymap.commandFor(press(fields), place);

test('no two commands answer to the same key in the same place, and every key as it comes may be had', () => {
  assert.deepEqual(asItComes.clashes(), []);
  assert.equal(new Set(COMMANDS.map((c) => c.id)).size, COMMANDS.length);
  for (const command of COMMANDS.filter((c) => !c.fixed)) {
    for (const trigger of command.triggers) {
      const browsersOwn = ['Ctrl+f', 'Ctrl+s', 'Ctrl+z', 'Ctrl+Shift+z', 'Ctrl+y'].includes(trigger);
      if (!browsersOwn) assert.equal(objection(command.id, trigger), null, `${command.id} ${trigger}`);
    }
  }
});

test('an input method and AltGr keep their keys', () => {
  assert.equal(press({ code: 'Enter', key: 'Enter', isComposing: true }), null);
  assert.equal(press({ code: 'KeyN', key: 'n', altKey: true, ctrlKey: true }), null);
  assert.equal(press({ code: 'KeyN', key: 'ñ', altKey: true, getModifierState: (m) => m === 'AltGraph' }), null);
});

test('Tab plays in the text, goes on from a marked word, and is nobody\'s elsewhere', () => {
  assert.equal(id({ code: 'Tab', key: 'Tab' }), 'toggle');
  assert.equal(id({ code: 'Tab', key: 'Tab', shiftKey: true }), 'back2');
  assert.equal(id({ code: 'Tab', key: 'Tab' }, 'mark'), 'next');
  assert.equal(id({ code: 'Tab', key: 'Tab', shiftKey: true }, 'reading'), 'previous');
  for (const place of ['outside', 'field']) assert.equal(id({ code: 'Tab', key: 'Tab' }, place), null);
});

test('the choice for Tab', () => {
  const next = createKeymap({ tab: 'next' });
  assert.equal(id({ code: 'Tab', key: 'Tab' }, 'transcript', next), 'next');
  assert.equal(id({ code: 'Tab', key: 'Tab', shiftKey: true }, 'mark', next), 'previous');
  assert.deepEqual(next.clashes(), []);
  const page = createKeymap({ tab: 'page' });
  for (const place of ['transcript', 'mark']) assert.equal(id({ code: 'Tab', key: 'Tab' }, place, page), null);
  assert.equal(id({ code: 'Escape', key: 'Escape' }, 'transcript', page), 'leave');
});

test('Alt combinations go by the place of the key, letters with Ctrl by the letter', () => {
  assert.equal(id({ code: 'KeyN', key: '˜', altKey: true }, 'field'), 'next');
  assert.equal(id({ code: 'KeyW', key: 'z', ctrlKey: true }), 'undo');
  assert.equal(id({ code: 'KeyZ', key: 'Z', metaKey: true, shiftKey: true }), 'redo');
  assert.equal(id({ code: 'Digit3', key: '3', altKey: true }), 'speaker3');
});

test('figures take readings only where readings are offered; letters are always typed', () => {
  assert.equal(id({ code: 'Digit2', key: '2' }, 'reading'), 'take2');
  assert.equal(id({ code: 'Digit2', key: '2' }, 'mark'), null);
  assert.equal(id({ code: 'KeyN', key: 'n' }, 'mark'), null);
});

test('? is help outside the text only', () => {
  assert.equal(id({ code: 'Slash', key: '?', shiftKey: true }, 'outside'), 'help');
  assert.equal(id({ code: 'Slash', key: '?', shiftKey: true }), null);
  assert.equal(id({ code: 'Slash', key: '/', altKey: true }), 'help');
});

test('pedals, controllers and media keys are triggers like any other', () => {
  const device = (code) => ({ code, key: code, alt: false, ctrl: false, shift: false });
  assert.equal(asItComes.commandFor(device('Pedal2'), 'outside'), 'hold');
  assert.equal(asItComes.commandFor(device('MediaPlayPause'), 'transcript'), 'toggle');
  const own = createKeymap(withKeys({}, 'next', ['Pad4']));
  assert.equal(own.commandFor(device('Pad4'), 'transcript'), 'next');
  assert.deepEqual(own.devices('next'), ['Button 4']);
});

test('own keys replace those that come, and only what differs is stored', () => {
  const stored = withKeys({}, 'replay', ['F8']);
  const keymap = createKeymap(stored);
  assert.equal(id({ code: 'F8', key: 'F8' }, 'transcript', keymap), 'replay');
  assert.equal(id({ code: 'KeyR', key: 'r', altKey: true }, 'transcript', keymap), null);
  assert.deepEqual(withKeys(stored, 'replay', commandOf('replay').triggers), { keys: {} });
});

test('a clash is found, also one a later version brings', () => {
  const keymap = createKeymap({ keys: { replay: ['Alt+KeyN'] } });
  assert.deepEqual(keymap.clashes(), [{ trigger: 'Alt+KeyN', ids: ['next', 'replay'] }]);
});

test('what is stored and not understood is passed over', () => {
  const keymap = createKeymap({ keys: { nothing: ['Alt+KeyX'], next: 7 }, tab: 'fly', typing: 'yes', backStep: 99 });
  assert.deepEqual(keymap.habits, { tab: 'play', typing: true, backStep: 1 });
  assert.equal(id({ code: 'KeyN', key: 'n', altKey: true }, 'transcript', keymap), 'next');
});

test('keys that would lock somebody in, stop typing or belong to the browser are refused', () => {
  assert.match(objection('toggle', 'Escape'), /always leaves/);
  assert.match(objection('leave', 'Alt+KeyX'), /stays/);
  assert.match(objection('toggle', 'a'), /typing/);
  assert.match(objection('toggle', '7'), /typing/);
  assert.match(objection('toggle', 'Backspace'), /editing/);
  for (const trigger of ['Ctrl+t', 'Ctrl+w', 'Alt+KeyD', 'Alt+KeyE', 'Alt+KeyF', 'Alt+Space', 'F5', 'Ctrl+Tab']) {
    assert.match(objection('toggle', trigger), /browser or the system/, trigger);
  }
  for (const trigger of ['F8', 'F13', 'Alt+KeyX', 'Pedal1', 'Ctrl+Enter', 'Tab']) assert.equal(objection('toggle', trigger), null);
});

test('what somebody presses becomes the trigger that answers to it', () => {
  const pressed = [
    [{ code: 'KeyX', key: '≈', altKey: true }, 'Alt+KeyX'],
    [{ code: 'F13', key: 'F13' }, 'F13'],
    [{ code: 'KeyY', key: 'Z', ctrlKey: true, shiftKey: true }, 'Ctrl+Shift+z'],
    [{ code: 'Space', key: ' ', ctrlKey: true }, 'Ctrl+Space'],
    [{ code: 'Slash', key: '?', shiftKey: true }, '?'],
    [{ code: 'Digit4', key: '4' }, '4'],
  ];
  for (const [fields, trigger] of pressed) {
    assert.equal(triggerOf(press(fields)), trigger);
    assert.ok(fits(trigger, press(fields)), trigger);
  }
  assert.equal(triggerOf(press({ code: 'AltLeft', key: 'Alt', altKey: true })), null);
});

test('keys as people read them', () => {
  assert.equal(triggerText('Alt+KeyK'), 'Alt + K');
  assert.equal(triggerText('Alt+KeyK', true), '⌥ + K');
  assert.equal(triggerText('Ctrl+Shift+z', true), '⌘ + Shift + Z');
  assert.equal(triggerText('Pedal2'), 'Pedal 2');
  assert.equal(asItComes.hint('toggle'), 'Alt + K');
  assert.deepEqual(parts('Ctrl++'), { alt: false, ctrl: true, shift: false, last: '+' });
});

test('numbered commands are one row of the help; commands a page has not are none', () => {
  const rows = asItComes.rows((command) => !command.startsWith('zoom')).flatMap(([, list]) => list);
  assert.deepEqual(rows.find((r) => r.ids.includes('speaker1')).ids, SPEAKERS.map((n) => `speaker${n}`));
  assert.ok(!rows.some((r) => r.ids.includes('zoomIn')));
});

test('scopes: what cannot be typed counts everywhere', () => {
  assert.equal(scopeOf(commandOf('toggle'), 'F8'), 'page');
  assert.equal(scopeOf(commandOf('toggle'), 'Tab'), 'transcript');
  assert.equal(scopeOf(commandOf('confirm'), 'Enter'), 'mark');
});

test('the table in the manual is the registry\'s', () => {
  const page = readFileSync(new URL('../../../docs/reviewing.md', import.meta.url), 'utf8');
  assert.ok(page.includes(tableOfKeys()), `write into docs/reviewing.md:\n${tableOfKeys()}`);
});
