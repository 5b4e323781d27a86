/** The key registry: no clash, Mac Option and AltGr, input methods, what the help shows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KEYS, clashes, combosOf, commandFor, groups, hint } from '../../../static/js/review/keys.js';

const press = (fields, place = 'transcript') => commandFor({ altKey: false, ctrlKey: false,
  metaKey: false, shiftKey: false, getModifierState: () => false, ...fields }, place);

test('no two commands answer to the same key', () => {
  assert.deepEqual(clashes(), []);
  assert.equal(clashes([...KEYS, { id: 'x', combos: [{ where: 'page', code: 'KeyK', alt: true }] }]).length, 3);
});

test('alt combinations go by physical key', () => {
  assert.equal(press({ code: 'KeyK', key: '˚', altKey: true }), 'toggle');
  assert.equal(press({ code: 'Minus', key: 'ß', altKey: true }), 'slower');
  assert.equal(press({ code: 'KeyL', key: 'ł', altKey: true, getModifierState: (m) => m === 'AltGraph' }), null);
  assert.equal(press({ code: 'KeyL', key: 'ł', altKey: true, ctrlKey: true }), null);
});

test('tab and enter are ours in the transcript only', () => {
  assert.equal(press({ code: 'Tab', key: 'Tab' }), 'next');
  assert.equal(press({ code: 'Tab', key: 'Tab', shiftKey: true }), 'previous');
  assert.equal(press({ code: 'Tab', key: 'Tab' }, 'outside'), null);
  assert.equal(press({ code: 'Enter', key: 'Enter' }, 'outside'), null);
  assert.equal(press({ code: 'Enter', key: 'Enter' }), 'confirm');
});

test('a question mark is text inside a field and help outside', () => {
  assert.equal(press({ code: 'Slash', key: '?', shiftKey: true }), null);
  assert.equal(press({ code: 'Slash', key: '?', shiftKey: true }, 'outside'), 'help');
  assert.equal(press({ code: 'Slash', key: '÷', altKey: true }), 'help');
});

test('ctrl or command; composing is left alone', () => {
  assert.equal(press({ code: 'KeyS', key: 's', metaKey: true }), 'save');
  assert.equal(press({ code: 'KeyZ', key: 'z', ctrlKey: true }), 'undo');
  assert.equal(press({ code: 'KeyZ', key: 'Z', ctrlKey: true, shiftKey: true }), null);
  assert.equal(press({ code: 'Enter', key: 'Enter', isComposing: true }), null);
  assert.equal(press({ code: 'Tab', key: 'Process', keyCode: 229 }), null);
});

test('every command is shown in the help with a key', () => {
  assert.equal(groups().flatMap(([, list]) => list).length, KEYS.length);
  for (const entry of KEYS) assert.ok(combosOf(entry).length > 0 && entry.label, entry.id);
  assert.equal(hint('toggle'), 'Alt + K');
  assert.equal(hint('toggle', true), '⌥ + K');
});
