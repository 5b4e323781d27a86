// Runs before the first paint (a plain script, not a module, because modules wait): sets the chosen
// colour scheme on <html>. The switch itself is in theme.js.
(() => {
  try {
    const chosen = localStorage.getItem("countersign.theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch {
    /* Storage may be forbidden; the system's scheme is then used. */
  }
})();
