/** The review screen: reads the snapshot, makes the parts and joins them. Rules live in the parts. */
import { createAlarm } from './alarm.js';
import { createCards } from './cards.js';
import { createCommands, listen } from './commands.js';
import { announce, slot } from './dom.js';
import { placeOf } from './entities.js';
import { plural } from './format.js';
import { saveText, showPeople, showRecording, showReview, showSaving } from './head.js';
import { createHelp, fillShortKeys } from './help.js';
import { createJobCard, isRunning } from './job.js';
import { createLineMenu } from './linemenu.js';
import { connect } from './live.js';
import { kindsIn } from './marks.js';
import { createNotices } from './notices.js';
import { createPanel, leftText } from './panel.js';
import { createMemory, createPlayer } from './player.js';
import { createSaving } from './saving.js';
import { createSession } from './session.js';
import { createToolbar } from './toolbar.js';
import { createTranscript } from './transcript.js';
import { act, get } from './transport.js';
import { createUndo } from './undo.js';
import { createWaveform } from './waveform.js';
import { toast } from '../site/toast.js';

const root = document.getElementById('review');
const session = createSession(JSON.parse(document.getElementById('snapshot').textContent));
const { recording } = session;
const tabMemory = `countersign.undo:${session.me.id}:${recording.id}`;
const undo = createUndo({
  get: () => sessionStorage.getItem(tabMemory),
  set: (text) => sessionStorage.setItem(tabMemory, text),
});
let toolbar = null; // made last: it shows what the others do
let waveform = null;
let afterSave = null; // {act, but}: what waits for the last save, and the sentence if there is none

const transcript = createTranscript({
  list: slot('list'),
  scroller: slot('scroller'),
  channels: recording.channels,
  on: {
    input: (view) => {
      saving.edited(view);
      commands.look();
    },
    focus: () => commands.look(),
    blur: (view) => {
      saving.queue.flush(view.segment.id);
      saving.settle(view);
      commands.left();
    },
    word: (view, item) => {
      player.playFrom(item.start);
      commands.touch(view);
    },
    readings: (view, opener) => lines.fill(view, opener),
    play: (view) => player.playFrom(view.segment.start),
  },
});

const player = createPlayer({
  url: recording.audio_url,
  duration: recording.duration,
  memory: createMemory(),
  on: {
    time: (seconds, playing) => {
      toolbar?.time(seconds);
      waveform?.time(seconds);
      transcript.speak(seconds, playing);
    },
    state: (playing) => toolbar?.state(playing),
    rate: (rate) => toolbar?.rate(rate),
    trouble: (sentence) => toast(sentence, { kind: 'warn' }),
  },
});

const saving = createSaving({
  session,
  transcript,
  undo,
  on: {
    status: showStatus,
    reviewed: (review, seq) => { if (session.setReview(review, seq)) showReviewEverywhere(); },
    changed: () => lookAgain(),
  },
});

const panel = createPanel({ on: { sign } });
const jobCard = createJobCard({ on: { retry: () => changeJob('retry_url'), cancel: () => changeJob('cancel_url') } });
const cards = createCards({ on: { entity: visit } });
const notices = createNotices({ box: slot('banners'), on: {
  accept: (offer, carry) => whenSaved(() => settleOffer(offer.accept_url, { carry }), 'The newer transcript waits for every change to be saved.'),
  dismiss: (offer) => settleOffer(offer.dismiss_url),
} });
const help = createHelp();
const alarm = createAlarm({ on: { retry: () => comeBack() } });
const commands = createCommands({ session, transcript, saving, player, panel, help, undo,
  toolbar: () => toolbar });
const lines = createLineMenu({ box: slot('line-readings'), canEdit: () => session.canEdit,
  on: { take: (view, text) => commands.taking.line(view, text) } });
toolbar = createToolbar({ player, duration: recording.duration, commands: commands.table });

function showStatus(status) {
  const readOnly = !session.canEdit;
  showSaving(status, readOnly, session.job?.status !== 'COMPLETED');
  alarm(status);
  if (!afterSave) return;
  const { act: go, but } = afterSave;
  if (status.state === 'saving') return;
  afterSave = null;
  if (status.state === 'saved') go();
  else toast(`${saveText(status, readOnly)}. ${but}`, { kind: 'warn' });
}

/** Does `go` once nothing is left to save; else says why not. */
function whenSaved(go, but) {
  afterSave = { act: go, but };
  saving.queue.flush();
  showStatus(saving.queue.status());
}

/** To the page where one signs, with nothing left behind. */
function sign() {
  whenSaved(() => location.assign(session.review.sign_url), 'Signing needs every change saved.');
}

/** Takes over or turns down a newer transcript; the text comes by the state. */
async function settleOffer(url, body = {}) {
  notices.busy(true);
  const answer = await act(url, body);
  notices.busy(false);
  if (answer.ok) refetch();
  else toast(answer.body.message ?? 'That did not work. Please try again.', { kind: 'danger' });
}

/** A place of the health information: heard, and selected where it still stands. */
function visit(entity) {
  const view = transcript.view(entity.segment);
  commands.visit(view, view && placeOf(entity.items, view.rangeOf), [entity.start, entity.end]);
}

let ticking = 0;
function showTicks() {
  ticking ||= requestAnimationFrame(() => {
    ticking = 0;
    waveform?.marks(transcript.openTimes());
  });
}

