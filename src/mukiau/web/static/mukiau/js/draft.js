/* The draft of a policy or a runbook: numbers beside its lines, and a mistake's link that leads to its line. Tab leaves the field as always. */
const text = document.querySelector("#draft");
const numbers = document.querySelector(".draft .numbers");

function number() {
  const lines = text.value.split("\n").length;
  numbers.textContent = Array.from({ length: lines }, (_, index) => index + 1).join("\n");
  numbers.scrollTop = text.scrollTop;
}

function goTo(line) {
  const lines = text.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  text.focus();
  text.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  text.scrollTop = (text.scrollHeight / lines.length) * Math.max(0, line - 5);
}

numbers.hidden = false;
number();
text.addEventListener("input", number);
text.addEventListener("scroll", () => (numbers.scrollTop = text.scrollTop));
document.addEventListener("click", (event) => { /* mistakes come and go while somebody types */
  const link = event.target.closest("[data-line]");
  if (!link) return;
  event.preventDefault();
  goTo(Number(link.dataset.line));
});
