"""What an issue is called: the sentence that says what failed, and under it the root cause."""

from dataclasses import dataclass

from mukiau.core.event import Event, ExceptionInfo, Relation
from mukiau.core.grouping.names import function_name, place_name
from mukiau.core.grouping.v1 import SEEN_THROUGH, crash_frame, first_line
from mukiau.core.templates import template_of

MAX_TITLE_CHARS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """The words of an issue's row, taken from one of its events."""

    title: str
    """The log call's message, else the raised exception; never empty."""
    subtitle: str
    """The root cause as `Type: message`; empty when the title says it already."""
    template: str
    culprit: str
    """Where it failed: module and function of the in-app frame nearest the crash, else the logger."""
    root_type: str
    root_message: str


def title_of(event: Event) -> Title:
    """Return the words for the event's issue."""
    root = root_cause(event.exceptions)
    raised = next((link for link in event.exceptions if link.type not in SEEN_THROUGH), root)
    message = event.message.strip()
    is_own = bool(message) and (raised is None or message not in {raised.message.strip(), _sentence(raised)})
    title = _first_line(message) if is_own or raised is None else _sentence(raised)
    subtitle = _sentence(root) if root is not None else ""
    return Title(
        title=title or event.logger or event.transaction or "(no message)",
        subtitle="" if subtitle == title else subtitle,
        template=template_of(event.message_template or message)[:MAX_TITLE_CHARS],
        culprit=_culprit(event),
        root_type=root.type if root is not None else "",
        root_message=_first_line(root.message) if root is not None else "",
    )


def root_cause(chain: tuple[ExceptionInfo, ...]) -> ExceptionInfo | None:
    """Return the innermost cause on the main line of the chain; None without exceptions."""
    if not chain:
        return None
    index = 0
    followed = {Relation.CAUSE, Relation.CONTEXT, Relation.GROUP_MEMBER, Relation.AGGREGATE_MEMBER}
    for position, link in enumerate(chain[1:], 1):
        if link.parent == index and link.relation in followed:
            index = position
    return chain[index]


def _sentence(link: ExceptionInfo) -> str:
    short = link.type.rsplit(".", 1)[-1].rsplit("::", 1)[-1].rsplit("\\", 1)[-1]
    return f"{short}: {_first_line(link.message)}"[:MAX_TITLE_CHARS].removeprefix(": ").removesuffix(": ")


def _first_line(text: str) -> str:
    return first_line(text).strip()[:MAX_TITLE_CHARS]


def _culprit(event: Event) -> str:
    for link in reversed(event.exceptions):
        if link.relation is not Relation.SUPPRESSED and (frame := crash_frame(link.frames)) is not None:
            return f"{place_name(frame.module, frame.filename)} {function_name(frame.function)}".strip()
    return event.transaction or event.logger or event.call_site
