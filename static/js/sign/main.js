// The signing page: the password can be looked at while it is typed. Sending twice is prevented in site/main.js.
import "../site/main.js";
import { icon } from "../site/toast.js";

for (const input of document.querySelectorAll("form input[type=password]")) {
  const box = document.createElement("div");
  box.className = "with-button";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-quiet btn-icon btn-s";
  const show = (shown) => {
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    button.setAttribute("aria-label", "Show the password");
    button.replaceChildren(icon(shown ? "eye-off" : "eye", "s"));
  };
  button.addEventListener("click", () => show(input.type === "password"));
  input.form.addEventListener("submit", () => show(false));
  input.replaceWith(box);
  box.append(input, button);
  show(false);
}
