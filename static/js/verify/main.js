/** The page where anyone checks a signed package: the file is read here and goes nowhere. */
import '../site/main.js';
import { el } from '../review/dom.js';
import { Broken, check, sha256 } from './check.js';

const result = document.getElementById('result');
const packageFile = document.getElementById('package');
const audioFile = document.getElementById('audio');

async function look() {
  const file = packageFile.files[0];
  if (!file) return;
  result.replaceChildren(el('p', { class: 'secondary' }, 'Checking…'));
  try {
    const { documents, keys, rotations } = await check(new Uint8Array(await file.arrayBuffer()));
    const audio = await compared(documents[0]);
    show(audio === false ? 'banner-danger' : 'banner-ok',
      audio === false ? 'The signatures hold, but this is not the recording that was signed for'
        : `${documents.length === 1 ? 'The signature holds' : `All ${documents.length} signatures hold`}`,
      el('ul', {}, ...documents.map(line)),
      el('p', { class: 'small' }, audio ? 'The recording is the one that was signed for.'
        : audio === false ? '' : 'The recording was not compared. Choose it above to do so.'),
      el('p', { class: 'small' }, 'Anyone can make a key: compare this key id with the one the practice gives you. ',
        el('span', { class: 'mono' }, keys.join(', '))),
      ...rotations.map(rotation));
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    show('banner-danger', 'This does not hold',
      el('p', {}, error.number ? `Document ${error.number}: ${error.message}` : error.message));
  }
}

/** true, false, or null when no recording was chosen. */
async function compared(first) {
  const file = audioFile.files[0];
  return file ? (await sha256(await file.arrayBuffer())) === first.audio.sha256 : null;
}

function line({ document: about, kind, signer, signed_at: at, meaning }) {
  const who = [signer.name, signer.title].filter(Boolean).join(', ');
  return el('li', {}, el('strong', {}, about.title), ` (${kind ?? 'document'}): ${meaning}, ${who}, `,
    el('time', { datetime: at }, new Date(at).toLocaleString()));
}

function rotation({ old, next, vouched }) {
  const how = vouched ? 'each signed that the other is the practice\u2019s' : 'only the new one signed this, since the old one was lost';
  return el('p', { class: 'small' }, el('span', { class: 'mono' }, next), ' follows ', el('span', { class: 'mono' }, old), `: ${how}.`);
}

function show(kind, title, ...rest) {
  result.replaceChildren(el('div', { class: `banner ${kind}` }, el('div', { class: 'banner-body' }, el('h2', {}, title), ...rest)));
}

packageFile.addEventListener('change', look);
audioFile.addEventListener('change', look);
