/** Words and figures as the page says them: clock times, names of speakers, counts. Pure. */

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

/** Who speaks: "Speaker 1", "Channel 2" or "" for plain dictation. */
export function speakerName(segment, channels = 1) {
  const label = /^spk_(\d+)$/.exec(segment.speaker ?? '');
  if (label) return `Speaker ${Number(label[1]) + 1}`;
  if (segment.speaker) return segment.speaker;
  if (channels > 1 && segment.channel !== null && segment.channel !== undefined) {
    return `Channel ${segment.channel + 1}`;
  }
  return '';
}

/** "Segment 3, Speaker 1, 0:12 to 0:19". */
export function segmentName(segment, number, channels) {
  const who = speakerName(segment, channels);
  const when = `${clock(segment.start)} to ${clock(segment.end)}`;
  return ['Segment ' + number, who, when].filter(Boolean).join(', ');
}

export const plural = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

/** "AB" for "Alma Berg". */
export function initials(name) {
  const parts = String(name).replace(/^(dr|prof|mr|mrs|ms)\.?\s+/i, '').split(/\s+/).filter(Boolean);
  return (parts[0]?.[0] ?? '?').toUpperCase() + (parts.length > 1 ? parts.at(-1)[0].toUpperCase() : '');
}
