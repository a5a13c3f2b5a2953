"""One message: what every channel puts into its own form. It is made once and stored, so every attempt sends the same."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from mukiau.notify.cause import Cause
from mukiau.notify.words import Words
from mukiau.work.requests import State

MAX_SHOWN = 10
MAX_LINE_CHARS = 200
MAX_CALLED = 5
"""A message calls so many people by name, or nobody."""
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing of a message."""

    kind: str
    label: str
    """The kind in words."""
    title: str
    facts: tuple[str, ...] = ()
    url: str = ""
    issue_id: int = 0
    project_id: int = 0
    service: str = ""
    environment: str = ""
    purpose: str = ""
    slack_ids: tuple[str, ...] = ()
    """Slack's names for the people it concerns."""
    at_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is said; all text is plain, on one line, and as hostile as the events it comes from."""

    kind: str
    """`news`, `summary` or `test`."""
    subject: str
    text: str = ""
    """A sentence under the subject."""
    items: tuple[Item, ...] = ()
    count: int = 0
    """Things it is about; more than are shown when it is more than items."""
    more: str = ""
    """Says how many are not shown; empty when all are."""
    url: str = ""
    link: str = ""
    """What the URL leads to."""
    footer: str = ""
    """Why whoever reads it gets it."""


def compose_news(
    causes: Sequence[Cause], *, words: Words, base_url: str, slack_ids: Mapping[int, str] | None = None
) -> Message:
    """Return the message about causes (at least one), the first MAX_SHOWN of them in full.

    `slack_ids`: person → what Slack calls this person.
    """
    items = tuple(compose_item(cause, words, base_url, slack_ids=slack_ids) for cause in causes[:MAX_SHOWN])
    hidden, first = len(causes) - len(items), items[0]
    return Message(
        kind="news",
        subject=f"{first.label}: {first.title}" if len(causes) == 1 else words.several.format(n=len(causes)),
        items=items,
        count=len(causes),
        more=words.more.format(n=hidden) if hidden else "",
        url=first.url if len(causes) == 1 else f"{base_url}/issues/",
        link=words.all_of_them if len(causes) > 1 else "",
        footer=words.footer,
    )


def compose_test(*, words: Words, base_url: str) -> Message:
    """Return what the Test button sends."""
    return Message(
        kind="test", subject=words.test_subject, text=words.test_text, url=f"{base_url}/", footer=words.footer
    )


def compose_item(cause: Cause, words: Words, base_url: str, *, slack_ids: Mapping[int, str] | None = None) -> Item:
    """Return a cause as one thing of a message."""
    said = words.by.format(name=cause.actor) if cause.actor else ""
    facts = (
        cause.service,
        cause.environment,
        words.steps.get(State(cause.step), "") if cause.step else "",
        said,
        cause.note,
    )
    return Item(
        kind=cause.kind.value,
        label=words.kinds[cause.kind],
        title=one_line(cause.title) or cause.kind.value,
        facts=tuple(one_line(fact) for fact in facts if fact),
        url=f"{base_url}/{cause.path}",
        issue_id=cause.issue_id,
        project_id=cause.project_id,
        service=cause.service,
        environment=cause.environment,
        purpose=cause.purpose,
        slack_ids=_called(cause.person_ids, slack_ids or {}),
        at_ms=cause.at_ms,
    )


def _called(person_ids: Sequence[int], slack_ids: Mapping[int, str]) -> tuple[str, ...]:
    # What concerns many concerns nobody in particular.
    return tuple(slack_ids[one] for one in person_ids if one in slack_ids) if len(person_ids) <= MAX_CALLED else ()


def one_line(text: str) -> str:
    """Return text without line breaks, control characters and what turns the direction of writing, cut to a line.

    >>> one_line("a\\r\\nBcc: b\\u202e")
    'a Bcc: b'
    """
    said = _BREAKS.sub(" ", text).strip()
    return said if len(said) <= MAX_LINE_CHARS else said[: MAX_LINE_CHARS - 1] + "…"


def message_to_json(message: Message) -> str:
    """Return a message as it is stored.

    >>> message = Message(kind="test", subject="s", items=(Item(kind="new", label="l", title="t", facts=("f",)),))
    >>> parse_message(message_to_json(message)) == message
    True
    """
    return json.dumps(asdict(message), ensure_ascii=False)


def parse_message(text: str) -> Message:
    """Return a message that was stored."""
    values = json.loads(text)
    return Message(**{**values, "items": tuple(_parse_item(item) for item in values["items"])})


def _parse_item(values: dict[str, Any]) -> Item:
    return Item(**{**values, "facts": tuple(values["facts"]), "slack_ids": tuple(values["slack_ids"])})
