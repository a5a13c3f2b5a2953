/* Handlings: E says handled, of the row that has the focus or of the page's form; U takes back what was just done. */
import { bind, follow } from "./keys.js";

function press(button) {
  if (!button) return false;
  button.click();
  return true;
}

bind("e", () => {
  const row = document.activeElement.closest?.("[data-row]");
  return press((row ?? document.getElementById("run"))?.querySelector("[data-key=e]"));
});
bind("u", () => press(document.querySelector(".undoable [data-key=u]")) || follow(".crumb a"));

/* What is not set is not in the address. */
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.id !== "filters") return;
  for (const name of [...event.detail.formData.keys()]) {
    if (!event.detail.formData.get(name)) event.detail.formData.delete(name);
  }
});
