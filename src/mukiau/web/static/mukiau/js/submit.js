/* A filter applies as soon as it is changed; without this there is a button. */
for (const form of document.querySelectorAll("[data-submit-on-change]")) {
  form.addEventListener("change", () => form.requestSubmit());
}
