// Single-key shortcuts, and the switch that turns them off (WCAG 2.1.4): people who dictate to their
// computer would otherwise set them off by speaking.
const KEY = "countersign.shortcuts";

/** Whether single-key shortcuts are on (they are unless turned off here). */
export function shortcutsOn(storage = globalThis.localStorage) {
  try {
    return storage.getItem(KEY) !== "off";
  } catch {
    return true;
  }
}

/** Whether a key event belongs to a field or carries a modifier, and so is no shortcut. */
export function isTyping(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true;
  const at = event.target;
  if (!at || !at.tagName) return false;
  if (at.isContentEditable) return true;
  if (at.tagName === "INPUT") return !["button", "checkbox", "radio", "submit", "reset"].includes(at.type);
  return at.tagName === "TEXTAREA" || at.tagName === "SELECT";
}

/** Wires every [data-shortcuts-switch] button inside `root`. */
export function wireShortcutsSwitch(root = document) {
  for (const button of root.querySelectorAll("[data-shortcuts-switch]")) {
    const show = () => {
      const on = shortcutsOn();
      button.setAttribute("aria-checked", String(on));
      button.querySelector("[data-state]").textContent = on ? "On" : "Off";
    };
    button.addEventListener("click", () => {
      try {
        localStorage.setItem(KEY, shortcutsOn() ? "off" : "on");
      } catch {
        /* Without storage the shortcuts stay on. */
      }
      show();
    });
    show();
  }
}
