/** Words and figures as the page says them: times, names of speakers, counts, waiting. Pure. */

/** 754.2 s -> "12:34"; with hours from one hour on. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(Number(seconds) || 0));
  const s = String(whole % 60).padStart(2, '0');
  const m = Math.floor(whole / 60) % 60;
  const h = Math.floor(whole / 3600);
  return h ? `${h}:${String(m).padStart(2, '0')}:${s}` : `${m}:${s}`;
}

/** "2026-11-24" or an ISO moment -> "24 Nov 2026": no reader takes day for month. */
export function date(iso) {
  if (!iso) return '';
  const day = String(iso).slice(0, 10).split('-').map(Number);
  if (day.length !== 3 || day.some(Number.isNaN)) return String(iso);
  const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
  return `${day[2]} ${months[day[1] - 1]} ${day[0]}`;
}

/** ISO moment -> "24 Nov 2026, 14:05" in the reader's time zone. */
export function moment(iso) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return String(iso);
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString();
  return `${date(local)}, ${local.slice(11, 16)}`;
}

/** "Clinician" where spk_0 has that name, else "Speaker 1". */
export function speakerLabel(speaker, names = {}) {
  const label = /^spk_(\d+)$/.exec(speaker ?? '');
  return names[speaker] || (label ? `Speaker ${Number(label[1]) + 1}` : speaker ?? '');
}

/** Who speaks: "Speaker 1", "Channel 2", "Channel 1 · Clinician" or "" for plain dictation. */
export function speakerName(segment, channels = 1, names = {}) {
  const { speaker, channel } = segment;
  const hasChannel = channels > 1 && channel !== null && channel !== undefined;
  return [hasChannel ? `Channel ${channel + 1}` : '', speakerLabel(speaker, names)].filter(Boolean).join(' · ');
}

/** "Segment 3, Speaker 1, 0:12 to 0:19". */
export function segmentName(segment, number, channels, names = {}) {
  const who = speakerName(segment, channels, names);
  const when = `${clock(segment.start)} to ${clock(segment.end)}`;
  return ['Segment ' + number, who, when].filter(Boolean).join(', ');
}

export const plural = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

/** 0.43 -> "43 %"; "" where there is no number. */
export const percent = (share) => (typeof share === 'number' ? `${Math.round(share * 100)}\u202f%` : '');

/** 1 -> "1st", 12 -> "12th", 23 -> "23rd". */
export function ordinal(n) {
  const teen = n % 100 > 10 && n % 100 < 14;
  return `${n}${teen ? 'th' : ['th', 'st', 'nd', 'rd'][n % 10] ?? 'th'}`;
}

/** An estimate, no more exact than it is: 42 s -> "about 40 s", 175 s -> "about 3 min". */
export function about(seconds) {
  if (seconds < 8) return 'a few seconds';
  if (seconds < 55) {
    const step = seconds < 28 ? 5 : 10;
    return `about ${Math.round(seconds / step) * step} s`;
  }
  const minutes = Math.max(1, Math.round(seconds / 60));
  const rounded = minutes < 10 ? minutes : Math.round(minutes / 5) * 5;
  if (rounded < 60) return `about ${rounded} min`;
  const halves = Math.round(seconds / 1800);
  return `about ${Math.floor(halves / 2)} h${halves % 2 ? ' 30 min' : ''}`;
}

/** Where a job stands: "2nd in the queue · about 3 min", "0:34 of 2:10 · about 20 s left". */
export function jobText(job) {
  const guess = Number.isFinite(job.estimated_seconds) ? about(job.estimated_seconds) : '';
  if (job.status === 'QUEUED') {
    const place = job.queue_position === 1 ? 'Next in the queue'
      : job.queue_position ? `${ordinal(job.queue_position)} in the queue` : 'Starts in a moment';
    return [place, guess].filter(Boolean).join(' · ');
  }
  const done = `${clock(job.seconds_done)} of ${clock(job.seconds_total)}`;
  // Speakers, numbers and health information come after the last word.
  if (job.seconds_total && job.seconds_done >= job.seconds_total) return `${done} · finishing`;
  return guess ? `${done} · ${guess} left` : done;
}

/** "AB" for "Alma Berg". */
export function initials(name) {
  const parts = String(name).replace(/^(dr|prof|mr|mrs|ms)\.?\s+/i, '').split(/\s+/).filter(Boolean);
  return (parts[0]?.[0] ?? '?').toUpperCase() + (parts.length > 1 ? parts.at(-1)[0].toUpperCase() : '');
}
