// What the page shows of the state in main.js. No decisions but which words and buttons stand where.
import { ADVICE, FLOOR } from "./level.js";
import { clock, LIVE, span, status, trouble } from "./status.js";

export class View {
  constructor(root) {
    this.root = root;
    this.shown = "";
    this.own = null; // a problem that main.js told
    this.announced = "";
  }

  slot(name) {
    return this.root.querySelector(`[data-slot="${name}"]`);
  }

  act(name) {
    return this.root.querySelector(`[data-act="${name}"]`);
  }

  ready() {
    const hint = this.root.querySelector("[data-shortcut-hint]");
    if (hint && matchMedia("(pointer: fine)").matches) hint.hidden = false;
  }

  wire(on) {
    for (const name of ["record", "finish", "check", "live", "solve"]) {
      this.act(name).addEventListener("click", () => on[name]());
    }
    this.slot("devices").addEventListener("change", (event) => on.device(event.target.value));
    const dialog = this.slot("discard");
    this.act("discard").addEventListener("click", () => dialog.showModal());
    this.act("keep").addEventListener("click", () => dialog.close());
    this.act("discard-now").addEventListener("click", () => {
      dialog.close();
      on.discard();
    });
  }

  show(now) {
    const key = JSON.stringify([now, this.own]);
    if (key === this.shown) return;
    this.shown = key;
    const { tone, title, detail } = status(now);
    const recorder = this.root.querySelector(".recorder");
    recorder.dataset.tone = tone;
    this.#write("title", title);
    this.#write("detail", detail);
    this.#write("elapsed", clock(now.seconds));
    this.#write("advice", now.mic === "on" ? ADVICE[now.warning] : "");
    this.slot("advice").dataset.kind = now.warning;
    this.#buttons(now);
    this.#problem(now, tone);
    this.#live(now);
    this.#write("sending", now.begun && now.unsent >= 2 ? `${span(now.unsent)} still to be sent` : "");
    this.slot("found-acts").hidden = !now.begun || now.phase === "finishing" || now.phase === "finished";
  }

  #buttons(now) {
    const record = this.act("record");
    const recording = now.phase === "recording";
    const again = now.seconds > 0;
    const label = recording ? "Pause" : again ? (now.found ? "Continue" : "Resume") : now.live === "full" ? "Record anyway" : "Record";
    if (record.querySelector("span").textContent !== label) {
      record.querySelector("span").textContent = label;
      const use = record.querySelector("use");
      use.setAttribute("href", use.getAttribute("href").replace(/#.*/, recording ? "#pause" : "#mic"));
    }
    record.disabled = now.phase === "finishing" || now.phase === "finished";
    this.act("finish").disabled = !again || now.phase === "finishing" || now.phase === "finished";
    this.act("check").hidden = now.mic === "on";
    this.slot("devices").disabled = now.mic !== "on" || recording;
  }

  #problem(now, tone) {
    const found = this.own ?? LINKS[now.link] ?? trouble(now.mic) ?? (now.storage ? STORAGE : null);
    const alarm = found ?? (tone === "bad" ? { title: "Not recording.", text: status(now).detail } : null);
    this.slot("problem").hidden = !alarm;
    const solve = this.act("solve");
    solve.hidden = !alarm || Boolean(this.own) || now.link === "gone";
    if (!alarm) return;
    this.#write("problem-title", alarm.title);
    this.#write("problem-text", ` ${alarm.text}`);
    solve.textContent = LINKS[now.link] ? "Connect again" : "Try again";
  }

  #live(now) {
    const said = LIVE[now.live];
    this.slot("live").hidden = !said || now.phase === "finishing" || now.phase === "finished";
    if (!said) return;
    this.#write("live-title", said.title);
    this.#write("live-text", ` ${said.text}`);
    this.act("live").hidden = !now.begun;
  }

  /** Shows a problem until the next attempt; null takes it away. Returns false. */
  problem(title, text = "") {
    this.own = title && { title, text };
    return false;
  }

  level(level) {
    const db = level?.db ?? FLOOR;
    const share = (db - FLOOR) / -FLOOR;
    const meter = this.slot("level");
    meter.style.setProperty("--level", share.toFixed(3));
    meter.setAttribute("aria-valuenow", String(Math.round(db)));
    meter.setAttribute("aria-valuetext", level ? `${Math.round(db)} decibels` : "off");
    meter.classList.toggle("is-high", db > -3);
  }

  devices(list, current) {
    const select = this.slot("devices");
    select.replaceChildren(
      ...list.map((device, i) => new Option(device.label || `Microphone ${i + 1}`, device.deviceId, false, device.deviceId === current)),
    );
  }

  begun(dictation) {
    const form = this.root.querySelector("#about");
    if (form) form.hidden = true;
    this.slot("paper").hidden = false;
    const who = [dictation.patient, dictation.mrn && `MRN ${dictation.mrn}`, dictation.kind, dictation.author];
    this.slot("about").textContent = who.filter(Boolean).join(" · ");
    const unfinished = this.root.querySelector(".dictate-unfinished");
    if (unfinished) unfinished.hidden = true;
  }

  /** Dictations whose sound is on this computer only and that the list above does not name. */
  local(ids) {
    const named = new Set([...this.root.querySelectorAll(".unfinished a")].map((a) => a.pathname));
    const others = ids.map((id) => `/dictate/${id}/`).filter((path) => !named.has(path));
    const box = this.slot("local");
    box.hidden = !others.length;
    if (!others.length) return;
    const text = document.createElement("p");
    text.className = "banner banner-warn";
    const link = Object.assign(document.createElement("a"), { href: others[0], textContent: "Open it" });
    text.append("Sound of a dictation on this computer has not reached the server. ", link);
    box.append(text);
  }

  said(text) {
    this.slot("said").textContent = text;
  }

  #write(name, text) {
    const node = this.slot(name);
    if (node.textContent !== text) node.textContent = text;
  }
}

const LINKS = {
  "signed-out": { title: "You have been signed out.", text: "Recording goes on and is kept on this computer. Sign in again in another tab, then connect." },
  elsewhere: { title: "This dictation is open in another window.", text: "Not recording here. Close the other window, or take the dictation back." },
  gone: { title: "This dictation is no longer there.", text: "It was discarded, or your access has changed. Not recording." },
};

const STORAGE = { title: "This browser can't keep the sound on this computer.", text: "Recording goes on, but what is not sent yet would be lost if the page closed. Free some disk space." };
