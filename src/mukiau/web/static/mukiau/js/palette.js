/* The palette: places, issues, filters and actions by typing. A combobox whose options come from the server. */
import { bind, showKeys } from "./keys.js";

const PAUSE_MS = 60;
const palette = document.getElementById("palette");
const box = document.getElementById("palette-q");
const list = document.getElementById("palette-options");
let timer = 0;
let asked = new AbortController();

const options = () => [...list.querySelectorAll("[role=option]:not([aria-disabled])")];
const chosen = () => list.querySelector("[aria-selected=true]");

function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) box.setAttribute("aria-activedescendant", option.id); else box.removeAttribute("aria-activedescendant");
}

async function ask() {
  asked.abort();
  asked = new AbortController();
  const url = new URL(palette.dataset.options, location.href);
  url.searchParams.set("q", box.value.trim());
  const project = document.querySelector("[data-project]")?.dataset.project;
  if (project) url.searchParams.set("project", project);
  try {
    const answer = await fetch(url, { signal: asked.signal });
    if (answer.redirected || !answer.ok) return;
    list.innerHTML = await answer.text();
    choose(options()[0]);
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

function open() {
  if (palette.open) return;
  document.querySelector("dialog[open]")?.close();
  box.value = "";
  palette.showModal();
  ask();
}

function step(by) {
  const all = options();
  if (all.length) choose(all[(all.indexOf(chosen()) + by + all.length) % all.length]);
}

box.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE_MS);
});
box.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return; /* Enter and arrows belong to the input method */
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in steps) step(steps[event.key]);
  else if (event.key === "Enter" && chosen()) chosen().click();
  else return;
  event.preventDefault();
});
list.addEventListener("pointermove", (event) => {
  const option = event.target.closest("[role=option]:not([aria-disabled])");
  if (option && option !== chosen()) choose(option);
});
list.addEventListener("click", (event) => {
  const option = event.target.closest("[role=option]");
  if (!option || option.href) return; /* a link; the browser follows it, in a new tab when asked to */
  palette.close();
  if (option.dataset.press) document.querySelector(option.dataset.press)?.click();
  else if ("showKeys" in option.dataset) showKeys();
});
document.addEventListener("keydown", (event) => {
  if (event.isComposing || !(event.metaKey || event.ctrlKey) || event.altKey || event.shiftKey) return;
  if (event.key.toLowerCase() !== "k") return;
  event.preventDefault();
  if (palette.open) palette.close(); else open();
});
const isApple = /Mac|iP(hone|ad|od)/.test(navigator.platform);
for (const key of document.querySelectorAll("[data-modifier]")) key.textContent = isApple ? "⌘" : "Ctrl";
for (const button of document.querySelectorAll("[data-palette]")) {
  button.addEventListener("click", open);
  button.hidden = false;
}
if (!document.getElementById("q")) bind("/", open);
