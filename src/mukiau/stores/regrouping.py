"""Merging and splitting issues by hand, and undoing it: fingerprints move between issues, and nothing is counted anew.

Each change is one short transaction and leaves its history: what moved from where to where (`grouping_move`), and what a
person said by it about pairs of fingerprints (`grouping_constraint`, for as long as the change holds). Undoing moves the
same fingerprints back. As every count and every word of an issue is derived from its fingerprints, what is undone leaves
no trace but the history, whatever arrived or was deleted meanwhile.

An issue that has lost its fingerprints keeps its row and says where they went, so that its addresses lead on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mukiau.stores.grouping_changes import (
    By,
    ChangeKind,
    ConstraintKind,
    Move,
    constrain,
    find_current,
    find_later,
    mark_undone,
    move_fingerprints,
    record_change,
)
from mukiau.stores.issue_rows import insert_issue
from mukiau.stores.sqlite import Connection
from mukiau.stores.state_file import changing

MAX_ISSUES_A_MERGE = 100
"""As many as a page of the list shows twice over; more are merged in several steps, each of which can be undone."""
MAX_FINGERPRINTS_AN_ISSUE = 500
"""SQLite merges the events of so many fingerprints in one query (SQLITE_MAX_COMPOUND_SELECT)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A change that was made."""

    change_id: int
    issue_id: int
    """Where the fingerprints are now: the target of a merge, the new issue of a split, what a change undone led to."""
    fingerprints: int
    """How many moved."""


class RegroupingRefused(Exception):  # noqa: N818 - nothing went wrong, and nothing was changed
    """The issues stay as they are; the message says why in one sentence."""


class UnknownIssue(RegroupingRefused):
    """There is no such issue (any more)."""

    def __init__(self, issue_id: int) -> None:
        super().__init__(f"There is no issue {issue_id}.")
        self.issue_id = issue_id


class MergedElsewhere(RegroupingRefused):
    """The issue was merged into another one."""

    def __init__(self, issue_id: int, into: int) -> None:
        super().__init__(f"Issue {issue_id} was merged into issue {into} before; choose that one.")
        self.issue_id, self.into = issue_id, into


class OtherProject(RegroupingRefused):
    """Issues of two projects do not merge."""

    def __init__(self, issue_id: int, target_id: int) -> None:
        super().__init__(f"Issue {issue_id} belongs to another project than issue {target_id}; they cannot be merged.")
        self.issue_id, self.target_id = issue_id, target_id


class NothingToMerge(RegroupingRefused):
    """No issue was named besides the target."""

    def __init__(self) -> None:
        super().__init__("Name at least two different issues to merge.")


class NothingToSplit(RegroupingRefused):
    """None of the issue's fingerprints was named, or all of them."""

    def __init__(self, issue_id: int) -> None:
        super().__init__(f"Name some of the fingerprints of issue {issue_id} to split off, and leave it at least one.")
        self.issue_id = issue_id


