"""What was merged, split and undone, in the reader's words."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mukiau.stores.grouping_changes import ChangeKind
from mukiau.stores.queries.grouping_history import GroupingChange, read_changes_of_issue, read_moves

MAX_MOVED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One change, as the page of an issue tells it."""

    change: GroupingChange
    says: str
    others: tuple[tuple[int, str], ...]
    """The issues concerned beside the one of the page: id and what it was called then; none of a change of the policy."""
    may_be_undone: bool
    """Here: what another policy changed is undone with the policy."""
    moved: tuple[str, ...]
    """What a split moved: the titles of the fingerprints, as far as they are shown."""


def history_of(issue_id: int) -> tuple[Entry, ...]:
    """Return what was changed about an issue, the latest first."""
    return tuple(_entry(change, issue_id) for change in read_changes_of_issue(issue_id))


def _entry(change: GroupingChange, issue_id: int) -> Entry:
    concerned = (*change.issues, change.into) if change.into else ()
    others = dict.fromkeys(one for one in concerned if one != issue_id)
    return Entry(
        change=change,
        says=says(change, issue_id),
        others=tuple((one, change.titles.get(one, "")) for one in others),
        may_be_undone=change.can_be_undone and change.kind is not ChangeKind.POLICY,
        moved=_moved(change) if change.kind is ChangeKind.SPLIT else (),
    )


def _moved(change: GroupingChange) -> tuple[str, ...]:
    return tuple(move.title for move in read_moves(change.id) if move.title)[:MAX_MOVED]


def says(change: GroupingChange, issue_id: int) -> str:
    """Return what a change did to an issue."""
    count = len(change.issues)
    if change.kind is ChangeKind.MERGE and change.into == issue_id:
        return ngettext(
            "%(count)s issue was merged into this one", "%(count)s issues were merged into this one", count
        ) % {"count": count}
    if change.kind is ChangeKind.MERGE:
        return _("This issue was merged into another one")
    if change.kind is ChangeKind.SPLIT and change.into == issue_id:
        return _("This issue was split off from another one")
    if change.kind is ChangeKind.SPLIT:
        return ngettext(
            "%(count)s fingerprint was split off into a new issue",
            "%(count)s fingerprints were split off into a new issue",
            change.fingerprint_count,
        ) % {"count": change.fingerprint_count}
    return _("The grouping policy was changed")
