// The page where a person changes the keys and habits of the review screen.
import "../site/main.js";
import { el, icon, isMac, slot } from "../review/dom.js";
import { kbd } from "../review/help.js";
import { listenToMedia, listenToPads, listenToPedals } from "../review/devices.js";
import { COMMANDS, GROUPS, commandOf, pressOf, triggerText } from "../review/keys.js";
import { BACK_STEPS, TAB, createKeymap, triggerOf } from "../review/keymap.js";
import { clashText, offer, restored, without } from "./remap.js";

const script = document.getElementById("keys-script");
let stored = JSON.parse(document.getElementById("key-map").textContent);
let wanted = null; // {id, result}: the key that was pressed for a command

const dialog = slot("capture");

/** Shows the map and keeps it on the server. */
async function keep(next) {
  stored = next;
  draw();
  slot("state").textContent = "Saving…";
  try {
    const answer = await fetch(script.dataset.keep, {
      method: "POST",
      credentials: "same-origin",
      redirect: "manual",
      signal: AbortSignal.timeout(20_000),
      headers: { "Content-Type": "application/json", "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content },
      body: JSON.stringify(stored),
    });
    const body = await answer.json().catch(() => ({}));
    slot("state").textContent = answer.ok ? "Saved. Pages that are open take it when they are loaded again."
      : (body.message ?? "Not saved: please sign in again and reload the page.");
  } catch {
    slot("state").textContent = "Not saved: the server cannot be reached.";
  }
}

function keyChip(entry, trigger, clashing) {
  const own = !entry.triggers.includes(trigger);
  const text = triggerText(trigger, isMac);
  const chip = el("li", { class: `km-key ${own ? "is-own" : ""} ${clashing ? "has-clash" : ""}` }, ...kbd(text));
  if (entry.fixed) chip.classList.add("km-fixed");
  else {
    chip.append(el("button", { type: "button", class: "btn btn-quiet btn-icon btn-s", title: `Remove ${text}`,
      "aria-label": `Remove ${text} from: ${entry.label}`, onclick: () => {
        keep(without(stored, entry.id, trigger));
        document.querySelector(`[data-add="${entry.id}"]`).focus();
      } }, icon("close", "s")));
  }
  return chip;
}

function row(entry, keymap, clashes) {
  const triggers = keymap.triggers(entry.id);
  const clashing = (t) => clashes.some((c) => c.trigger === t && c.ids.includes(entry.id));
  const changed = Boolean(stored.keys?.[entry.id]);
  const acts = entry.fixed ? [el("span", { class: "small muted" }, "stays")] : [
    changed && el("button", { type: "button", class: "btn btn-quiet btn-s", "aria-label": `As it comes: ${entry.label}`,
      title: "As it comes", onclick: () => {
        keep(restored(stored, entry.id));
        document.querySelector(`[data-add="${entry.id}"]`).focus();
      } }, icon("undo", "s")),
    el("button", { type: "button", class: "btn btn-s", "data-add": entry.id, "aria-label": `Add a key: ${entry.label}`,
      onclick: () => capture(entry.id) }, "Add"),
  ];
  return el("div", { class: `km-row ${triggers.some(clashing) ? "has-clash" : ""}`, "data-command": entry.id },
    el("span", {}, entry.label),
    triggers.length ? el("ul", { class: "km-keys" }, ...triggers.map((t) => keyChip(entry, t, clashing(t))))
      : el("span", { class: "small muted" }, "no key"),
    el("div", { class: "km-acts" }, ...acts));
}

function draw() {
  const keymap = createKeymap(stored);
  const clashes = keymap.clashes();
  slot("list").replaceChildren(...GROUPS.map((group) => el("div", { class: "km-group" }, el("h3", {}, group),
    ...COMMANDS.filter((c) => c.group === group).map((entry) => row(entry, keymap, clashes)))));
  const box = slot("clashes");
  box.hidden = !clashes.length;
  box.replaceChildren(icon("warning"), el("div", { class: "banner-body" }, el("strong", {}, "One key, two commands"),
    ...clashes.map((c) => el("div", {}, clashText(c, isMac)))));
  for (const field of document.querySelectorAll("[data-habit]")) {
    const value = keymap.habits[field.dataset.habit];
    if (field.type === "checkbox") field.checked = value;
    else field.value = String(value);
  }
}

/** Opens the box that waits for a key. */
function capture(id) {
  wanted = { id, result: null };
  dialog.querySelector("h2").textContent = `A key for: ${commandOf(id).label}`;
  slot("pressed").textContent = "…";
  slot("verdict").textContent = "";
  slot("take").disabled = true;
  dialog.showModal();
}

/** A key, a pedal or a media key came while the box is open. */
function pressed(trigger) {
  if (!dialog.open || !trigger) return;
  const result = offer(stored, wanted.id, trigger);
  wanted.result = result;
  slot("pressed").replaceChildren(...kbd(triggerText(trigger, isMac)));
  const losers = result.takes.map((id) => `“${commandOf(id).label}”`).join(" and ");
  slot("verdict").textContent = result.refused ?? (losers ? `It is taken from ${losers}.` : "It is free.");
  slot("take").disabled = Boolean(result.refused);
  if (!result.refused) slot("take").focus();
}

dialog.addEventListener("keydown", (event) => {
  if (event.key === "Escape") return; // the dialog closes itself
  const onButton = event.target.matches("button") && ["Enter", " ", "Tab"].includes(event.key) && wanted.result;
  if (onButton) return;
  const trigger = triggerOf(pressOf(event));
  if (!trigger) return;
  event.preventDefault();
  pressed(trigger);
});
dialog.addEventListener("close", () => document.querySelector(`[data-add="${wanted.id}"]`)?.focus());
slot("cancel").addEventListener("click", () => dialog.close());
slot("take").addEventListener("click", () => {
  dialog.close();
  keep(wanted.result.stored);
  document.querySelector(`[data-add="${wanted.id}"]`).focus();
});

slot("reset").addEventListener("click", () => keep({ ...stored, keys: {} }));
slot("pedals").closest("[data-slot=page]").addEventListener("change", ({ target }) => {
  const { habit } = target.dataset;
  if (!habit) return;
  const value = target.type === "checkbox" ? target.checked : habit === "backStep" ? Number(target.value) : target.value;
  keep({ ...stored, [habit]: value });
});
for (const [value, label] of Object.entries(TAB)) document.getElementById("km-tab").append(new Option(label, value));
for (const step of BACK_STEPS) {
  document.getElementById("km-back").append(new Option(step ? `Goes on ${step} s before it stopped` : "Goes on where it stopped", String(step)));
}

const onDevice = (trigger, down) => { if (down) pressed(trigger); };
listenToMedia(onDevice);
listenToPads(onDevice);
const pedals = listenToPedals(onDevice);
slot("connect").hidden = !pedals.offered;
if (!pedals.offered) slot("connected").textContent = "This browser reaches no USB pedals directly (Chrome and Edge do).";
slot("connect").addEventListener("click", async () => {
  const names = await pedals.ask();
  slot("connected").textContent = names.length ? `Connected: ${names.join(", ")}` : "No pedal was connected.";
});
slot("page").hidden = false;
draw();
