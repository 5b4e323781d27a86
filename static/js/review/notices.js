/**
 * The banners above the text: why it cannot be changed, a newer transcript that is offered, and
 * what the machine could not do. Remembers for this browser session which ones were put away.
 */
import { button, el, icon } from './dom.js';
import { lossText, offerText } from './offer.js';

const PREFIX = 'countersign.seen:';

/** on: {accept(offer, carry), dismiss(offer)}; storage as sessionStorage, which may refuse. */
export function createNotices({ box, on, storage = window.sessionStorage }) {
  const here = new Set(); // put away on this page, also where storage refuses
  let shown = '';
  let sure = false; // "Use it without" was pressed once

  function isSeen(key) {
    try {
      return here.has(key) || storage.getItem(PREFIX + key) !== null;
    } catch {
      return here.has(key);
    }
  }

  function putAway(key) {
    here.add(key);
    try {
      storage.setItem(PREFIX + key, '1');
    } catch {
      /* lasts for this page then */
    }
  }

  const banner = (kind, iconName, ...content) => el('div', { class: `banner ${kind}` }, icon(iconName), ...content);

  function warning({ message }, key) {
    const close = button('', { kind: 'btn-quiet btn-icon btn-s', iconName: 'close',
      'aria-label': `Put away: ${message}`,
      onclick: () => {
        putAway(key);
        const next = node.nextElementSibling ?? node.previousElementSibling;
        node.remove();
        (next?.querySelector('button') ?? box).focus();
      } });
    const node = banner('banner-warn rv-warning', 'warning', el('div', { class: 'banner-body' }, message), close);
    return node;
  }

  function offering(offer) {
    const words = offerText(offer);
    const body = el('div', { class: 'banner-body' }, el('strong', {}, 'A newer transcript is ready.'),
      words ? el('span', {}, words) : null);
    const row = el('div', { class: 'row rv-offer-acts' });
    body.append(row);
    const act = (label, kind, onclick) => button(label, { kind: `btn-s ${kind}`, onclick });
    const keep = act('Keep this text', 'btn-quiet', () => on.dismiss(offer));
    const ask = () => {
      sure = false;
      row.replaceChildren(...(words
        ? [act('Use it and carry my changes', 'btn-primary', () => on.accept(offer, true)),
          act('Use it without', '', confirm), keep]
        : [act('Use it', 'btn-primary', () => on.accept(offer, true)), keep]));
    };
    const confirm = () => {
      sure = true;
      const back = act('Back', '', () => {
        ask();
        row.querySelector('button').focus();
      });
      row.replaceChildren(el('strong', { class: 'rv-offer-loss', id: 'rv-offer-loss' }, lossText(offer)),
        button('Use it without my changes', { kind: 'btn-s btn-danger', 'aria-describedby': 'rv-offer-loss',
          onclick: () => on.accept(offer, false) }), back);
      back.focus();
    };
    if (sure && words) confirm();
    else ask();
    return banner('rv-offer', 'info', body);
  }

  return {
    /**
     * reason: sentence or null; signed: is it because of the signature; warnings: of the
     * transcript `of` (its id); offer: of the review, or null.
     */
    show({ reason, signed, warnings, of, offer }) {
      const news = warnings.map((w) => [w, `${of}:${w.code}:${w.message}`]).filter(([, key]) => !isSeen(key));
      const state = JSON.stringify([reason, signed, news, offer]);
      if (state === shown) return;
      shown = state;
      if (!offer) sure = false;
      box.replaceChildren(...[
        reason ? banner(signed ? 'banner-ok' : '', signed ? 'check-double' : 'lock', el('div', { class: 'banner-body' }, reason)) : null,
        offer ? offering(offer) : null,
        ...news.map(([w, key]) => warning(w, key)),
      ].filter(Boolean));
    },
    busy(on_) { for (const b of box.querySelectorAll('.rv-offer button')) b.disabled = on_; },
  };
}
