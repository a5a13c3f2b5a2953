"""An event as Markdown, short enough for a ticket or a chat: what, where, the chain with the team's own frames."""

from mukiau.stores.queries.event import EventDetail
from mukiau.stores.queries.issue import IssueHead
from mukiau.web.event.chain import LinkView
from mukiau.web.templatetags.show import moment_exact

MAX_FRAMES = 8


def markdown_of(issue: IssueHead, event: EventDetail, *, links: tuple[LinkView, ...], message: str, url: str) -> str:
    """Return the summary; the chain is root cause first, as on the page."""
    facts = [issue.service, event.environment, event.release, moment_exact(event.occurred_ms)]
    lines = [f"## {issue.title}", "", " · ".join(fact for fact in facts if fact), "", url, ""]
    if message and message != issue.title:
        lines += [*_fenced(message), ""]
    for number, link in enumerate(links, 1):
        lines += [f"{number}. **{link.type}** {link.message.splitlines()[0] if link.message else ''}".rstrip(), ""]
        frames = [frame for run in link.runs if run.in_app for frame in run.frames][:MAX_FRAMES]
        if frames:
            lines += [*_fenced("\n".join(f"{frame.place}  {frame.function}".rstrip() for frame in frames)), ""]
    return "\n".join(lines)


def _fenced(text: str) -> list[str]:
    """Fence a block, with more backticks than it holds."""
    fence = "```"
    while fence in text:
        fence += "`"
    return [fence, text, fence]
