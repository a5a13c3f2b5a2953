/* J and K walk the rows of a list; Enter opens the one that has the focus, as any link. */
import { bind } from "./keys.js";

function step(by) {
  const rows = [...document.querySelectorAll("[data-row]:not(.leaving)")];
  if (!rows.length) return false;
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
  next.querySelector("a").focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  return true;
}

bind("j", () => step(1));
bind("k", () => step(-1));
