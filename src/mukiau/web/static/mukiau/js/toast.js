/* One short sentence at the bottom of the page, read out by screen readers. */
const SHOWN_MS = 2500;
let timer = 0;

export function say(text) {
  const toast = document.getElementById("toast");
  toast.textContent = text;
  toast.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(() => { toast.hidden = true; }, SHOWN_MS);
}
