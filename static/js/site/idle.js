// Tells the server that somebody is here, warns before a session ends, and blanks the screen after.
import { createIdleClock } from "./idleclock.js";

const TICK = 5000;
const tokens = () => [...document.getElementsByName("csrfmiddlewaretoken")];
const INPUTS = ["keydown", "pointerdown", "wheel", "touchstart", "countersign:active"];

/** `user` and `seconds` of idleness come from <body>; without them nobody is signed in. */
export function wireIdle(body = document.body) {
  const { user, idle } = body.dataset;
  if (!user || !idle) return;
  const title = document.title;
  let box = null;

  async function send(path, method) {
    const headers = method === "POST" ? { "X-CSRFToken": tokens()[0]?.value } : {};
    const answer = await fetch(path, { method, headers, redirect: "error" });
    if (answer.status === 401 || answer.status === 403) return null;
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return answer.json();
  }

  const clock = createIdleClock({
    seconds: Number(idle),
    now: () => Date.now(),
    tell: () => send("/session/active", "POST"),
    ask: () => send("/session/", "GET"),
    on: { warn, calm: close, ended: blank, back },
  });

  function open(heading, text, action, { full = false } = {}) {
    close();
    box = document.createElement("dialog");
    box.className = full ? "dialog idle-blank" : "dialog";
    box.setAttribute("aria-labelledby", "idle-title");
    const head = document.createElement("div");
    head.className = "dialog-head";
    const title_ = document.createElement("h2");
    title_.id = "idle-title";
    title_.textContent = heading;
    head.append(title_);
    const main = document.createElement("div");
    main.className = "dialog-body";
    main.textContent = text;
    const foot = document.createElement("div");
    foot.className = "dialog-foot";
    foot.append(action);
    box.append(head, main, foot);
    body.append(box);
    box.showModal();
    action.focus();
  }

  function close() {
    box?.remove();
    box = null;
  }

  function warn() {
    if (box) return;
    const stay = document.createElement("button");
    stay.type = "button";
    stay.className = "btn btn-primary";
    stay.textContent = "Stay signed in";
    stay.addEventListener("click", async () => {
      close();
      await clock.stay();
    });
    open("Are you still there?", "Nothing was done here for a while. In two minutes you will be signed out.", stay);
    box.addEventListener("close", () => clock.stay());
  }

  function blank() {
    const link = document.createElement("a");
    link.className = "btn btn-primary";
    link.href = `/accounts/login/?next=${encodeURIComponent(location.pathname)}`;
    link.textContent = "Sign in";
    if (filledIn()) link.target = "_blank";
    const kept = "What you had typed is kept on this computer and is there again when you have signed in.";
    open("You are signed out", kept, link, { full: true });
    box.addEventListener("cancel", (event) => event.preventDefault());
    body.classList.add("is-blank");
    document.title = "Signed out · Countersign";
    document.dispatchEvent(new Event("countersign:signed-out"));
  }

  /** Signed in again, perhaps in another tab. */
  function back(answer) {
    if (answer.user !== user) {
      location.assign("/");
      return;
    }
    if (document.getElementById("review") || !filledIn()) {
      location.reload();
      return;
    }
    for (const field of tokens()) field.value = answer.csrf;
    body.classList.remove("is-blank");
    document.title = title;
    close();
  }

  for (const name of INPUTS) {
    addEventListener(name, (event) => {
      if (!box || event.type === "countersign:active") clock.input();
    }, { passive: true, capture: true });
  }
  setInterval(() => clock.tick(), TICK);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) clock.look();
  });
  document.addEventListener("countersign:look", () => clock.look());
}

/** Whether a form holds something that a reload would lose. */
function filledIn() {
  return [...document.querySelectorAll("main form input, main form textarea")].some(
    (field) => !["hidden", "checkbox", "radio", "password"].includes(field.type) && field.value !== field.defaultValue,
  );
}