/** Once a frame, however many segments changed. */
let looking = 0;
function lookAgain() {
  showTicks();
  looking ||= requestAnimationFrame(() => {
    looking = 0;
    commands.look();
  });
}

function showReviewEverywhere() {
  const { review, job } = session;
  const ready = job?.status === 'COMPLETED';
  showReview(review, job);
  panel.review(review, { ready, text: session.segments.some((s) => s.text) });
  slot('steps').hidden = !ready || !review || !review.flags_total || Boolean(review.signed);
  if (review) slot('left').textContent = leftText(review);
  root.classList.toggle('is-signed', Boolean(review?.signed));
  const reason = review && !review.can_edit && ready ? review.edit_reason : null;
  notices.show({ reason, signed: Boolean(review?.signed), offer: session.canEdit ? review?.offered ?? null : null,
    warnings: (ready && session.transcript?.warnings) || [], of: job?.id });
  cards({ transcript: session.transcript, review, ready });
  showTicks();
}

/** Everything, from the session; reuses the fields that are there. */
function showAll() {
  const { job, segments } = session;
  const live = isRunning(job);
  showRecording(session.recording);
  const kinds = kindsIn(segments);
  for (const kind of ['critical', 'silent', 'loop']) slot(`legend-${kind}`).hidden = !kinds.has(kind);
  slot('legend-said').hidden = !segments.some((s) => s.items.some((item) => item.spoken));
  showReviewEverywhere();
  jobCard.show(job, { empty: segments.every((s) => !s.text) && !live });
  const atEnd = transcript.show(segments, {
    lockedFor: (segment) => segment.version === 0 || !session.canEdit,
    fill: (view, segment) => saving.fill(view, segment),
  });
  if (live && atEnd) transcript.toEnd();
  showStatus(saving.queue.status());
  commands.look();
}

async function changeJob(which) {
  const { ok, body } = await act(session.job[which]);
  if (ok && body.job) {
    session.setJob(body.job);
    showAll();
  } else toast(body.message ?? 'That did not work. Please try again.', { kind: 'danger' });
}

let fetching = null;
let again = false;
async function refetch() {
  if (fetching) {
    again = true;
    return;
  }
  fetching = get(root.dataset.stateUrl);
  const { status, body } = await fetching;
  fetching = null;
  if (status === 200 && body.me.id !== session.me.id) {
    // Somebody else signed in in this browser: it becomes their page, once nothing is left to save.
    if (!saving.queue.status().unsaved) location.reload();
  } else if (status === 200 && session.replace(body)) showAll();
  if (again || status === 0) setTimeout(refetch, again ? 0 : 4000);
  again = false;
}

function receive(message) {
  if (message.type === 'reload') refetch();
  else if (message.type === 'presence') showPeople(message.people, session.me);
  else if (message.type === 'progress' || message.type === 'lines') {
    session.setJob(message.job);
    if (message.type === 'lines') session.addLines(message.segments);
    if (message.type === 'lines' || !isRunning(message.job)) showAll();
    else jobCard.show(message.job, { empty: false });
  } else if (message.type === 'segment') {
    const view = transcript.view(message.segment.id);
    const before = view?.text;
    session.put(message.segment);
    if (session.setReview(message.review, message.seq)) showReviewEverywhere();
    if (!view) return showAll();
    saving.fill(view, message.segment);
    if (view.text !== before && String(message.by?.id) !== String(session.me.id)) {
      view.touched(message.by?.name);
      announce(`${message.by?.name ?? 'Somebody'} changed ${view.area.getAttribute('aria-label')}`);
    }
  }
  return undefined;
}

const line = connect({
  url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws/recordings/${recording.id}/`,
  open: (url) => new WebSocket(url),
  clock: { setTimeout: (f, ms) => setTimeout(f, ms), clearTimeout: (t) => clearTimeout(t) },
  known: () => session.seq,
  advance: (seq) => session.advance(seq),
  on: {
    message: receive,
    refetch,
    state: (state) => {
      const sign_ = slot('live');
      sign_.hidden = state === 'on';
      sign_.className = 'live live-off rv-live';
      sign_.textContent = { off: 'Connecting…', login: 'Signed out', gone: 'No longer here' }[state] ?? '';
      if (state !== 'on') showPeople([], session.me);
    },
  },
});

function comeBack() {
  line.nudge();
  if (['offline', 'stalled', 'login'].includes(saving.queue.status().state)) saving.queue.retry();
}

listen({ commands, transcript, saving });
fillShortKeys(slot('shortkeys'));
saving.restore();
showAll();
saving.queue.start();
toolbar.state(false);
toolbar.rate(player.rate);
window.addEventListener('online', comeBack);
window.addEventListener('pagehide', () => saving.queue.leave());
document.addEventListener('visibilitychange', () => (document.hidden ? saving.queue.leave() : comeBack()));
createWaveform({ box: slot('wave'), ticks: slot('ticks'), slider: slot('seek'), player,
  peaksUrl: recording.peaks_url, duration: recording.duration }).then((face) => {
  waveform = face;
  showTicks();
});
if (saving.queue.status().unsaved) {
  announce(`${plural(saving.queue.status().unsaved, 'change')} from your last visit are being saved`);
}
