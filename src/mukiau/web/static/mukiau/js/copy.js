/* Copying: the text of an element (data-copy), of the button itself (data-copy-own), of the block it belongs to
   (data-copy-block), of an address (data-copy-url), or the address of the page or of a link in it (data-copy-link). */
import { say } from "./toast.js";

async function write(text) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea"); /* plain HTTP has no clipboard API */
  area.value = text;
  area.className = "sr";
  (document.querySelector("dialog[open]") || document.body).append(area); /* a dialog keeps the focus inside */
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("copy refused");
}

export async function copy(source) {
  try {
    await write(await source());
    say(document.body.dataset.copied);
  } catch {
    say(document.body.dataset.copyFailed);
  }
}

function sourceOf(button) {
  const { dataset, href } = button;
  if ("copyOwn" in dataset) return () => button.textContent;
  if ("copyBlock" in dataset) return () => button.closest(".rb-block").querySelector("code").textContent;
  if (dataset.copy) return () => document.querySelector(dataset.copy).textContent;
  if ("copyUrl" in dataset) return async () => (await fetch(href)).text();
  return () => new URL(dataset.copyLink || href || location.href, location.href).href;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy], [data-copy-own], [data-copy-block], [data-copy-url], [data-copy-link]");
  if (!button) return;
  event.preventDefault();
  copy(sourceOf(button));
});
