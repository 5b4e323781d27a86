/** The review screen: reads the snapshot, makes the parts and joins them. Rules live in the parts. */
import '../site/main.js';
import { createAdditions } from './additions.js';
import { createAlarm } from './alarm.js';
import { createCards } from './cards.js';
import { createClinical } from './clinical.js';
import { createComparison } from './comparison.js';
import { createCommands } from './commands.js';
import { createDesk } from './desk.js';
import { createEditing } from './editing.js';
import { announce, isMac, slot } from './dom.js';
import { placeOf } from './entities.js';
import { saveText, showPeople, showRecording, showReview, showSaving } from './head.js';
import { createHelp } from './help.js';
import { createJobCard, isRunning } from './job.js';
import { createKeymap } from './keymap.js';
import { createLineMenu } from './linemenu.js';
import { connect } from './live.js';
import { kindsIn } from './marks.js';
import { createNotices } from './notices.js';
import { createOrdering } from './ordering.js';
import { createPace } from './pace.js';
import { createPanel, leftText } from './panel.js';
import { createPlays } from './plays.js';
import { createSaving } from './saving.js';
import { createSession } from './session.js';
import { createTranscript } from './transcript.js';
import { act, get } from './transport.js';
import { createUndo, undoable } from './undo.js';
import { createWork } from './work.js';
import { toast } from '../site/toast.js';

const root = document.getElementById('review');
const session = createSession(JSON.parse(document.getElementById('snapshot').textContent));
const { recording } = session;
const keyMap = JSON.parse(document.getElementById('key-map').textContent);
const keymap = createKeymap(keyMap);
const pace = createPace();
const undo = createUndo(undoable(session.editsTail));
let editing = null; // made last: it acts upon the others
let afterSave = null; // {act, but}: what waits for the last save, and the sentence if there is none

const transcript = createTranscript({
  list: slot('list'),
  scroller: slot('scroller'),
  channels: recording.channels,
  read: { segment: session.segment, text: (id) => saving.textOf(id) },
  on: {
    shown(view) {
      saving.shown(view);
      editing?.shown(view);
    },
    pinned: () => saving.pinned(),
    drawn: () => editing?.drawn(),
    menu: (view, opener) => editing.menu(view, opener),
    who: (view, opener) => editing.who(view, opener),
    input: (view) => {
      player.typed();
      saving.edited(view);
      editing.presence.typing(view.segment.id);
      editing.changed();
      commands.look();
    },
    focus(view) {
      editing?.presence.at(view.segment.id);
      commands.look();
    },
    blur: (view) => {
      saving.queue.flush(view.segment.id);
      saving.settle(view);
      commands.left();
      editing.presence.at(null);
    },
    word: (view, item) => {
      player.playFrom(item.start);
      commands.touch(view);
    },
    neighbour: (step) => ordering.neighbour(step),
    went: (mark) => ordering.went(mark),
    readings: (view, opener) => lines.fill(view, opener),
    play: (view) => player.playFrom(view.segment.start),
  },
});

const ordering = createOrdering({ keyMap, url: slot('order').dataset.keepUrl,
  read: { segments: () => session.segments, segment: session.segment, text: (id) => saving.textOf(id),
    order: () => transcript.order, marksOf: (id) => transcript.marksOf(id) },
  on: { go: (mark) => commands.go(mark) } });
const desk = createDesk({ session, transcript, keymap, pace, on: { look: () => showAll() } });
const { player, cursor } = desk;
const plays = createPlays({ audio: player.audio, duration: recording.duration,
  url: () => session.review?.plays_url, may: () => session.canEdit });

const saving = createSaving({
  session,
  transcript,
  undo,
  on: {
    status: showStatus,
    // The server must know what was heard before it is asked to settle words that must be.
    before: (op) => (session.segment(op.segment)?.flags ?? []).some((f) => f.critical && (f.state === 'open' || op.kind === 'confirm'))
      ? plays.settled() : undefined,
    reviewed: (review, seq) => { if (session.setReview(review, seq)) showReviewEverywhere(); },
    changed() {
      lookAgain();
      editing?.changed();
    },
    layout: () => showAll(),
    missing: () => refetch(),
  },
});

const panel = createPanel({ on: { sign } });
const jobCard = createJobCard({ on: { retry: () => changeJob('retry_url'), cancel: () => changeJob('cancel_url') } });
const added = createAdditions({ box: slot('additions') });
const compared = createComparison({ box: slot('comparison') });
const clinical = createClinical({ box: slot('clinical'), url: () => session.review?.entities_url, on: { entity: visit } });
const cards = createCards({ on: { entity: visit } });
const notices = createNotices({ box: slot('banners'), on: {
  accept: (offer, carry) => whenSaved(() => settleOffer(offer.accept_url, { carry }), 'The newer transcript waits for every change to be saved.'),
  dismiss: (offer) => settleOffer(offer.dismiss_url),
} });
const work = createWork({ box: slot('work'), session, whenSaved, hint: (id) => keymap.hint(id, isMac),
  took: (review) => { if (session.setReview(review, session.seq)) showAll(); } });
