/* Parts that stay fresh listen to `look`; nobody asks while the page is in the background. */
const LOOK_EVERY_MS = 5000;

setInterval(() => {
  if (document.visibilityState === "visible") document.body.dispatchEvent(new Event("look"));
}, LOOK_EVERY_MS);
