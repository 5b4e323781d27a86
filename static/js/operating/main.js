// Keeps the operators' page fresh; nothing moves under a reader's hand, and what is typed stays.
import "../site/main.js";
import { keepFresh } from "../site/fresh.js";

const region = document.getElementById("operating");
const held = () => region.contains(document.activeElement) || [...region.querySelectorAll("input[name=reason]")].some((n) => n.value);

keepFresh({
  region,
  said: document.getElementById("operating-said"),
  stale: "This page is not fresh: no connection.",
  every: 4_000,
  held,
  replaced(put) {
    const places = [...region.querySelectorAll(".table-wrap")].map((n) => n.scrollLeft);
    if (held()) return false;
    put();
    region.querySelectorAll(".table-wrap").forEach((n, i) => { n.scrollLeft = places[i] ?? 0; });
    return true;
  },
});
