/** The lines of the blind text: each is kept when it is left, and tried again while it is not. */

const AGAIN_MS = 4000;

/** `say` shows how saving stands. Returns {settled()}: whether nothing waits. */
export function createLines({ form, say }) {
  const url = form.dataset.lineUrl;
  const token = form.querySelector('[name=csrfmiddlewaretoken]').value;
  const kept = new Map([...form.querySelectorAll('textarea')].map((field) => [field, field.value]));
  const waiting = new Set();
  let busy = false;
  let timer = 0;

  async function send() {
    clearTimeout(timer);
    if (busy || !waiting.size) return;
    busy = true;
    const field = waiting.values().next().value;
    const text = field.value;
    say('Saving…');
    let again = false;
    try {
      const body = new URLSearchParams({ index: field.dataset.index, text });
      const answer = await fetch(url, { method: 'POST', body, headers: { 'X-CSRFToken': token } });
      if (answer.ok) {
        kept.set(field, text);
        if (field.value === text) waiting.delete(field);
        say(waiting.size ? 'Saving…' : 'All changes saved.');
      } else if (answer.status === 422) {
        waiting.delete(field);
        say((await answer.json()).message);
      } else again = true;
    } catch {
      again = true;
    }
    busy = false;
    if (again) {
      say('Not saved yet. It is tried again by itself; keep this page open.');
      timer = setTimeout(send, AGAIN_MS);
    } else send();
  }

  form.addEventListener('change', (event) => {
    const field = event.target;
    if (!kept.has(field) || kept.get(field) === field.value) return;
    waiting.add(field);
    send();
  });
  window.addEventListener('beforeunload', (event) => {
    const open = [...kept].some(([field, text]) => field.value !== text);
    if (open && !form.dataset.sent) event.preventDefault();
  });
  form.addEventListener('submit', () => { form.dataset.sent = 'yes'; });
  return { settled: () => !waiting.size && !busy };
}
