"""The daily summary: what a day brought to one route, as one message."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from mukiau.notify.cause import Cause, CauseKind
from mukiau.notify.message import Item, Message, compose_item, one_line
from mukiau.notify.words import Words

MAX_OF_A_KIND = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Frequent:
    """An issue and how often it happened."""

    issue_id: int
    title: str
    service: str
    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What a route's environments and services saw in a day."""

    causes: tuple[Cause, ...]
    """What was noticed about issues, told at once or not."""
    events: int
    issues: int
    """That had an event."""
    frequent: tuple[Frequent, ...]
    """Most frequent first."""
    undecided: int = 0
    """Issues that need a decision now."""
    open_handlings: int = 0
    """Occurrences, or batches of them, that wait for an answer now."""


def compose_summary(day: Day, on: date, *, words: Words, base_url: str) -> Message:
    """Return the summary that is sent on a day."""
    new, again = (_of_kind(day.causes, kind) for kind in (CauseKind.NEW, CauseKind.REGRESSED))
    counts = {
        "new": len(new),
        "again": len(again),
        "events": f"{day.events:,}",
        "issues": f"{day.issues:,}",
        "undecided": f"{day.undecided:,}",
        "handlings": f"{day.open_handlings:,}",
    }
    said = words.summary_text if day.events or day.causes else words.summary_quiet
    return Message(
        kind="summary",
        subject=words.summary_subject.format(day=on.isoformat(), **counts),
        text=f"{said}{words.summary_open}".format(**counts),
        items=tuple(_items(day, new, again, words, base_url)),
        count=len(new) + len(again),
        url=f"{base_url}/issues/",
        link=words.all_of_them,
        footer=words.footer,
    )


def _of_kind(causes: Sequence[Cause], kind: CauseKind) -> list[Cause]:
    """Return the causes of a kind, each issue once."""
    return list({cause.issue_id: cause for cause in causes if cause.kind is kind}.values())


def _items(day: Day, new: Sequence[Cause], again: Sequence[Cause], words: Words, base_url: str) -> Iterator[Item]:
    for cause in (*new[:MAX_OF_A_KIND], *again[:MAX_OF_A_KIND]):
        yield compose_item(cause, words, base_url)
    for issue in day.frequent[:MAX_OF_A_KIND]:
        yield Item(
            kind="frequent",
            label=words.frequent,
            title=one_line(issue.title),
            facts=tuple(fact for fact in (issue.service, words.events.format(n=f"{issue.events:,}")) if fact),
            url=f"{base_url}/issues/{issue.issue_id}/",
            issue_id=issue.issue_id,
            service=issue.service,
        )
