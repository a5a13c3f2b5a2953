/* The issue page: J and K to the issues beside it in the list, [ and ] through its events, the bar that stays. */
import { bind, follow } from "./keys.js";
import { recall, remember } from "./order.js";
import { say } from "./toast.js";

const bar = document.getElementById("event");
const { project, issue } = bar.dataset;
const known = recall(project);
const back = document.querySelector(".crumb a[data-project]");

/* The way back leads to the list as it was left: its filter, its order, its open rows. */
if (back && known?.url) back.href = known.url;
remember(project, { at: Number(issue) });

const order = known?.ids ?? [];
const at = order.indexOf(Number(issue));
for (const [by, link] of [[-1, "prev-issue"], [1, "next-issue"]]) {
  const id = at < 0 ? undefined : order[at + by];
  const element = document.getElementById(link);
  if (element && id !== undefined) {
    element.href = `${document.body.dataset.root}issues/${id}/`;
    element.hidden = false;
  }
}
const place = document.getElementById("issue-place");
if (place && at >= 0) place.textContent = `${at + 1} / ${known.total.toLocaleString("en")}`;

function stepIssue(link) {
  const element = document.getElementById(link);
  if (element && !element.hidden) element.click();
  else say(document.body.dataset.endOfList);
}

bind("j", () => stepIssue("next-issue"));
bind("k", () => stepIssue("prev-issue"));
bind("[", () => follow("[data-event=previous]"));
bind("]", () => follow("[data-event=next]"));
bind("c", () => follow("[data-key=c]"));
bind("m", () => follow("[data-key=m]"));

/* The bar shows the title once it has reached the top. */
new IntersectionObserver(([{ intersectionRatio, boundingClientRect }]) => {
  bar.classList.toggle("stuck", intersectionRatio < 1 && boundingClientRect.top <= 0);
}, { threshold: [0, 1], rootMargin: "-1px 0px 0px 0px" }).observe(bar);

/* A deep link into something folded opens it. */
function openTarget() {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  if (target.matches("details")) target.open = true;
  target.scrollIntoView();
}
addEventListener("hashchange", openTarget);
openTarget();
