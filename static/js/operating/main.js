// Keeps the operators' page fresh; nothing moves under a reader's hand, and what is typed stays.
const POLL_MS = 4_000;

const region = document.getElementById("operating");
const said = document.getElementById("operating-said");

const held = () => region.contains(document.activeElement) || [...region.querySelectorAll("input[name=reason]")].some((n) => n.value);

async function refresh() {
  if (document.hidden || held()) return;
  try {
    const answer = await fetch(region.dataset.url);
    if (answer.status === 401 || answer.status === 403) {
      location.reload(); // the server leads to the sign-in page
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const places = [...region.querySelectorAll(".table-wrap")].map((n) => n.scrollLeft);
    if (held()) return;
    region.replaceChildren(...fresh.body.childNodes);
    region.querySelectorAll(".table-wrap").forEach((n, i) => { n.scrollLeft = places[i] ?? 0; });
    said.textContent = "";
  } catch {
    said.textContent = "This page is not fresh: no connection.";
  }
}

setInterval(refresh, POLL_MS);
document.addEventListener("visibilitychange", refresh);
