/* Small things the pages do beyond HTML. Every page works without this file. */
"use strict";
(() => {
  const LOOK_EVERY_MS = 5000;
  const YEAR_SECONDS = 31536000;

  /* The viewer's time zone, for the server. The first page of all is drawn in the language's default zone. */
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !document.cookie.includes(`mukiau_zone=${zone}`)) {
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `mukiau_zone=${zone}; path=${document.body.dataset.root}; max-age=${YEAR_SECONDS}; samesite=lax${secure}`;
  }

  /* Parts that stay fresh listen to `look`; nobody asks while the page is in the background. */
  setInterval(() => {
    if (document.visibilityState === "visible") document.body.dispatchEvent(new Event("look"));
  }, LOOK_EVERY_MS);

  /* Short addresses: what is not set is not in the URL. */
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt.id !== "filters") return;
    for (const name of [...event.detail.formData.keys()]) {
      if (!event.detail.formData.get(name)) event.detail.formData.delete(name);
    }
    if (event.detail.formData.get("sort") === "last") event.detail.formData.delete("sort");
  });

  /* The way back to the list leads to the list as it was left: its filter, its order. */
  const list = document.getElementById("issues");
  const back = document.querySelector(".crumb a[data-project]");
  if (list) {
    addEventListener("pagehide", () => {
      const project = new URLSearchParams(location.search).get("project") || list.dataset.project;
      sessionStorage.setItem(`mukiau-list-${project}`, location.href);
    });
  }
  if (back) back.href = sessionStorage.getItem(`mukiau-list-${back.dataset.project}`) || back.href;

  /* Copying */
  let toastTimer = 0;
  function say(text) {
    const toast = document.getElementById("toast");
    toast.textContent = text;
    toast.hidden = false;
    clearTimeout(toastTimer);
    toastTimer = setTimeout(() => { toast.hidden = true; }, 2000);
  }
  async function write(text) {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
    const area = document.createElement("textarea"); /* plain HTTP has no clipboard API */
    area.value = text;
    area.className = "sr";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (!done) throw new Error("copy refused");
  }
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy], [data-copy-url]");
    if (!button) return;
    event.preventDefault();
    try {
      const selector = button.dataset.copy;
      const text = selector ? document.querySelector(selector).textContent : await (await fetch(button.href)).text();
      await write(text);
      say(document.body.dataset.copied);
    } catch {
      say(document.body.dataset.copyFailed);
    }
  });

  /* Keys: J K Enter in lists, J K on an issue, / to search, U to the list, ? for help. */
  const OFF = "mukiau-keys-off";
  const offSwitch = document.getElementById("keys-off");
  if (offSwitch) {
    offSwitch.checked = localStorage.getItem(OFF) === "1";
    offSwitch.addEventListener("change", () => localStorage.setItem(OFF, offSwitch.checked ? "1" : "0"));
  }
  function step(by) {
    const rows = [...document.querySelectorAll("[data-row]")];
    if (!rows.length) return false;
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
    next.querySelector("a").focus();
    next.scrollIntoView({ block: "nearest" });
    return true;
  }
  function follow(selector) {
    const link = document.querySelector(selector);
    if (link) link.click();
    return Boolean(link);
  }
  const actions = {
    j: () => step(1) || follow("[data-key=j]"),
    k: () => step(-1) || follow("[data-key=k]"),
    "/": () => { const box = document.getElementById("q"); if (box) { box.focus(); box.select(); } return Boolean(box); },
    u: () => follow(".crumb a"),
    "?": () => { location.href = document.querySelector(".nav a[href$='/help/']").href; return true; },
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (typing && event.key === "Escape") typing.blur();
    if (typing || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (localStorage.getItem(OFF) === "1") return;
    const action = actions[event.key.toLowerCase()];
    if (action && action()) event.preventDefault();
  });
})();
