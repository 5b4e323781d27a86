// Keeps the dashboard's figures fresh; what is open or focused stays so.
const POLL_MS = 15_000;

const region = document.getElementById("dashboard");
const said = document.getElementById("dashboard-said");

/** Which place in the region is meant, so that it is found again in the next figures. */
const open = () => [...region.querySelectorAll("[data-plot]:has(details[open])")].map((n) => n.dataset.plot);

async function refresh() {
  if (document.hidden || region.contains(document.activeElement)) return; // nothing moves under a reader's hand
  try {
    const answer = await fetch(region.dataset.url);
    if (answer.status === 401 || answer.status === 403) {
      location.reload(); // the server leads to the sign-in page
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const shown = open();
    region.replaceChildren(...fresh.body.childNodes);
    for (const name of shown) region.querySelector(`[data-plot="${name}"] details`)?.setAttribute("open", "");
    said.textContent = "";
  } catch {
    said.textContent = "The figures are not fresh: no connection.";
  }
}

setInterval(refresh, POLL_MS);
document.addEventListener("visibilitychange", refresh);
