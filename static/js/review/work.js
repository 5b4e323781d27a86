/** The card of the work: whose the document is, whether it rests and why, and what comes next. */
import { announce, button, el } from './dom.js';
import { act } from './transport.js';
import { toast } from '../site/toast.js';

/**
 * box: the card. whenSaved(go, but) waits for the last save; hint(command) is its key; took(review)
 * is told what holds after a verb. Returns show() and the commands' functions.
 */
export function createWork({ box, session, whenSaved, hint, took }) {
  let pending = false; // the form that asks why is open
  let busy = false;

  const mine = (review) => review.assignee === session.me.id;
  const titled = (id, label) => ({ title: [label, hint(id)].filter(Boolean).join(', ') });

  async function send(content, said) {
    if (busy) return;
    busy = true;
    const { ok, body } = await act(session.review.work.url, content);
    busy = false;
    if (!ok) {
      toast(body.message ?? 'That did not work. Please try again.', { kind: 'warn' });
      return;
    }
    pending = false;
    announce(said);
    took(body.review);
  }

  const NOT_SAVED = 'That waits for every change to be saved.';
  const take = () => send({ verb: 'claim' }, 'The document is yours');
  const giveBack = () => whenSaved(() => send({ verb: 'return' }, 'The document is given back'), NOT_SAVED);
  const takeUp = () => send({ verb: 'unpend' }, 'The document is taken up again');
  const pend = (content) => whenSaved(() => send({ verb: 'pend', ...content }, 'The document rests'), NOT_SAVED);
  const next = () => whenSaved(() => box.querySelector('[data-next]').requestSubmit(), NOT_SAVED);

  function whose(review) {
    if (mine(review)) return 'You work on this document.';
    if (!review.assignee) return 'Nobody has taken this document.';
    return `${review.work.with?.id === review.assignee ? review.work.with.name : 'Somebody'} works on this document.`;
  }

  function doors(review) {
    const may = session.canEdit;
    return [
      may && !review.assignee && button('Take it', { kind: 'btn-s', onclick: take, ...titled('claim', 'Take it') }),
      review.assignee && (mine(review) ? may : review.work.assigns)
        && button('Give it back', { kind: 'btn-s', onclick: giveBack, ...titled('claim', 'Give it back') }),
      may && !review.pend && !pending && button('Pend…', { kind: 'btn-s', onclick: ask, ...titled('pend', 'Pend') }),
      may && review.pend && button('Take it up again', { kind: 'btn-s', onclick: takeUp, ...titled('pend', 'Take it up again') }),
    ];
  }

  /** A form of the page, since it leads to another document. */
  const onward = () => el('form', { method: 'post', action: session.review.work.next_url, 'data-next': true,
    onsubmit: (event) => {
      event.currentTarget.elements.csrfmiddlewaretoken.value = document.querySelector('meta[name="csrf-token"]').content;
    } },
  el('input', { type: 'hidden', name: 'csrfmiddlewaretoken' }),
  button('Claim next', { kind: 'btn-s', iconName: 'next', onclick: next, ...titled('claimNext', 'Claim the next document') }));

  function why(review) {
    const reason = el('select', { class: 'input' }, ...review.work.reasons.map(({ value, label }) => new Option(label, value)));
    const note = el('input', { class: 'input', maxlength: 500, autocomplete: 'off' });
    return el('form', { class: 'rv-work-why', onsubmit: (event) => {
      event.preventDefault();
      pend({ reason: reason.value, note: note.value });
    } },
    el('label', {}, 'Why does it rest?', reason), el('label', {}, 'Note', note),
    el('p', { class: 'rv-work-doors' }, el('button', { class: 'btn btn-s', type: 'submit' }, 'Pend'),
      button('Cancel', { kind: 'btn-s btn-quiet', onclick: () => ask(false) })));
  }

  function ask(open = true) {
    pending = open !== false;
    show();
    (box.querySelector('.rv-work-why select') ?? box.querySelector('button'))?.focus();
  }

  /** Draws the card anew, unless somebody is about to say why the document rests. */
  function show() {
    const { review } = session;
    box.hidden = !review?.work || Boolean(review.signed) || session.job?.status !== 'COMPLETED';
    if (box.hidden || (pending && session.canEdit && box.querySelector('.rv-work-why'))) return;
    const rests = review.work.reasons.find((one) => one.value === review.pend);
    box.replaceChildren(...[
      el('h2', { id: 'rv-work-title' }, 'Work'),
      el('p', { class: 'small' }, whose(review)),
      rests && el('p', { class: 'small' }, el('span', { class: 'badge badge-warn' }, rests.label),
        review.work.note ? ` ${review.work.note}` : ''),
      pending && session.canEdit && why(review),
      el('div', { class: 'rv-work-doors' }, ...doors(review), review.work.next_url && onward()),
    ].filter(Boolean));
  }

  return { show,
    table: {
      claim: () => {
        const { review } = session;
        if (box.hidden) return;
        if (mine(review)) giveBack();
        else take();
      },
      pend: () => {
        if (box.hidden || !session.canEdit) return;
        if (session.review.pend) takeUp();
        else ask(!pending);
      },
      claimNext: () => { if (box.querySelector('[data-next]')) next(); },
    } };
}
