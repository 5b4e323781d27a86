import test from 'node:test';
import assert from 'node:assert/strict';

import { buttonBits, changes, pressedIn } from '../../../static/js/review/devices.js';

const button = (first, last) => ({ reportSize: 1, reportCount: last - first + 1, isRange: true,
  usageMinimum: 0x90000 + first, usageMaximum: 0x90000 + last });
const view = (...bytes) => new DataView(Uint8Array.from(bytes).buffer);

test('buttons are found behind what else a report carries', () => {
  const axis = { reportSize: 8, reportCount: 2, usages: [0x10030, 0x10031] };
  const padding = { reportSize: 1, reportCount: 5, isConstant: true, usages: [0x90009] };
  const bits = buttonBits([{ inputReports: [{ reportId: 3, items: [axis, button(1, 3), padding] }] }]);
  assert.deepEqual([...bits], [[3, [16, 17, 18]]]);
  assert.deepEqual([...pressedIn(view(255, 255, 0b101), bits.get(3))], [1, 3]);
});

test('a pedal that names no buttons gives the bits of its two bytes', () => {
  const bits = buttonBits([{ inputReports: [{ reportId: 0, items: [{ reportSize: 8, reportCount: 2, usages: [0xff000001] }] }] }]);
  assert.deepEqual([...pressedIn(view(0b010, 0), bits.get(0))], [2]);
  assert.deepEqual([...pressedIn(view(0b010), bits.get(0))], [2]);
});

test('a device that describes nothing at all does no harm', () => {
  assert.equal(buttonBits(undefined).get(0).length, 16);
});

test('what is held tells once, what is let go tells too', () => {
  const told = [];
  changes(new Set([1, 2]), new Set([2, 3]), (n, down) => told.push([n, down]));
  assert.deepEqual(told, [[3, true], [1, false]]);
});
