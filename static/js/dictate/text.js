// The paper: lines in ink that can be corrected in place, and the words just being heard in grey.
import { el } from "../review/dom.js";
import { correction, gap, joined, pieces, reading } from "./lines.js";

/** `on.correct(number, text | null)` when a person changed a line. */
export class Paper {
  constructor(box, on) {
    Object.assign(this, { box, on });
    this.lines = new Map();
    this.changes = {};
    this.grey = new Map();
    this.partial = el("span", { class: "partial", "aria-hidden": "true" });
    this.box.append(this.partial);
    this.views = new Map();
  }

  get empty() {
    return this.lines.size === 0;
  }

  replace(lines, changes) {
    this.lines = new Map(lines.map((line) => [line.number, line]));
    this.changes = changes;
    this.grey.clear();
    for (const number of this.views.keys()) if (!this.lines.has(number)) this.#forget(number);
    this.#show();
  }

  add(line, changes, id) {
    this.lines.set(line.number, line);
    // One utterance may give several finals; all have the partial's id as their first part.
    this.grey.delete(id.replace(/-\d+$/, ""));
    this.grey.delete(id);
    this.change(changes);
  }

  change(changes) {
    for (const [number, change] of Object.entries(changes)) {
      if (change) this.changes[number] = change;
      else delete this.changes[number];
      this.#forget(Number(number));
    }
    this.#show();
  }

  hear(id, items) {
    if (items.length) this.grey.set(id, joined(items));
    else this.grey.delete(id);
    const text = [...this.grey.values()].join(" ");
    this.partial.textContent = text && !this.empty ? ` ${text}` : text;
    this.#follow();
  }

  hush() {
    this.grey.clear();
    this.partial.textContent = "";
  }

  #show() {
    let first = true;
    let before = null;
    for (const number of [...this.lines.keys()].sort((a, b) => a - b)) {
      const line = this.lines.get(number);
      const now = reading(line, this.changes[number]);
      if (!this.views.has(number) && now) this.views.set(number, this.#made(line, now));
      const view = this.views.get(number);
      if (!view) continue;
      view.gap.className = `gap gap-${GAPS[gap(line, now?.text ?? "", first)]}`;
      view.gap.textContent = gap(line, now?.text ?? "", first) === " " ? " " : "";
      if (view.gap.previousSibling !== before || !view.gap.isConnected) {
        if (before) before.after(view.gap, view.node);
        else this.box.prepend(view.gap, view.node);
      }
      before = view.node;
      first = false;
    }
    this.box.append(this.partial);
    this.hear("", []);
  }

  #made(line, now) {
    const field = el("span", {
      class: now.human ? "line is-human" : "line",
      role: "textbox",
      "aria-label": `Line ${line.number + 1}`,
      spellcheck: "true",
      tabindex: "0",
      "data-line": String(line.number),
    });
    field.contentEditable = "plaintext-only";
    if (field.contentEditable !== "plaintext-only") field.contentEditable = "true";
    this.#write(field, line, now);
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") field.blur();
      if (event.key === "Escape") {
        this.#write(field, line, now);
        field.blur();
      }
      if (event.key === "Enter" || event.key === "Escape") event.preventDefault();
    });
    field.addEventListener("blur", () => {
      const typed = field.textContent;
      if (typed.replace(/\s+/g, " ").trim() !== now.text) this.on.correct(line.number, correction(line, typed));
    });
    const node = el("span", { class: "line-box" }, field);
    if (now.gone) node.append(this.#struck(line, now));
    return { gap: el("span", { class: "gap" }), node };
  }

  #write(field, line, now) {
    field.replaceChildren(
      ...pieces(now.text, line.items).map((piece) =>
        piece.low ? el("mark", { class: "low", title: "Not sure of this word" }, piece.text) : document.createTextNode(piece.text),
      ),
    );
  }

  #struck(line, now) {
    const change = this.changes[line.number];
    const undo = el("button", { type: "button", class: "btn btn-quiet btn-s", "aria-label": `Undo: bring back “${now.gone}”` }, "Undo");
    undo.addEventListener("click", () => this.on.correct(line.number, correction(line, change.was ?? line.text)));
    return el("span", { class: "gone" }, el("s", {}, now.gone), " ", undo);
  }

  #forget(number) {
    const view = this.views.get(number);
    view?.gap.remove();
    view?.node.remove();
    this.views.delete(number);
  }

  // The newest words stay in sight, unless somebody reads or corrects further up.
  #follow() {
    if (this.box.contains(document.activeElement)) return;
    const below = this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight;
    if (below < 160) this.box.scrollTop = this.box.scrollHeight;
  }
}

const GAPS = { "": "none", " ": "space", line: "line", paragraph: "paragraph" };
