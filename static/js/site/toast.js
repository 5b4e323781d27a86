// Short messages in the corner. An error stays until it is closed; the rest leave by themselves.
const ICONS = { ok: "check-circle", info: "info", warn: "warning", danger: "error" };
const SECONDS = 6;

/** An inline icon from the sprite. @returns {SVGElement} */
export function icon(name, size = "") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", size ? `icon icon-${size}` : "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${document.querySelector(".toasts").dataset.sprite}#${name}`);
  svg.append(use);
  return svg;
}

/** Shows `text`; kind is "info", "ok", "warn" or "danger". @returns a function that takes it away */
export function toast(text, { kind = "info", seconds = kind === "danger" ? 0 : SECONDS } = {}) {
  const shelf = document.querySelector(".toasts");
  if (!shelf) return () => {};
  const box = document.createElement("div");
  box.className = `toast toast-${kind}`;
  const words = document.createElement("div");
  words.className = "grow";
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn btn-quiet btn-icon btn-s";
  close.setAttribute("aria-label", "Close this message");
  close.append(icon("close", "s"));
  const remove = () => box.remove();
  close.addEventListener("click", remove);
  box.append(icon(ICONS[kind] ?? "info"), words, close);
  shelf.append(box);
  if (seconds) leaveAfter(box, seconds, remove);
  return remove;
}

// A message someone is reading or pointing at does not vanish under him.
function leaveAfter(box, seconds, remove) {
  let timer = setTimeout(remove, seconds * 1000);
  const hold = () => clearTimeout(timer);
  const release = () => {
    clearTimeout(timer);
    timer = setTimeout(remove, 2000);
  };
  box.addEventListener("pointerenter", hold);
  box.addEventListener("focusin", hold);
  box.addEventListener("pointerleave", release);
  box.addEventListener("focusout", release);
}
