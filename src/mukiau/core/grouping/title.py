"""What an issue is called: the sentence that says what failed, and under it the root cause."""

import re
from dataclasses import dataclass, replace

from mukiau.core.event import Event, ExceptionInfo
from mukiau.core.grouping.chain import crash_frame, crashed_link, name_of, root_cause, short_name
from mukiau.core.grouping.message import first_line
from mukiau.core.grouping.policy import DEFAULT, Counting, Policy
from mukiau.core.grouping.sources import raised_link, render
from mukiau.core.grouping.v1 import apply

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


def title_of(event: Event, policy: Policy = DEFAULT) -> Title:
    """Return the words for the event's issue.

    The exception that was raised names the failing operation where it wraps a cause or where the log call only says
    that something failed ("unhandled error"); else the log call's own message is the better sentence. A rule's title
    wins over both; where it has no words for this event, it does not.
    """
    event, rule, how = apply(policy, event)
    title = _by_default(event, how)
    if rule is None or rule.title is None or rule.title.is_default:
        return title
    words = render(event, rule.title, how, as_words=True)[:MAX_TITLE_CHARS]
    return replace(title, title=words or title.title)


def _by_default(event: Event, how: Counting) -> Title:
    root, raised = root_cause(event.exceptions), raised_link(event.exceptions, how)
    message = event.message.strip()
    cause = _sentence(root) if root is not None else ""
    title = _first_line(message) if raised is None or _is_better(message, raised, root) else _sentence(raised)
    return Title(
        title=title or cause or event.logger or event.transaction or "(no message)",
        subtitle="" if cause == title else cause,
        template=how.template(event.message_template or message)[:MAX_TITLE_CHARS],
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


def _sentence(link: ExceptionInfo) -> str:
    return (
        f"{short_name(link.type)}: {_first_line(link.message)}"[:MAX_TITLE_CHARS].removeprefix(": ").removesuffix(": ")
    )


def _first_line(text: str) -> str:
    return first_line(text).strip()[:MAX_TITLE_CHARS]


def _culprit(event: Event) -> str:
    link = crashed_link(event.exceptions)
    frame = crash_frame(link.frames) if link is not None else None
    return name_of(frame) if frame is not None else event.transaction or event.logger or event.call_site
