/* Keys. Pages bind their own; `g` and a letter goes to a place of the menu. Single keys can be switched off, and none
   counts while a word is being typed or composed, or while a dialog is open. */
const OFF = "mukiau-keys-off";
const SEQUENCE_MS = 1500;
const actions = new Map();
let goUntil = 0;

/* An action returns false when there was nothing to do; the browser then gets the key. */
export function bind(key, action) {
  actions.set(key, action);
}

export function follow(selector) {
  const link = document.querySelector(selector);
  if (link) link.click();
  return Boolean(link);
}

export function showKeys() {
  const dialog = document.getElementById("keys");
  if (!dialog.open) dialog.showModal();
  return true;
}

bind("?", showKeys);
bind("u", () => follow(".crumb a"));
bind("g", () => { goUntil = Date.now() + SEQUENCE_MS; return true; });

function act(key) {
  if (Date.now() < goUntil) {
    goUntil = 0;
    return follow(`.nav [data-go="${CSS.escape(key)}"]`);
  }
  const action = actions.get(key);
  return Boolean(action) && action() !== false;
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return; /* 229: an input method has the key */
  const typing = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  if (typing && event.key === "Escape" && !document.querySelector("dialog[open]")) {
    event.preventDefault(); /* some browsers would empty the box, and with it the filter */
    typing.blur();
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (localStorage.getItem(OFF) === "1") return;
  if (act(event.key.toLowerCase())) event.preventDefault();
});

for (const box of document.querySelectorAll("[data-keys-off]")) {
  box.checked = localStorage.getItem(OFF) === "1";
  box.addEventListener("change", () => localStorage.setItem(OFF, box.checked ? "1" : "0"));
}
for (const button of document.querySelectorAll("[data-keys]")) button.addEventListener("click", showKeys);
for (const dialog of document.querySelectorAll("dialog")) {
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
}
