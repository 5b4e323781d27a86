// The colour scheme switch: system, light or dark. Stored in this browser; theme-early.js applies it on load.
const KEY = "countersign.theme";

/** The stored choice: "light", "dark" or "system". */
export function chosenTheme(storage = globalThis.localStorage) {
  try {
    const value = storage.getItem(KEY);
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    return "system";
  }
}

/** Stores and applies a choice, and tells the page with the event `countersign:theme`. */
export function applyTheme(choice) {
  const root = document.documentElement;
  if (choice === "system") delete root.dataset.theme;
  else root.dataset.theme = choice;
  try {
    if (choice === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, choice);
  } catch {
    /* Storage may be forbidden; the choice then lasts for this page. */
  }
  document.dispatchEvent(new CustomEvent("countersign:theme", { detail: choice }));
}

/** Wires every [data-theme-choice] button inside `root`. */
export function wireThemeSwitch(root = document) {
  const buttons = [...root.querySelectorAll("[data-theme-choice]")];
  const show = () => {
    const now = chosenTheme();
    for (const b of buttons) b.setAttribute("aria-pressed", String(b.dataset.themeChoice === now));
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      applyTheme(button.dataset.themeChoice);
      show();
    });
  }
  document.addEventListener("countersign:theme", show);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    if (chosenTheme() === "system") {
      document.dispatchEvent(new CustomEvent("countersign:theme", { detail: "system" }));
    }
  });
  show();
}
