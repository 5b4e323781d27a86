/** What stands where the text will be while the engine works, when it failed, and when it found nothing. */
import { button, el, icon, slot } from './dom.js';
import { jobText } from './format.js';

const RUNNING = new Set(['QUEUED', 'IN_PROGRESS']);

export const isRunning = (job) => Boolean(job) && RUNNING.has(job.status);

/** on: {retry(), cancel()}. */
export function createJobCard({ on }) {
  const box = slot('job');
  const label = el('p', { class: 'rv-job-label' });
  const detail = el('p', { class: 'small secondary' });
  const bar = el('progress', { 'aria-label': 'Waiting' });
  const cancel = button('Cancel', { kind: 'btn-s btn-quiet', onclick: () => on.cancel() });
  const working = el('div', { class: 'rv-job' },
    el('div', { class: 'row-between' }, el('div', { class: 'grow' }, label, detail), cancel), bar);
  let shown = '';

  function running(job) {
    if (!working.isConnected) box.replaceChildren(working);
    const queued = job.status === 'QUEUED';
    label.textContent = queued ? 'Waiting in line' : 'Transcribing';
    detail.textContent = jobText(job);
    bar.setAttribute('aria-label', queued ? 'Waiting' : 'Transcribed so far');
    if (queued) bar.removeAttribute('value');
    else {
      bar.max = job.seconds_total || 1;
      bar.value = Math.min(job.seconds_done, job.seconds_total || 1);
    }
    cancel.hidden = !job.can_cancel;
  }

  function ended(kind, iconName, title, text, job) {
    box.replaceChildren(el('div', { class: 'empty rv-ended' }, icon(iconName, 'l'), el('h2', {}, title),
      el('p', {}, text), job?.can_retry
        ? button('Transcribe again', { kind: 'btn-primary', iconName: 'retry', onclick: () => on.retry() }) : null));
    box.firstChild.classList.add(`rv-ended-${kind}`);
  }

  return {
    show(job, { empty }) {
      if (isRunning(job)) {
        shown = '';
        running(job);
        return;
      }
      const state = job ? `${job.status} ${job.can_retry} ${job.failure_reason} ${empty}` : 'none';
      if (state === shown) return;
      shown = state;
      if (job?.status === 'FAILED') {
        ended('failed', 'error', 'The transcription failed', job.failure_reason ?? 'No reason was given.', job);
      } else if (job?.status === 'CANCELLED') {
        ended('cancelled', 'close', 'The transcription was cancelled', 'The recording is kept.', job);
      } else if (empty) {
        ended('empty', 'mic', 'No speech was found in this recording',
          'Listen to it above. If somebody speaks, check the microphone or the file, and upload it again.', job);
      } else box.replaceChildren();
    },
  };
}
