// The boxes at the left: how many rows are chosen, and verbs that wait until there is one.
import { chosenWords } from "./plan.js";

/** @returns {() => void} shows the number anew, for rows that came or went */
export function wireChoice(body) {
  const bar = document.getElementById("work-form");
  if (!bar) return () => {};
  const words = bar.querySelector("[data-chosen]");
  const show = () => {
    const n = body.querySelectorAll("input[name=recording]:checked").length;
    words.textContent = chosenWords(n);
    for (const button of bar.querySelectorAll("button[name=verb]")) button.disabled = n === 0;
  };
  body.addEventListener("change", show);
  addEventListener("pageshow", show); // the browser may restore boxes
  show();
  return show;
}
