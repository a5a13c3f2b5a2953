"""What an issue is called: the sentence that says what failed, and under it the root cause."""

import re
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
    """Return the words for the event's issue.

    The exception that was raised names the failing operation where it wraps a cause or where the log call only says
    that something failed ("unhandled error"); else the log call's own message is the better sentence.
    """
    root = root_cause(event.exceptions)
    raised = next((link for link in event.exceptions if link.type not in SEEN_THROUGH), root)
    message = event.message.strip()
    cause = _sentence(root) if root is not None else ""
    title = _first_line(message) if raised is None or _is_better(message, raised, root) else _sentence(raised)
    return Title(
        title=title or cause or event.logger or event.transaction or "(no message)",
        subtitle="" if cause == title else cause,
        template=template_of(event.message_template or message)[:MAX_TITLE_CHARS],
        culprit=_culprit(event),
        root_type=root.type if root is not None else "",
        root_message=_first_line(root.message) if root is not None else "",
    )


def _is_better(message: str, raised: ExceptionInfo, root: ExceptionInfo | None) -> bool:
    """Say whether the log call's message tells more than the raised exception."""
    if not message or message in {raised.message.strip(), _sentence(raised)} or _SAYS_NOTHING.match(message):
        return False
    return raised is root or not raised.message


_SAYS_NOTHING = re.compile(
    r"(?i)(?:an? )?(?:un(?:handled|caught|expected|known)|internal|fatal|exception|error|failure|request|oops|something)\b"
    r"|servlet\.service\(\) for|未処理|予期(?:しない|せぬ)|想定外|例外|エラー(?:が)?(?:発生|です)|不明な|システムエラー"
)
"""Beginnings of messages of catch-all handlers: they say that something failed, not what."""


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
