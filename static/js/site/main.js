// What every page does: menus, colour scheme, the shortcut switch, messages that can be closed.
import { wireIdle } from "./idle.js";
import { wireMenus } from "./menu.js";
import { wireShortcutsSwitch } from "./shortcuts.js";
import { wireThemeSwitch } from "./theme.js";

wireMenus();
wireThemeSwitch();
wireShortcutsSwitch();
wireIdle();

for (const button of document.querySelectorAll("[data-dismiss]")) {
  button.hidden = false;
  button.addEventListener("click", () => button.closest(".banner").remove());
}

// Forms that must not be sent twice (signing, signing in): the second click finds a button at rest.
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    const button = event.submitter ?? form.querySelector("[type=submit]");
    button?.setAttribute("aria-disabled", "true");
    if (button?.dataset.busy) button.textContent = button.dataset.busy;
  });
}

// Back from history: the page may be a frozen copy with its buttons still at rest.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
