"""An event as Markdown for a ticket or a chat: what, where, the chain with the team's own frames, what happened before.

Headers, cookies and the user are left out: a ticket is read by more people than this page.
"""

from collections.abc import Iterator

from mukiau.stores.queries.event import Deletion, EventDetail
from mukiau.stores.queries.issue import IssueHead
from mukiau.web.event.breadcrumbs import Crumb
from mukiau.web.event.chain import LinkView
from mukiau.web.event.frames import FrameRun, RunKind
from mukiau.web.event.sections import Sections
from mukiau.web.event.tags import own_tags
from mukiau.web.templatetags.event_parts import before
from mukiau.web.templatetags.show import moment_exact

MAX_FRAMES = 8
MAX_CRUMBS = 10
MAX_TAGS = 20


def markdown_of(issue: IssueHead, event: EventDetail, *, sections: Sections, url: str) -> str:
    """Return the summary; exceptions stand in the order of the page."""
    facts = [issue.service, event.environment, event.release, moment_exact(event.occurred_ms)]
    lines = [f"## {issue.title}", "", " · ".join(fact for fact in facts if fact), "", url, ""]
    message = sections.message.formatted.whole
    if message and message != issue.title:
        lines += [*_fenced(message), ""]
    if event.deletion:
        lines += [_deleted(event, event.deletion), ""]
    for number, link in enumerate(sections.chain.links, 1):
        lines += _link(link, mark="↳ " * link.depth if sections.chain.is_tree else f"{number}. ")
    if sections.stack:
        lines += [*_frames(sections.stack), ""]
    if sections.request and sections.request.url:
        query = f"?{sections.request.query.text}" if sections.request.query.text else ""
        lines += [f"`{sections.request.method} {sections.request.url}{query}`".replace("` ", "`"), ""]
    if sections.timeline.crumbs:
        lines += [*_fenced("\n".join(map(_crumb, sections.timeline.crumbs[-MAX_CRUMBS:]))), ""]
    summary = [*sections.contexts.summary, *(f"{name}={value}" for name, value in own_tags(event.document).items())]
    if summary:
        lines += [" · ".join(f"`{part}`" for part in summary[:MAX_TAGS]), ""]
    lines.append(f"`{event.event_id}`")
    return "\n".join(lines)


def _deleted(event: EventDetail, deletion: Deletion) -> str:
    why = "its age" if deletion.by == "age" else "the budget of the disk"
    said = " ".join(event.message.split())
    return f"{said}\n\n_Payload deleted on {moment_exact(deletion.at_ms)} by {why}._".strip()


def _link(link: LinkView, *, mark: str) -> Iterator[str]:
    first_line = link.message.text.splitlines()[0] if link.message.text else ""
    yield f"{mark}**{link.type}** {first_line}".rstrip()
    yield ""
    frames = list(_frames(link.runs))
    if frames:
        yield from frames
        yield ""


def _frames(runs: tuple[FrameRun, ...]) -> Iterator[str]:
    frames = [frame for run in runs if run.kind is RunKind.OWN for frame in run.frames]
    shown = [f"{frame.place}  {frame.function}".rstrip() for frame in frames[:MAX_FRAMES]]
    if len(frames) > MAX_FRAMES:
        shown.append(f"… {len(frames) - MAX_FRAMES}")
    if shown:
        yield from _fenced("\n".join(shown))


def _crumb(crumb: Crumb) -> str:
    at = "" if crumb.before_ms is None else before(crumb.before_ms)
    said = [at, crumb.level if crumb.is_alarming else "", crumb.category]
    if crumb.call:
        said += [crumb.call.method, crumb.call.url, crumb.call.status]
    if crumb.went_to:
        said += [crumb.came_from, "→", crumb.went_to]
    return " ".join(part for part in [*said, " ".join(crumb.message.text.split())] if part)


def _fenced(text: str) -> list[str]:
    """Fence a block, with more backticks than it holds."""
    fence = "```"
    while fence in text:
        fence += "`"
    return [fence, text, fence]
