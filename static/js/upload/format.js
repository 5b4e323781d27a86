// Numbers as people read them.
const STEPS = ["bytes", "KB", "MB", "GB"];

/** A size in bytes as "3.4 MB" (steps of 1024, as file managers count). */
export function size(bytes) {
  let value = bytes;
  let step = 0;
  while (value >= 1024 && step < STEPS.length - 1) {
    value /= 1024;
    step += 1;
  }
  if (step === 0) return value === 1 ? "1 byte" : `${value} bytes`;
  return `${value >= 100 ? Math.round(value) : value.toFixed(1)} ${STEPS[step]}`;
}

/** Time left of an upload in words, or "" while too little is known to say. Times in ms. */
export function timeLeft(sent, total, elapsed) {
  if (elapsed < 2000 || sent <= 0 || sent >= total) return "";
  const seconds = ((total - sent) / sent) * (elapsed / 1000);
  if (seconds < 10) return "a few seconds left";
  if (seconds < 90) return `about ${Math.round(seconds / 10) * 10} seconds left`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `about ${minutes} minutes left` : `about ${Math.round(minutes / 60)} hours left`;
}

/** "1 recording", "3 recordings". */
export function recordings(n) {
  return n === 1 ? "1 recording" : `${n} recordings`;
}
