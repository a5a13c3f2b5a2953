"""What a run would do to issues, as its page shows it: titles before and after, samples, and what tells issues apart."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from mukiau.core.grouping.effect import ChangeKind
from mukiau.core.grouping.fingerprint import fingerprint_of
from mukiau.core.grouping.policy import Policy
from mukiau.core.grouping.title import title_of
from mukiau.stores.lab.preview import IssueAfter, IssueBefore, PlannedChange
from mukiau.stores.queries.event import find_issue_of_event, find_latest_event
from mukiau.stores.queries.recent_events import find_grouped_event
from mukiau.web.grouping.comparing import Line, sides_of
from mukiau.web.grouping.lab_words import KINDS

MAX_ISSUES = 6
"""Of a change, on either side; the rest is told by its number."""
MAX_PARTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterShown:
    """An issue as it would be."""

    id: int | None
    """None: a new one."""
    title: str
    """Empty where the sample's payload was deleted."""
    count: int
    event_pk: int
    event_issue_id: int | None
    """Where the sample is now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeShown:
    """Issues that hang together by events they would share."""

    kind: str | Promise
    is_merge: bool
    moved: int
    before: tuple[IssueBefore, ...]
    before_more: int
    after: tuple[AfterShown, ...]
    after_more: int
    apart: tuple[Line, ...]
    """What tells the two largest apart: after a split, before a merge."""


def shown(change: PlannedChange, *, base: Policy, draft: Policy) -> ChangeShown:
    """Return a change with its titles, samples and reasons."""
    is_merge = change.kind is ChangeKind.MERGED
    return ChangeShown(
        kind=KINDS[change.kind],
        is_merge=is_merge,
        moved=change.moved,
        before=change.before[:MAX_ISSUES],
        before_more=max(0, len(change.before) - MAX_ISSUES),
        after=tuple(_after(one, draft) for one in change.after[:MAX_ISSUES]),
        after_more=max(0, len(change.after) - MAX_ISSUES),
        apart=_apart_before(change.before[:2], base) if is_merge else _apart_after(change.after[:2], draft),
    )


def _after(issue: IssueAfter, draft: Policy) -> AfterShown:
    event = find_grouped_event(issue.event_pk)
    return AfterShown(
        id=issue.id,
        title="" if event is None else title_of(event, draft).title,
        count=issue.count,
        event_pk=issue.event_pk,
        event_issue_id=find_issue_of_event(issue.event_pk),
    )


def _apart_after(pair: Sequence[IssueAfter], draft: Policy) -> tuple[Line, ...]:
    return _apart([one.event_pk for one in pair], draft)


def _apart_before(pair: Sequence[IssueBefore], base: Policy) -> tuple[Line, ...]:
    return _apart([find_latest_event(one.id) or 0 for one in pair], base)


def _apart(event_pks: Sequence[int], policy: Policy) -> tuple[Line, ...]:
    events = [event for pk in event_pks if (event := find_grouped_event(pk)) is not None]
    if len(events) < 2:
        return ()
    first, second = (fingerprint_of(event, policy).explanation for event in events)
    return sides_of(first, second).apart[:MAX_PARTS]
