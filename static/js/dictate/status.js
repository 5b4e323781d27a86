// Pure: one sentence about what is happening now. Whatever is not certainly being recorded is said so.

/**
 * @param {object} now phase ("ready" | "recording" | "paused" | "finishing"), mic ("off" | "asking" |
 *   "on" | "refused" | "absent" | "insecure" | "busy" | "lost"), stalled, link ("none" | "open" |
 *   "lost" | …), unsent (seconds not acknowledged), seconds
 * @returns {{tone: "idle"|"on"|"held"|"bad", title: string, detail: string}}
 */
export function status(now) {
  if (now.phase === "finishing") {
    const waits = now.link === "open" ? "The last words are being heard." : "It goes on when the server answers again; keep this page open.";
    return { tone: "held", title: "Finishing", detail: waits };
  }
  if (now.phase === "recording") {
    if (now.mic !== "on") return { tone: "bad", title: "Not recording", detail: LOST[now.mic] ?? LOST.lost };
    if (now.stalled) return { tone: "bad", title: "Not recording", detail: "No sound arrives from the microphone." };
    if (now.link !== "open" && now.link !== "none") {
      return { tone: "on", title: "Recording", detail: `No connection: ${span(now.unsent)} kept on this computer until it is back.` };
    }
    return { tone: "on", title: "Recording", detail: "" };
  }
  if (now.phase === "paused") {
    return { tone: "held", title: "Paused", detail: "Not recording. What you said is kept." };
  }
  return { tone: "idle", title: "Not recording", detail: now.seconds ? `${clock(now.seconds)} is kept from before: continue, or finish.` : "" };
}

const LOST = {
  lost: "The microphone was disconnected.",
  refused: "The browser took the microphone away.",
  busy: "Another program has taken the microphone.",
};

/** Why there is no microphone, and what to do about it; null when there is one. */
export function trouble(mic) {
  return TROUBLE[mic] ?? null;
}

const TROUBLE = {
  refused: {
    title: "The microphone is blocked for this site.",
    text: "Open the site's settings with the icon left of the address, allow the microphone, and try again. Or record with another program and upload the file.",
  },
  absent: {
    title: "No microphone was found.",
    text: "Plug one in or switch it on; it is then used by itself. Or upload a recording instead.",
  },
  insecure: {
    title: "The browser gives no microphone to this address.",
    text: "Browsers do so only over https. Ask whoever runs this site for its https address, or upload a recording instead.",
  },
  busy: {
    title: "The microphone can't be used now.",
    text: "Another program may hold it. Close that program, or choose another microphone, and try again.",
  },
  lost: {
    title: "Not recording: the microphone was disconnected.",
    text: "Plug it in again or choose another one. What you said until then is kept.",
  },
};

export const LIVE = {
  full: {
    title: "Live text has no free place now.",
    text: "You can record anyway: the sound is kept, and it is transcribed after you finish.",
  },
  failed: {
    title: "Live text has stopped.",
    text: "Recording goes on: the sound is kept, and it is transcribed after you finish.",
  },
};

/** Minutes and seconds: 0:07, 12:34, 1:02:03. */
export function clock(seconds) {
  const whole = Math.floor(seconds);
  const two = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** A length in words. */
export function span(seconds) {
  return seconds < 60 ? `${Math.ceil(seconds)} s` : `${clock(seconds)} min`;
}
