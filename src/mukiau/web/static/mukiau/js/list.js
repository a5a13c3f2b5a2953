/* The list of issues: short addresses, the next rows before they are needed, and what the way back needs. */
import { bind } from "./keys.js";
import { remember, recall } from "./order.js";

const NEAR = "1200px"; /* about a screen and a half ahead */
const list = document.getElementById("issues");
const rows = () => [...list.querySelectorAll("[data-row]")];
const project = () => new URLSearchParams(location.search).get("project") || list.dataset.project;

/* What is not set is not in the URL. */
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.id !== "filters") return;
  for (const name of [...event.detail.formData.keys()]) {
    if (!event.detail.formData.get(name)) event.detail.formData.delete(name);
  }
  if (event.detail.formData.get("sort") === "last") event.detail.formData.delete("sort");
});

/* More rows come before the reader is at the end. */
const near = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (isIntersecting) target.dispatchEvent(new Event("near"));
  }
}, { rootMargin: `0px 0px ${NEAR} 0px` });

/* The address says how many rows are open, so that the way back leads to the same place. */
function noteOpenRows() {
  const url = new URL(location.href);
  const open = rows().length;
  if (open > 50) url.searchParams.set("rows", open); else url.searchParams.delete("rows");
  if (url.href !== location.href) history.replaceState(history.state, "", url);
}

function settle() {
  near.disconnect();
  const more = list.querySelector(".more a");
  if (more) near.observe(more);
}

function sayPlace() {
  const place = document.getElementById("place");
  const at = rows().findIndex((row) => row.contains(document.activeElement));
  const total = document.getElementById("rows")?.dataset.total;
  if (place) place.textContent = at < 0 ? "" : `${at + 1} / ${Number(total).toLocaleString("en")}`;
}

document.addEventListener("htmx:afterSettle", (event) => {
  settle();
  if (event.detail.elt.closest?.("#rows")) noteOpenRows();
});
list.addEventListener("focusin", sayPlace);
addEventListener("pagehide", () => {
  const total = Number(document.getElementById("rows")?.dataset.total || 0);
  remember(project(), { url: location.href, ids: rows().map((row) => Number(row.dataset.row)), total });
});

/* Coming back from an issue: its row has the focus, wherever J and K led meanwhile. */
const left = recall(project())?.at;
const row = left && /\/issues\/\d+\//.test(document.referrer) && list.querySelector(`[data-row="${left}"]`);
if (row) {
  row.querySelector("a").focus({ preventScroll: true });
  const { top, bottom } = row.getBoundingClientRect();
  if (top < 100 || bottom > innerHeight - 40) row.scrollIntoView({ block: "center" });
}

/* Selecting: X ticks the row that has the focus, M merges what is ticked. */
const picks = document.getElementById("pick");

function sayPicked() {
  const said = document.getElementById("picked");
  if (said) said.textContent = list.querySelectorAll(".pick:checked").length;
}

bind("x", () => {
  const box = document.activeElement.closest?.("[data-row]")?.querySelector(".pick");
  if (!box) return false;
  box.checked = !box.checked;
  sayPicked();
  return true;
});
bind("m", () => {
  if (!list.querySelector(".pick:checked")) return false;
  picks.requestSubmit();
  return true;
});
list.addEventListener("change", sayPicked);
document.addEventListener("htmx:afterSettle", sayPicked);
picks?.addEventListener("reset", () => setTimeout(sayPicked));
sayPicked();

bind("/", () => {
  const box = document.getElementById("q");
  box.focus();
  box.select();
});
settle();
