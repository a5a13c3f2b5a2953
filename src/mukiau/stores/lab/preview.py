"""What putting a run's policy in force would do to issues: split, merged, new, gone, and how many events would move.

Worked out from what the replay counted, by the same rules as the application itself (`core.grouping.placement`), so what is
shown is what will be; only events that arrive in between can add to it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from mukiau.core.grouping.effect import Change, ChangeKind, effect_of
from mukiau.core.grouping.placement import Piece, Placement
from mukiau.stores.lab.applying import find_placement
from mukiau.stores.lab.runs import Run
from mukiau.stores.many import chunks, marks
from mukiau.stores.sqlite import Connection

_PIECES = """
SELECT f.id, f.issue_id, f.event_count, coalesce(p.hash, ''), coalesce(p.count, 0), coalesce(p.last_event_pk, 0)
FROM fingerprint f LEFT JOIN lab_piece p ON p.fingerprint_id = f.id AND p.run_id = ?
WHERE f.project_id = ? ORDER BY f.id, p.hash = '', p.count DESC, p.hash
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueBefore:
    """An issue as it is now, and how many of its events the change concerns."""

    id: int
    service: str
    title: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueAfter:
    """An issue as it would be."""

    id: int | None
    """The issue that goes on as it; None: a new one."""
    count: int
    event_pk: int
    """The latest event of its largest part: a sample."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedChange:
    """Issues that hang together by events they would share."""

    kind: ChangeKind
    before: tuple[IssueBefore, ...]
    """Most events first, as `after`."""
    after: tuple[IssueAfter, ...]
    moved: int
    """Events that would be in another issue than now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """All of it."""

    events: int
    issues_before: int
    issues_after: int
    moved: int
    split: int
    """Issues whose events would be in several; `merged` likewise: that would be one with others."""
    merged: int
    new: int
    gone: int
    unknown: int
    """Events without a payload, of fingerprints of which none is left: they stay where they are."""
    changes: tuple[PlannedChange, ...]
    """Most events moved first."""


def read_preview(connection: Connection, run: Run, *, limit: int = 200) -> Preview:
    """Return what a run that is ready would do, with its `limit` largest changes."""
    samples = dict(read_pieces(connection, run))
    placement = find_placement(connection, run.project_id, samples)
    flows = [
        (str(piece.issue_id), str(index), piece.count)
        for index, group in enumerate(placement.groups)
        for piece in group.pieces
    ]
    effect = effect_of(flows)
    shown = effect.changes[:limit]
    titles = _titles(connection, {int(issue) for change in shown for issue, _ in change.before})
    kept = {group.issue_id for group in placement.groups}
    return Preview(
        events=effect.occurrences,
        issues_before=effect.issues_before,
        issues_after=effect.issues_after,
        moved=sum(group.moved for group in placement.groups),
        split=sum(len(change.before) for change in effect.changes if change.kind is not ChangeKind.MERGED),
        merged=sum(len(change.before) for change in effect.changes if change.kind is not ChangeKind.SPLIT),
        new=sum(group.issue_id is None for group in placement.groups),
        gone=len({int(issue) for issue, _, _ in flows} - kept),
        unknown=sum(piece.count for piece in samples if not piece.hash),
        changes=tuple(_planned(change, placement, samples, titles) for change in shown),
    )


def read_pieces(connection: Connection, run: Run) -> Iterator[tuple[Piece, int]]:
    """Yield pieces with a sample each; what nobody can tell any more counts with the largest of its fingerprint."""
    rows = connection.execute(_PIECES, (run.id, run.project_id)).fetchall()
    for _, found in groupby(rows, key=lambda row: row[0]):
        pieces = list(found)
        told = [row for row in pieces if row[3]] or pieces[:1]
        rest = max(0, pieces[0][2] - sum(row[4] for row in told))
        for index, (pk, issue_id, _, hash_, count, event_pk) in enumerate(told):
            piece = Piece(atom_id=pk, issue_id=issue_id, hash=hash_, count=count if index else count + rest)
            yield piece, event_pk


def _titles(connection: Connection, issues: set[int]) -> Mapping[int, tuple[str, str]]:
    found = {}
    for names in chunks(sorted(issues)):
        query = f"SELECT id, service, title FROM issue WHERE id IN ({marks(names)})"  # noqa: S608
        found.update({row[0]: (row[1], row[2]) for row in connection.execute(query, tuple(names))})
    return found


def _planned(
    change: Change, placement: Placement, samples: Mapping[Piece, int], titles: Mapping[int, tuple[str, str]]
) -> PlannedChange:
    groups = [placement.groups[int(index)] for index, _ in change.after]
    return PlannedChange(
        kind=change.kind,
        before=tuple(
            IssueBefore(id=int(issue), service=titles[int(issue)][0], title=titles[int(issue)][1], count=count)
            for issue, count in change.before
        ),
        after=tuple(
            IssueAfter(
                id=group.issue_id,
                count=group.count,
                event_pk=samples[max(group.pieces, key=lambda piece: (piece.count, samples[piece]))],
            )
            for group in groups
        ),
        moved=sum(group.moved for group in groups),
    )
