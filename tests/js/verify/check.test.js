import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Broken, check, sha256 } from '../../../static/js/verify/check.js';

// Made by review/release/package.py; tests/review/test_verify.py sees that verify.py takes it too.
const data = new Uint8Array(await readFile(new URL('package.json', import.meta.url)));
const altered = (change) => {
  const value = JSON.parse(new TextDecoder().decode(data));
  change(value);
  return new TextEncoder().encode(`${JSON.stringify(value)}\n`);
};
const refused = (bytes) => assert.rejects(check(bytes), Broken);

test('a package as it was made holds', async () => {
  const { documents, keys } = await check(data);
  assert.deepEqual(documents.map((d) => d.signer.name), ['Ana Reyes', 'Ana Reyes']);
  assert.equal(keys.length, 1);
});

test('what is no package is refused with a sentence', async () => {
  for (const text of ['', '{}\n', '[]\n', 'null\n', '{"a":1,"a":1}\n']) await refused(new TextEncoder().encode(text));
  await refused(new Uint8Array([0xff, 0x0a]));
});

test('a changed byte anywhere is found', async () => {
  for (let at = 0; at < data.length; at += 17) {
    const copy = data.slice();
    copy[at] ^= 1 + (at % 7);
    await refused(copy);
  }
});

test('a changed text with its right digest is found by the signature', async () => {
  const entry = JSON.parse(new TextDecoder().decode(data)).documents[0];
  const text = entry.canonical.replace('120/80', '210/80');
  const digest = await sha256(new TextEncoder().encode(text));
  await assert.rejects(check(altered((v) => Object.assign(v.documents[0], { canonical: text, sha256: digest }))),
    (error) => error.number === 1 && /signature/.test(error.message));
});

test('documents cannot change places or stand alone', async () => {
  await refused(altered((v) => v.documents.reverse()));
  await refused(altered((v) => v.documents.shift()));
});

test('an audit row of another signing is found', async () => {
  await refused(altered((v) => { v.documents[0].event = v.documents[1].event; }));
});
