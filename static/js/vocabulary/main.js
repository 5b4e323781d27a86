// The vocabulary editor: line numbers, ways to the lines that are wrong, and a file as text.
import "../site/main.js";
import { fileText, lineNumbers, lineRange } from "./text.js";

const area = document.getElementById("id_content");
const gutter = document.querySelector(".vocabulary-numbers");
const file = document.getElementById("id_file");
const problems = [...document.querySelectorAll(".vocabulary-errors [data-line]")];
const wrong = new Set(problems.map((item) => Number(item.dataset.line)));
let leaving = false; // Esc was pressed: the next Tab moves on

function number() {
  const lines = lineNumbers(area.value);
  if (gutter.childElementCount !== lines.length) {
    gutter.replaceChildren(
      ...lines.map((n) => {
        const item = document.createElement("li");
        item.textContent = String(n);
        item.classList.toggle("is-wrong", wrong.has(n));
        return item;
      }),
    );
  }
  gutter.scrollTop = area.scrollTop;
}

function goTo(line) {
  const { from, to } = lineRange(area.value, line);
  area.focus();
  area.setSelectionRange(from, to);
  const height = area.scrollHeight / lineNumbers(area.value).length;
  area.scrollTop = Math.max(0, (line - 4) * height);
  area.scrollLeft = 0;
}

for (const item of problems) {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...item.childNodes);
  button.addEventListener("click", () => goTo(Number(item.dataset.line)));
  item.append(button);
}

area.addEventListener("keydown", (event) => {
  if (event.key === "Tab" && !leaving && !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey) {
    event.preventDefault();
    area.setRangeText("\t", area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  leaving = event.key === "Escape";
});

file.addEventListener("change", async () => {
  const [chosen] = file.files;
  if (!chosen) return;
  if (chosen.size > 50 * 1024) return; // too large to edit: the server says so
  try {
    area.value = fileText(new TextDecoder("utf-8", { fatal: true }).decode(await chosen.arrayBuffer()));
  } catch {
    return; // no UTF-8: the server names the line
  }
  file.value = "";
  wrong.clear();
  gutter.replaceChildren();
  number();
  area.focus();
});

area.addEventListener("input", number);
area.addEventListener("scroll", () => { gutter.scrollTop = area.scrollTop; });
document.querySelector("[data-tab-hint]").hidden = false;
number();
