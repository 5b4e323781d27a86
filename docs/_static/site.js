// Draws the diagrams of a page, if it has any, with the copy of Mermaid that lies beside this file.
const here = document.currentScript.src;
document.addEventListener("DOMContentLoaded", () => {
  const texts = document.querySelectorAll(".highlight-mermaid pre");
  if (!texts.length) return;
  const script = document.createElement("script");
  script.src = new URL("mermaid.min.js", here);
  script.onload = () => {
    const dark = document.body.dataset.theme === "dark"
      || (document.body.dataset.theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
    mermaid.initialize({ startOnLoad: false, theme: dark ? "dark" : "default" });
    for (const text of texts) text.closest(".highlight").replaceChildren(Object.assign(
      document.createElement("div"), { className: "mermaid", textContent: text.textContent }));
    mermaid.run();
  };
  document.head.append(script);
});
