/**
 * The box under a segment whose text could not be saved as it is: somebody else changed it, or
 * the server refused. Shows both texts and the ways out; the queue does what is chosen.
 */
import { button, el, icon } from './dom.js';
import { merge, mergeParts, wordDiff } from './diff.js';
import { normalise, oneLine } from './text.js';

/** One text with its own words marked against the other. */
function marked(parts, skip, tag) {
  const box = el('p', { class: 'rv-diff' });
  for (const part of parts) {
    if (part.kind === skip) continue;
    box.append(part.kind === 'same' ? part.text : el(tag, {}, part.text), ' ');
  }
  if (!box.textContent.trim()) box.append(el('em', { class: 'muted' }, 'no text'));
  return box;
}

function row(label, content) {
  return el('div', { class: 'rv-version' }, el('div', { class: 'rv-version-name' }, label), content);
}

/**
 * problem as in lane.js; choose(choice, text). draft: a merged text begun in an earlier box.
 * Returns the box; box.focusFirst() moves there, box.draft() is the merged text begun or null.
 */
export function conflictBox(problem, choose, draft = null) {
  return problem.kind === 'conflict' ? disputed(problem, choose, draft) : refused(problem, choose);
}

function frame(kind, iconName, title, ...content) {
  const box = el('div', { class: `rv-conflict rv-conflict-${kind}`, role: 'group', 'aria-label': title },
    el('div', { class: 'rv-conflict-head' }, icon(iconName, 's'), el('strong', {}, title)), ...content);
  box.focusFirst = () => (box.querySelector('.rv-clash > button') ?? box.querySelector('button'))?.focus();
  box.draft = () => null;
  return box;
}

/**
 * The merged text with both readings of each place that both changed; `done(text)` when every one
 * has been chosen. Returns the row, with take() giving focus to the first choice.
 */
function together(problem, done) {
  const parts = mergeParts(problem.base, problem.mine, problem.theirs.text);
  const open = new Set(parts.filter((p) => p.text === undefined));
  const save = button('Save', { kind: 'btn-s btn-primary', disabled: true,
    onclick: () => done(normalise(parts.map((p) => p.text ?? p.chosen).join(' '))) });
  const box = el('p', { class: 'rv-diff' });
  for (const part of parts) {
    if (part.text !== undefined) {
      box.append(part.text, ' ');
      continue;
    }
    const options = [['theirs', problem.by], ['mine', 'You']].map(([which, who]) => el('button', { type: 'button',
      'aria-pressed': null, 'aria-label': `${who}: ${part[which] || 'no words'}`,
      onclick: (event) => {
        part.chosen = part[which];
        open.delete(part);
        for (const b of event.currentTarget.parentNode.children) b.setAttribute('aria-pressed', String(b === event.currentTarget));
        save.disabled = open.size > 0;
        if (!open.size) save.focus();
      } }, part[which] || '—'));
    box.append(el('span', { class: 'rv-clash', role: 'group', 'aria-label': 'Choose the words' }, ...options), ' ');
  }
  return el('div', { class: 'rv-version rv-together' }, el('div', { class: 'rv-version-name' }, 'Together'),
    el('div', { class: 'row' }, box, save));
}

function disputed(problem, choose, draft) {
  const parts = wordDiff(problem.theirs.text, problem.mine);
  const proposal = merge(problem.base, problem.mine, problem.theirs.text);
  const key = (n) => el('kbd', { 'aria-hidden': 'true' }, n);
  const mine = button('Keep mine', { kind: 'btn-s', 'aria-keyshortcuts': '1', onclick: () => choose('mine') });
  const theirs = button('Take theirs', { kind: 'btn-s', 'aria-keyshortcuts': '2', onclick: () => choose('theirs') });
  const edit = button('Edit a merged text', { kind: 'btn-s', 'aria-keyshortcuts': '3',
    'aria-expanded': 'false', onclick: () => open() });
  mine.append(key('1'));
  theirs.append(key('2'));
  edit.append(key('3'));
  const actions = el('div', { class: 'row' }, mine, theirs, edit);
  const box = frame('conflict', 'merge', `${problem.by} changed this segment while you did`,
    row(problem.by, marked(parts, 'added', 'del')), row('You', marked(parts, 'removed', 'ins')),
    together(problem, (text) => choose('merged', text)), actions);

  const area = el('textarea', { class: 'input rv-merged', rows: '3', spellcheck: 'false',
    'aria-label': 'Merged text' });
  function open() {
    if (!area.isConnected) {
      area.value = draft ?? proposal.text;
      edit.setAttribute('aria-expanded', 'true');
      actions.after(el('div', { class: 'rv-merge' },
        el('p', { class: 'small secondary' }, proposal.clean
          ? 'Both changes are in this text. Read it, then save.'
          : 'You both changed the same place. Read and correct it, then save.'),
        area,
        button('Save merged text', { kind: 'btn-s btn-primary',
          onclick: () => choose('merged', oneLine(area.value)) })));
    }
    area.focus({ preventScroll: true });
  }
  box.addEventListener('keydown', (event) => {
    if (event.target === area) {
      if (event.key === 'Enter' && !event.isComposing) {
        event.preventDefault();
        choose('merged', oneLine(area.value));
      }
      return;
    }
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const act = { 1: mine, 2: theirs, 3: edit }[event.key];
    if (act) {
      event.preventDefault();
      act.click();
    }
  });
  box.draft = () => (area.isConnected ? area.value : null);
  if (draft !== null) open();
  return box;
}

function refused(problem, choose) {
  return frame('refused', 'warning', 'This change is not saved',
    el('p', {}, problem.message),
    row('Your text', el('p', { class: 'rv-diff' }, problem.mine || '(no text)')),
    el('div', { class: 'row' },
      button('Try again', { kind: 'btn-s', onclick: () => choose('mine') }),
      button('Drop my change', { kind: 'btn-s', onclick: () => choose('theirs') })));
}