const help = createHelp({ keymap, has: (id) => Boolean(commands.table[id]) });
const alarm = createAlarm({ on: { retry: () => comeBack() } });
const commands = createCommands({ session, transcript, saving, player, panel, help,
  pace, cursor, keymap, plays, toolbar: () => desk });
const lines = createLineMenu({ box: slot('line-readings'), canEdit: () => session.canEdit,
  on: { take: (view, text) => commands.takeLine(view, text) } });

function showStatus(status) {
  const readOnly = !session.canEdit && session.review?.state !== 'waiting';
  showSaving(status, readOnly, session.job?.status !== 'COMPLETED' && !session.segments.some(session.mayEdit));
  alarm(status);
  if (status.state === 'saved') editing?.operations.settled();
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
  const view = transcript.need(entity.segment);
  commands.visit(view, view && placeOf(entity.items, view.rangeOf), [entity.start, entity.end]);
}

/** Once a frame, however many segments changed. */
let looking = 0;
function lookAgain() {
  desk.changed();
  looking ||= requestAnimationFrame(() => {
    looking = 0;
    commands.look();
    ordering.show();
  });
}

function showReviewEverywhere() {
  const { review, job } = session;
  const ready = job?.status === 'COMPLETED';
  showReview(review, job);
  const counts = review ? desk.counts() : null;
  panel.review(review, { ready, text: session.segments.some((s) => s.text), counts });
  slot('steps').hidden = !ready || !counts?.total || Boolean(review.signed);
  if (review) slot('left').textContent = leftText(counts);
  root.classList.toggle('is-signed', Boolean(review?.signed));
  const reason = review && !review.can_edit && ready ? review.edit_reason : null;
  work.show();
  notices.show({ reason, signed: Boolean(review?.signed), offer: session.canEdit ? review?.offered ?? null : null,
    warnings: (ready && session.transcript?.warnings) || [], of: job?.id });
  cards({ transcript: session.transcript, review, ready });
  clinical(ready);
  added(review?.additions ?? null);
  compared((ready && session.transcript?.comparison) || null);
  ordering.show({ hidden: !ready || !session.segments.length || Boolean(review?.signed) });
  desk.changed();
}

/** Everything, from the session; reuses the fields that are there. */
function showAll() {
  const { job, segments } = session;
  const live = isRunning(job);
  showRecording(session.recording);
  const kinds = kindsIn(segments);
  for (const kind of ['critical', 'silent', 'loop', 'look']) slot(`legend-${kind}`).hidden = !kinds.has(kind);
  slot('legend-said').hidden = !segments.some((s) => s.items.some((item) => item.spoken));
  showReviewEverywhere();
  jobCard.show(job, { empty: segments.every((s) => !s.text) && !live });
  const atEnd = transcript.show(segments, {
    speakers: session.speakers,
    locked: (segment) => !session.mayEdit(segment),
    fill: (view, segment) => saving.fill(view, segment),
  });
  if (live && atEnd) transcript.toEnd();
  editing?.changed();
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
  } else if (status === 200 && session.replace(body)) {
    saving.reconcile();
    showAll();
  }
  const failed = status === 0 || status >= 500;
  if (again || failed) setTimeout(refetch, failed ? 4000 : 0);
  again = false;
}

function receive(message) {
  if (message.type === 'reload') refetch();
  else if (message.type === 'presence') {
    showPeople(message.people, session.me);
    editing.presence.people(message.people);
  }
  else if (message.type === 'progress' || message.type === 'lines') {
    session.setJob(message.job);
    if (message.type === 'lines') session.addLines(message.segments);
    if (message.type === 'lines' || !isRunning(message.job)) showAll();
    else jobCard.show(message.job, { empty: false });
  } else if (message.type === 'segment') hear(message);
}

/** One operation of somebody, or of this person in another window. */
function hear({ segments, segment, review, speakers, by, seq }) {
  if (session.setReview(review, seq)) showReviewEverywhere();
  if (speakers && JSON.stringify(speakers) !== JSON.stringify(session.speakers)) {
    session.setSpeakers(speakers);
    showAll();
  }
  const news = saving.hear(segments ?? [segment]);
  if (String(by?.id) === String(session.me.id)) return;
  for (const id of news) transcript.view(id)?.touched(by?.name);
  if (news.length === 1) {
    announce(`${by?.name ?? 'Somebody'} changed segment ${transcript.order.indexOf(news[0]) + 1}`);
  } else if (news.length) announce(`${by?.name ?? 'Somebody'} changed ${news.length} segments`);
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
      if (state === 'on') editing?.presence.again();
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

editing = createEditing({ session, transcript, saving, undo, hint: (id) => keymap.hint(id, isMac), say: (message) => line.say(message) });
Object.assign(commands.table, editing.table, work.table);
desk.join(commands);
editing.listen();
showAll();
saving.queue.start();
window.addEventListener('online', comeBack);
window.addEventListener('pagehide', () => saving.queue.leave());
document.addEventListener('visibilitychange', () => (document.hidden ? saving.queue.leave() : comeBack()));