class TooManyIssues(RegroupingRefused):
    """A merge of more than MAX_ISSUES_A_MERGE issues."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} issues are too many for one merge; merge at most {MAX_ISSUES_A_MERGE} at a time.")
        self.count = count


class TooManyFingerprints(RegroupingRefused):
    """An issue would get more than MAX_FINGERPRINTS_AN_ISSUE fingerprints."""

    def __init__(self, count: int) -> None:
        super().__init__(
            f"The issue would have {count} fingerprints, and {MAX_FINGERPRINTS_AN_ISSUE} is the most; "
            "a rule of the grouping policy joins any number."
        )
        self.count = count


class UnknownChange(RegroupingRefused):
    """There is no such change."""

    def __init__(self, change_id: int) -> None:
        super().__init__(f"There is no change {change_id} of the grouping.")
        self.change_id = change_id


class AlreadyUndone(RegroupingRefused):
    """The change was undone before."""

    def __init__(self, change_id: int) -> None:
        super().__init__(f"Change {change_id} was undone before.")
        self.change_id = change_id


class NotByHand(RegroupingRefused):
    """The change is one of the policy; the lab undoes it, with the policy itself."""

    def __init__(self, change_id: int) -> None:
        super().__init__(f"Change {change_id} came by the grouping policy; undo it in the grouping lab.")
        self.change_id = change_id


class LaterChange(RegroupingRefused):
    """A later change moved the same fingerprints again."""

    def __init__(self, change_id: int, later: int) -> None:
        super().__init__(f"Change {later} came after change {change_id} and builds on it; undo change {later} first.")
        self.change_id, self.later = change_id, later


def merge(data: Path, issue_ids: Iterable[int], *, into: int, by: By) -> Changed:
    """Move the fingerprints of issues into one of them, or into another one; raises RegroupingRefused.

    `into` keeps its id; the others lead to it from now on.
    """
    sources = sorted(set(issue_ids) - {into})
    if not sources:
        raise NothingToMerge
    if len(sources) >= MAX_ISSUES_A_MERGE:
        raise TooManyIssues(len(sources) + 1)
    with changing(data) as connection:
        project, title = _get_issue(connection, into)
        titles = {str(into): title}
        for source in sources:
            project_of_source, titles[str(source)] = _get_issue(connection, source)
            if project_of_source != project:
                raise OtherProject(source, into)
        kept = _fingerprints_of(connection, into)
        moves = [Move(one, source, into) for source in sources for one in _fingerprints_of(connection, source)]
        if len(kept) + len(moves) > MAX_FINGERPRINTS_AN_ISSUE:
            raise TooManyFingerprints(len(kept) + len(moves))
        details = {"into": into, "titles": titles}
        change = record_change(connection, project, ChangeKind.MERGE, moves, details=details, by=by)
        pairs = [(kept[0], move.fingerprint) for move in moves]
        constrain(connection, project, change, ConstraintKind.MUST_LINK, pairs)
        move_fingerprints(connection, moves)
    return Changed(change_id=change, issue_id=into, fingerprints=len(moves))


def split_off(data: Path, issue_id: int, fingerprint_ids: Iterable[int], *, by: By) -> Changed:
    """Move some of an issue's fingerprints into a new issue; raises RegroupingRefused."""
    wanted = set(fingerprint_ids)
    with changing(data) as connection:
        project, title = _get_issue(connection, issue_id)
        present = _fingerprints_of(connection, issue_id)
        kept = [one for one in present if one not in wanted]
        if not wanted or not kept or not wanted.issubset(present):
            raise NothingToSplit(issue_id)
        new = insert_issue(connection, project)
        moves = [Move(one, issue_id, new) for one in present if one in wanted]
        details = {"into": new, "titles": {str(issue_id): title}}
        change = record_change(connection, project, ChangeKind.SPLIT, moves, details=details, by=by)
        # A star at each side says as much as all pairs, of which there may be tens of thousands.
        pairs = [(kept[0], move.fingerprint) for move in moves] + [(one, moves[0].fingerprint) for one in kept[1:]]
        constrain(connection, project, change, ConstraintKind.CANNOT_LINK, pairs)
        move_fingerprints(connection, moves)
    return Changed(change_id=change, issue_id=new, fingerprints=len(moves))


def undo(data: Path, change_id: int, *, by: By) -> Changed:
    """Move back what a change moved, as far as it is still there; raises RegroupingRefused.

    `by.reason` is not kept: the change keeps its own.
    """
    with changing(data) as connection:
        row = connection.execute("SELECT undone_ms, kind FROM grouping_change WHERE id = ?", (change_id,)).fetchone()
        if row is None:
            raise UnknownChange(change_id)
        if row[0] is not None:
            raise AlreadyUndone(change_id)
        if row[1] == ChangeKind.POLICY:
            raise NotByHand(change_id)
        if (later := find_later(connection, change_id)) is not None:
            raise LaterChange(change_id, later)
        moves = [Move(*columns) for columns in connection.execute(_MOVES_BACK, (change_id,))]
        move_fingerprints(connection, moves)
        mark_undone(connection, change_id, by=by)
    return Changed(change_id=change_id, issue_id=moves[0].target if moves else 0, fingerprints=len(moves))


_MOVES_BACK = """
SELECT m.fingerprint_id, m.to_issue_id, m.from_issue_id
FROM grouping_move m JOIN fingerprint f ON f.id = m.fingerprint_id WHERE m.change_id = ? ORDER BY m.fingerprint_id
"""


def _get_issue(connection: Connection, issue_id: int) -> tuple[int, str]:
    """Return (project id, title) of an issue that has fingerprints."""
    row = connection.execute(
        "SELECT project_id, title, event_count, merged_into_id FROM issue WHERE id = ?", (issue_id,)
    ).fetchone()
    if row is not None and row[2]:
        return row[0], row[1]
    current = None if row is None else find_current(connection, issue_id)
    raise UnknownIssue(issue_id) if current is None else MergedElsewhere(issue_id, current)


def _fingerprints_of(connection: Connection, issue_id: int) -> list[int]:
    return [
        row[0] for row in connection.execute("SELECT id FROM fingerprint WHERE issue_id = ? ORDER BY id", (issue_id,))
    ]
