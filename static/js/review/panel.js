/** The panel beside the text: what is left, the word at hand, signing, the signature, downloads. */
import { el, icon, slot } from './dom.js';
import { moment, percent } from './format.js';
import { reasonText } from './marks.js';

/** "7 left of 12", "All 12 checked", "Nothing was marked". */
export function leftText({ left: open, total }) {
  if (!total) return 'Nothing marked';
  return open ? `${open} left of ${total}` : `All ${total} checked`;
}

/** on: {sign(url), next()} */
export function createPanel({ on }) {
  const progress = slot('progress');
  const signature = slot('signature');
  const downloads = slot('downloads');
  const word = el('div', { class: 'rv-word', hidden: true });
  const bar = el('progress', { max: '1', value: '0' });
  const left = el('strong', { class: 'rv-left-big' });
  const of = el('span', { class: 'secondary' });
  const sign = el('button', { type: 'button', class: 'btn btn-primary btn-block' }, icon('sign', 's'), 'Sign…');
  const reason = el('p', { class: 'small secondary', id: 'rv-sign-reason' });
  sign.addEventListener('click', () => on.sign());
  progress.append(el('h2', { class: 'visually-hidden' }, 'What is left'),
    el('p', { class: 'rv-left-line' }, left, of), bar, word, sign, reason);

  return {
    /** ready: there is a finished transcript; text: it has words; counts: {left, total}. */
    review(review, { ready, text, counts }) {
      const signed = review?.signed ?? null;
      progress.hidden = !review || Boolean(signed) || !ready;
      slot('legend').hidden = progress.hidden || !text;
      slot('short').hidden = slot('legend').hidden || !review.can_edit;
      signature.hidden = !signed;
      if (!review) return;

      const { left: open, total } = counts;
      left.hidden = !total;
      bar.hidden = !total;
      left.textContent = open ? String(open) : '✓';
      of.textContent = open ? `marked ${open === 1 ? 'word' : 'words'} left of ${total}`
        : total ? `All ${total} marked words are checked` : 'No word is marked';
      bar.max = String(Math.max(total, 1));
      bar.value = String(total ? total - open : 1);
      bar.setAttribute('aria-label', leftText(counts));
      sign.disabled = !review.can_sign;
      sign.setAttribute('aria-describedby', 'rv-sign-reason');
      reason.textContent = review.can_sign
        ? 'You will see exactly what you sign, and confirm with your password.' : review.sign_reason ?? '';
      if (signed) showSignature(signature, signed);
      showDownloads(downloads, review.downloads ?? []);
      downloads.hidden = !(review.downloads ?? []).length || !ready;
    },

    /** The word at hand: {text, flag|null, confidence, said}, or null. */
    word(at) {
      word.hidden = !at;
      if (!at) return;
      const { confidence } = at;
      word.classList.toggle('is-unmarked', !at.flag);
      word.replaceChildren(el('span', { class: 'rv-word-text' }, at.text),
        el('span', { class: 'small secondary' }, typeof confidence === 'number' ? `${percent(confidence)} sure` : ''),
        ...(at.said ? [el('span', { class: 'rv-word-said small' }, el('span', { class: 'secondary' }, 'said: '), at.said)] : []),
        ...(at.flag ? [el('span', { class: 'rv-word-why small secondary' }, at.flag.sentence || reasonText(at.flag.reason))] : []));
    },
  };
}

function showSignature(box, signed) {
  box.replaceChildren(
    el('h2', { class: 'rv-signed-title' }, icon('check-double', 's'), 'Signed'),
    el('p', { class: 'rv-signer' }, [signed.by, signed.title].filter(Boolean).join(', ')),
    el('p', { class: 'secondary small' }, el('time', { datetime: signed.at }, moment(signed.at))),
    el('p', { class: 'small' }, signed.meaning),
    el('p', { class: 'small muted' }, 'SHA-256 ',
      el('span', { class: 'hash', title: signed.sha256 }, `${signed.sha256.slice(0, 8)} ${signed.sha256.slice(8, 16)}…`)));
}

function showDownloads(box, list) {
  box.replaceChildren(el('h2', {}, 'Downloads'), el('ul', { class: 'rv-downloads' },
    ...list.map((d) => el('li', {}, el('a', { href: d.url }, icon('download', 's'), d.label),
      d.draft ? el('span', { class: 'badge badge-warn' }, 'Draft') : null))));
}
