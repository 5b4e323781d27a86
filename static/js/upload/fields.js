// Sentences of the server under the fields they are about.

/** Shows `errors` ({field: [sentences]}) in `form` and puts the focus into the first. */
export function showErrors(form, errors) {
  clearErrors(form);
  let first = null;
  for (const [name, sentences] of Object.entries(errors)) {
    const box = form.querySelector(`[data-field="${CSS.escape(name)}"]`);
    const input = box?.querySelector("input, select, textarea");
    if (!box || !input) continue;
    const list = document.createElement("ul");
    list.className = "errorlist";
    list.id = `${input.id}_error`;
    for (const sentence of sentences) {
      const line = document.createElement("li");
      line.textContent = sentence;
      list.append(line);
    }
    box.append(list);
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", list.id);
    input.addEventListener("input", () => clearField(box), { once: true });
    first ??= input;
  }
  first?.focus();
  return first !== null;
}

/** Takes every sentence away again. */
export function clearErrors(form) {
  for (const box of form.querySelectorAll("[data-field]")) clearField(box);
}

function clearField(box) {
  for (const list of box.querySelectorAll(".errorlist")) list.remove();
  const input = box.querySelector("[aria-invalid]");
  input?.removeAttribute("aria-invalid");
  input?.removeAttribute("aria-describedby");
}
