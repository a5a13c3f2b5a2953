/* The inbox by keyboard. What is decided leaves the list at once; the server is told meanwhile, and if it refuses, the
   list is loaded again. Without this script the same forms work, page by page. */
import { bind } from "./keys.js";
import { say } from "./toast.js";

const PREVIEW_MS = 120; /* the focus may pass many rows */
const EFFECT_MS = 200;
const list = document.getElementById("inbox");
const form = document.getElementById("act");
const preview = document.getElementById("preview");
const rows = () => [...list.querySelectorAll("[data-row]:not(.leaving)")];
const focused = () => document.activeElement.closest?.("[data-row]");
let last = [];
let anchor = null;
let timer = 0;
let effectTimer = 0;
let wantedEffect = "";
let pending = 0; /* acts the server has not answered yet: a list loaded meanwhile would still have their issues */

function show(row) {
  clearTimeout(timer);
  if (!row || getComputedStyle(preview).display === "none") return;
  timer = setTimeout(() => {
    htmx.ajax("GET", row.dataset.preview, { target: "#preview", swap: "innerHTML" });
  }, PREVIEW_MS);
}

function focusRow(row) {
  row?.querySelector("a").focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
}

/* What an act is about: the ticked rows, else the one that has the focus. */
function chosen() {
  const ticked = rows().filter((row) => row.querySelector(".pick:checked"));
  const one = document.activeElement.closest?.("[data-row]:not(.leaving)");
  return ticked.length ? ticked : one ? [one] : [];
}

/* What a decision about the ticked issues would open at once, asked when the ticking has come to rest. */
function sayEffect(issues) {
  clearTimeout(effectTimer);
  const said = document.getElementById("effect");
  said.textContent = "";
  const asked = String(new URLSearchParams(issues.map((issue) => ["issue", issue])));
  wantedEffect = asked;
  if (!asked || !may("handle_each")) return;
  effectTimer = setTimeout(async () => {
    const answer = await fetch(`${list.dataset.effect}?${asked}`).catch(() => null);
    const told = await answer?.json().catch(() => null);
    if (told && asked === wantedEffect) said.textContent = told.said;
  }, EFFECT_MS);
}

function sayPicked() {
  if (!form) return;
  const ticked = [...list.querySelectorAll(".pick:checked")];
  const events = ticked.reduce((sum, box) => sum + Number(box.dataset.events), 0);
  document.getElementById("picked").textContent = ticked.length;
  document.getElementById("picked-events").textContent = events.toLocaleString("en");
  sayEffect(ticked.map((box) => box.value));
}

async function send(address, data) {
  const answer = await fetch(address, { method: "POST", body: data, headers: { Accept: "application/json" } });
  const told = await answer.json().catch(() => ({ said: list.dataset.failed }));
  if (!answer.ok || !told.lines) throw new Error(told.said);
  return told;
}

/* Of a button without an address of its own `formAction` is the page's. */
function addressOf(button) {
  return button.getAttribute("formaction") || form.action;
}

function reload() {
  return htmx.ajax("GET", location.href, { target: "#inbox", swap: "innerHTML" });
}

async function act(address, fields, { leaves }) {
  const about = chosen();
  if (!form || !about.length) return false;
  const data = new FormData();
  data.set("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  for (const row of about) data.append("issue", row.dataset.row);
  const following = rows().find((row) => !about.includes(row) && about.at(-1).compareDocumentPosition(row) & Node.DOCUMENT_POSITION_FOLLOWING);
  if (leaves) for (const row of about) row.classList.add("leaving");
  focusRow(following || rows().at(-1) || about[0]);
  pending += 1;
  let failed = false;
  try {
    const told = await send(address, data);
    last = told.lines;
    say(`${told.said} · U ${list.dataset.undoWord}`);
    failed = Boolean(told.is_part);
    if (leaves && !failed) for (const row of about) row.remove();
  } catch (error) {
    say(error.message);
    failed = true;
  }
  pending -= 1;
  if (!pending && (failed || !rows().length)) reload();
  sayPicked();
  return true;
}

const decide = (decision, more = {}) => act(form.action, { decision, ...more }, { leaves: list.dataset.view === "needed" });

function watch() {
  if (!form || !chosen().length) return false;
  const box = form.querySelector("#bulk-reason");
  if (!box) return false;
  if (!list.querySelector(".pick:checked")) focused().querySelector(".pick").checked = true;
  sayPicked();
  box.focus();
  return true;
}

async function undo() {
  if (!last.length) return;
  const data = new FormData();
  data.set("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
  for (const line of last) data.append("line", line);
  last = [];
  try {
    say((await send(list.dataset.undo, data)).said);
  } catch (error) {
    say(error.message);
  }
  await reload();
}

function may(name) {
  return Boolean(form?.querySelector(`[name="decision"][value="${name}"]`));
}

/* Keys that lead to another page with the chosen issues. */
function leadTo(address, more = {}) {
  const about = chosen().map((row) => row.dataset.row);
  if (!about.length) return false;
  location.assign(`${address}?${new URLSearchParams([...Object.entries(more), ...about.map((issue) => ["issue", issue])])}`);
  return true;
}

bind("2", () => leadTo(list.dataset.merge));
bind("4", () => leadTo(list.dataset.request));
bind("5", () => leadTo(list.dataset.request, { kind: "fix" }));
bind("e", () => leadTo(list.dataset.handlings));
bind("t", () => {
  const team = preview.querySelector("[name=team]");
  team?.focus();
  return Boolean(team);
});
bind("1", () => may("handle_each") && void decide("handle_each"));
bind("b", () => may("handle_batch") && void decide("handle_batch"));
bind("3", watch);
bind("a", () => Boolean(form) && void act(addressOf(form.querySelector("[name=person]")), { person: "me" }, { leaves: false }));
bind("u", () => { if (!last.length) return false; undo(); return true; });
bind("x", () => {
  const box = focused()?.querySelector(".pick");
  if (!box) return false;
  box.checked = !box.checked;
  anchor = focused();
  sayPicked();
  return true;
});

/* Shift and X tick everything from the last ticked row to here. */
document.addEventListener("keydown", (event) => {
  if (event.key !== "X" || !event.shiftKey || event.isComposing || event.target.closest("input:not([type=checkbox]), textarea, select")) return;
  const all = rows();
  const [from, to] = [all.indexOf(anchor), all.indexOf(focused())].sort((a, b) => a - b);
  if (from < 0) return;
  event.stopImmediatePropagation();
  for (const row of all.slice(from, to + 1)) row.querySelector(".pick").checked = true;
  sayPicked();
}, true);

form?.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button?.name) return;
  event.preventDefault();
  const fields = { [button.name]: button.value };
  for (const name of ["reason", "per_hour"]) if (form.elements[name]?.value) fields[name] = form.elements[name].value;
  act(addressOf(button), fields, { leaves: button.name === "decision" && list.dataset.view === "needed" });
  form.reset();
});
/* Enter in the reason is Watch, not the first button of the form. */
form?.querySelector("#bulk-reason")?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  form.querySelector("[value=watch]").click();
});
form?.addEventListener("reset", () => setTimeout(sayPicked));
list.addEventListener("focusin", () => show(focused()));
list.addEventListener("change", () => { anchor = focused() || anchor; sayPicked(); });
document.addEventListener("htmx:afterSettle", sayPicked);
sayPicked();
focusRow(rows()[0]);
