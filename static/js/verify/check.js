/**
 * Checks a signed package as review/release/verify.py does, with the browser's own cryptography.
 * Pure but for `crypto.subtle`: bytes in, documents out; nothing is sent anywhere.
 */
// The members of a package of each form; the second also says which key follows which.
const FORMATS = {
  'countersign-package/1': 'documents,format,keys',
  'countersign-package/2': 'documents,format,keys,rotations',
};
const utf8 = new TextEncoder();

export class Broken extends Error {
  /** number: of the document, from 1; 0 is the package itself. */
  constructor(number, reason) {
    super(reason);
    this.number = number;
  }
}

/** The documents of a package (Uint8Array) in the order they were signed. Throws Broken. */
export async function check(data) {
  const text = decode(data);
  const whole = parse(0, text.trimEnd());
  if (`${canonical(whole)}\n` !== text) throw new Broken(0, 'The file is not written as a package is.');
  if (String(Object.keys(whole).sort()) !== FORMATS[whole.format]) {
    throw new Broken(0, 'This is not a signed package.');
  }
  const keys = new Map();
  for (const [name, der] of Object.entries(whole.keys)) keys.set(name, await publicKey(name, der));
  const documents = [];
  const used = new Set();
  let before = null;
  for (const [index, entry] of whole.documents.entries()) {
    documents.push(await checkEntry(index + 1, entry, keys, before));
    used.add(entry.key_id);
    before = entry.sha256;
  }
  const rotations = await checkRotations(whole.rotations ?? [], whole.keys, keys);
  for (const { old, next } of rotations) used.add(old).add(next);
  if (!documents.length || used.size !== keys.size) {
    throw new Broken(0, 'Its documents and its keys do not belong together.');
  }
  return { documents, keys: [...keys.keys()], rotations };
}

/** Which key follows which: [{old, next, vouched}], oldest first; vouched: the old one signed it. */
async function checkRotations(entries, ders, keys) {
  const links = [];
  for (const entry of entries) {
    if (String(Object.keys(entry).sort()) !== 'by_new,by_old,canonical') throw new Broken(0, 'The statement on a new key is not complete.');
    const said = parse(0, entry.canonical);
    const [old, next] = [said.follows, said.key].map((one) => {
      if (!keys.has(one?.key_id) || ders[one.key_id] !== one.public_key) throw new Broken(0, 'A new key is another key.');
      return one.key_id;
    });
    if (said.format !== 'countersign-key/1' || (links.length && links.at(-1).next !== old)) throw new Broken(0, 'The keys do not follow one another.');
    const bytes = utf8.encode(entry.canonical);
    const signatures = [[next, entry.by_new], ...(entry.by_old === '' ? [] : [[old, entry.by_old]])];
    for (const [name, signature] of signatures) {
      if (!(await crypto.subtle.verify('Ed25519', keys.get(name), base64(0, signature), bytes))) {
        throw new Broken(0, `The key ${name} did not sign that ${next} follows ${old}.`);
      }
    }
    links.push({ old, next, vouched: entry.by_old !== '' });
  }
  return links;
}

/** SHA-256 of bytes as hex. */
export async function sha256(bytes) {
  return hex(await crypto.subtle.digest('SHA-256', bytes));
}

async function checkEntry(number, entry, keys, before) {
  const shape = String(Object.keys(entry).sort());
  if (shape !== 'canonical,event,key_id,sha256,signature' || !keys.has(entry.key_id)) {
    throw new Broken(number, 'The entry is not complete.');
  }
  const bytes = utf8.encode(entry.canonical);
  if ((await sha256(bytes)) !== entry.sha256) throw new Broken(number, 'The text was changed: it has another SHA-256.');
  const signature = base64(number, entry.signature);
  if (!(await crypto.subtle.verify('Ed25519', keys.get(entry.key_id), signature, bytes))) {
    throw new Broken(number, 'The signature is not that of this text by this key.');
  }
  const document = parse(number, entry.canonical);
  if (document.draft || !document.signed_at) throw new Broken(number, 'The document is a draft.');
  if (document.prior_signature !== before) throw new Broken(number, 'It does not follow the document before it.');
  await checkEvent(number, entry, document);
  return document;
}

async function checkEvent(number, entry, document) {
  const { canonical: text, hash, ...rest } = entry.event;
  if (Object.keys(rest).length || typeof text !== 'string') throw new Broken(number, 'The audit row is not complete.');
  if ((await sha256(utf8.encode(text))) !== hash) throw new Broken(number, 'The audit row was changed.');
  const row = parse(number, text);
  const head = document.audit_head;
  if (row.seq !== head.seq + 1 || row.prev_hash !== head.hash) {
    throw new Broken(number, 'The audit row does not follow the audit log as it was signed.');
  }
  if (row.detail?.sha256 !== entry.sha256) throw new Broken(number, 'The audit row is that of another document.');
}

async function publicKey(name, text) {
  const der = base64(0, text);
  if ((await sha256(der)).slice(0, 16) !== name) throw new Broken(0, `The key ${name} is another key.`);
  try {
    return await crypto.subtle.importKey('spki', der, 'Ed25519', true, ['verify']);
  } catch {
    throw new Broken(0, `The key ${name} is not an Ed25519 key, or this browser does not know those.`);
  }
}

function decode(data) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    throw new Broken(0, 'This is not a signed package.');
  }
}

function parse(number, text) {
  let value = null;
  try {
    value = JSON.parse(text);
  } catch {
    // Told below, with everything else that is no object.
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new Broken(number, 'This is not a signed package.');
  return value;
}

/** JSON with sorted keys and no spaces. Keys of a package are ASCII, its numbers whole. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}

function base64(number, text) {
  let bytes = null;
  try {
    bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    throw new Broken(number, 'The file is not written as a package is.');
  }
  if (btoa(String.fromCharCode(...bytes)) !== text) throw new Broken(number, 'The file is not written as a package is.');
  return bytes;
}

const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
