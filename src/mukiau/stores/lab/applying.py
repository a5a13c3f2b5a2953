"""Putting a version of the grouping policy in force, and going back to the one before.

Everything that takes time is done beforehand and is not to be seen: from `prepare` on the digester counts the draft's hash
beside the one in force, and `relabel` gives every fingerprint that is stored its hash under the draft (splitting those that
have several). Then one short transaction exchanges the two hashes and moves fingerprints between issues (`flip_over`); a
process that dies leaves the old or the new. As the digester goes on counting both, `flip_back` is as short and as exact,
also for what arrived in between.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby

from mukiau.core.grouping.placement import Group, Piece, Placement, place
from mukiau.digest.policies import policy_of
from mukiau.stores.grouping_changes import (
    By,
    ChangeKind,
    Move,
    find_later,
    mark_undone,
    move_fingerprints,
    record_change,
)
from mukiau.stores.issue_rows import insert_issue
from mukiau.stores.lab.policies import InForce, find_in_force, find_policy, put_in_force
from mukiau.stores.lab.runs import (
    CannotUndo,
    OtherVersionInForce,
    PeopleAtWork,
    Run,
    RunState,
    Step,
    get_run,
    is_own,
    save,
)
from mukiau.stores.lab.splitting import Place, Splitter, Whole
from mukiau.stores.lab.untouched import find_touched
from mukiau.stores.regrouping import LaterChange
from mukiau.stores.sqlite import Connection, transaction
from mukiau.stores.work.issue_work import fold_work

LABELS_AT_ONCE = 100

_UNLABELLED = """
SELECT f.id, f.issue_id, f.hash, p.hash FROM lab_piece p JOIN fingerprint f ON f.id = p.fingerprint_id
WHERE p.run_id = ? AND p.hash <> '' AND f.project_id = ? AND f.other_hash = ''
ORDER BY f.id, p.count DESC, p.hash
"""
_EXCHANGE = """
UPDATE fingerprint SET hash = other_hash, other_hash = hash, policy_version = ?
WHERE project_id = ? AND other_hash <> '' AND policy_version = ?
"""
_FORGET_EXPLANATIONS = """
DELETE FROM fingerprint_explanation
WHERE fingerprint_id IN (SELECT id FROM fingerprint WHERE project_id = ?) AND policy_version <> ?
"""
_ATOMS = "SELECT id, issue_id, event_count, hash, other_hash FROM fingerprint WHERE project_id = ? ORDER BY id"
_CONSTRAINTS = "SELECT fingerprint_a, fingerprint_b FROM grouping_constraint WHERE project_id = ? AND kind = ?"
# What came to another's issue by itself, and is still there.
_JOINED = """
SELECT j.id, f.id FROM fingerprint j JOIN fingerprint f ON f.id = j.joined_to_id
WHERE j.project_id = ? AND j.joined_to_id IS NOT NULL AND j.issue_id = f.issue_id ORDER BY j.id
"""
_MOVES_BACK = "SELECT fingerprint_id, from_issue_id FROM grouping_move WHERE change_id = ?"
_LEAD_ON = """
UPDATE issue SET merged_into_id = ? WHERE id = ? AND NOT EXISTS (SELECT 1 FROM fingerprint WHERE issue_id = issue.id)
"""


class Interrupted(Exception):  # noqa: N818 - somebody wished it
    """The run was stopped, or the process is to end."""


def prepare(connection: Connection, run: Run, *, at_ms: int) -> None:
    """Have the digester count the draft's hash, too, in the transaction at hand; raises RunRefused."""
    if (version := find_in_force(connection, run.project_id).version) != run.base_version:
        raise OtherVersionInForce(run.base_version, version)
    connection.execute("UPDATE fingerprint SET other_hash = '' WHERE project_id = ?", (run.project_id,))
    connection.execute(_FORGET_EXPLANATIONS, (run.project_id, run.base_version))
    put_in_force(connection, run.project_id, InForce(version=run.base_version, other=run.version), at_ms=at_ms)


def relabel(
    connection: Connection, run: Run, *, is_interrupted: Callable[[Run], bool], clock: Callable[[], int]
) -> None:
    """Give every fingerprint its hash under the draft; raises Interrupted.

    Begun again it goes on: what has its hash is not looked at any more.
    """
    draft, in_force = (
        policy_of(find_policy(connection, run.project_id, version)) for version in (run.version, run.base_version)
    )
    splitter = Splitter(connection, draft=draft, in_force=in_force, now_ms=clock())
    rows = connection.execute(_UNLABELLED, (run.id, run.project_id)).fetchall()
    found = [list(pieces) for _, pieces in groupby(rows, key=lambda row: row[0])]
    pure, several = ([_whole(run, one[0]) for one in found if (len(one) > 1) is is_split] for is_split in (False, True))
    for start in range(0, len(pure), LABELS_AT_ONCE):
        if is_interrupted(run):
            raise Interrupted
        with transaction(connection):
            for whole in pure[start : start + LABELS_AT_ONCE]:
                splitter.finish(whole, is_split=False)
            save(connection, run, done=start, total=len(found), at_ms=clock())
    for done, whole in enumerate(several, len(pure)):
        _split(connection, splitter, whole, lambda: is_interrupted(run))
        with transaction(connection):
            save(connection, run, done=done, total=len(found), at_ms=clock())


def _whole(run: Run, piece: tuple[int, int, str, str]) -> Whole:
    pk, issue_id, known_hash, kept = piece
    return Whole(id=pk, project_id=run.project_id, issue_id=issue_id, hash=known_hash, kept=kept)


def _split(connection: Connection, splitter: Splitter, whole: Whole, is_interrupted: Callable[[], bool]) -> None:
    after: Place | None = Place()
    while after is not None:
        if is_interrupted():
            raise Interrupted
        with transaction(connection):
            after = splitter.step(whole, after)
    with transaction(connection):
        splitter.finish(whole, is_split=True)


# --- Over ---------------------------------------------------------------------------------------------------------


def flip_over(connection: Connection, run: Run, *, at_ms: int) -> None:
    """Put the run's version in force: all of it in one transaction; raises RunRefused, Interrupted."""
    with transaction(connection):
        if get_run(connection, run.id).state is not RunState.APPLYING:
            raise Interrupted
        in_force = find_in_force(connection, run.project_id)
        if in_force != InForce(version=run.base_version, other=run.version):
            raise OtherVersionInForce(run.base_version, in_force.version)
        connection.execute(_EXCHANGE, (run.version, run.project_id, run.base_version))
        last_issue, last_fingerprint = _highest(connection)
        placement = find_placement(connection, run.project_id, _atoms(connection, run.project_id))
        if is_own(connection, run):
            _refuse_touched(connection, placement)
        moves, homes = _moves(connection, run.project_id, placement)
        details = {
            "run": run.id,
            "version": run.version,
            "base_version": run.base_version,
            "last_issue": last_issue,
            "last_fingerprint": last_fingerprint,
        }
        by = By(actor=run.author, at_ms=at_ms)
        change = record_change(connection, run.project_id, ChangeKind.POLICY, moves, details=details, by=by)
        move_fingerprints(connection, moves)
        # An issue that keeps a part may need a decision for the sake of the part that went.
        fold_work(connection, dict.fromkeys((move.target, move.source) for move in moves))
        _lead_on(connection, placement, homes)
        put_in_force(connection, run.project_id, InForce(version=run.version, other=run.base_version), at_ms=at_ms)
        save(connection, run, state=RunState.APPLIED, step=Step.NONE, change_id=change, at_ms=at_ms)


def find_placement(connection: Connection, project_id: int, pieces: Iterable[Piece]) -> Placement:
    """Return where pieces would go, with what people merged and split by hand and what came together by itself."""
    pairs = {
        kind: connection.execute(_CONSTRAINTS, (project_id, kind)).fetchall() for kind in ("must_link", "cannot_link")
    }
    joined = connection.execute(_JOINED, (project_id,)).fetchall()
    return place(pieces, together=[*pairs["must_link"], *joined], apart=pairs["cannot_link"])


def _refuse_touched(connection: Connection, placement: Placement) -> None:
    """What nobody asked for joins no issue that somebody works on, be it since a moment ago."""
    joined = {issue for group in placement.groups if len(group.issue_ids) > 1 for issue in group.issue_ids}
    if find_touched(connection, joined):
        raise PeopleAtWork


def _highest(connection: Connection) -> tuple[int, int]:
    row = connection.execute(
        "SELECT (SELECT coalesce(max(id), 0) FROM issue), (SELECT coalesce(max(id), 0) FROM fingerprint)"
    ).fetchone()
    return int(row[0]), int(row[1])


def _atoms(connection: Connection, project_id: int) -> Iterator[Piece]:
    for pk, issue_id, count, known_hash, other_hash in connection.execute(_ATOMS, (project_id,)).fetchall():
        yield Piece(atom_id=pk, issue_id=issue_id, hash=known_hash if other_hash else "", count=count)


def _moves(connection: Connection, project_id: int, placement: Placement) -> tuple[list[Move], Mapping[Group, int]]:
    """Return what moves, and in which issue each group is; makes the issues that are new."""
    moves, homes = list[Move](), dict[Group, int]()
    for group in placement.groups:
        home = group.issue_id if group.issue_id is not None else insert_issue(connection, project_id)
        homes[group] = home
        moves += [Move(piece.atom_id, piece.issue_id, home) for piece in group.pieces if piece.issue_id != home]
    return moves, homes


def _lead_on(connection: Connection, placement: Placement, homes: Mapping[Group, int]) -> None:
    """An issue of which several got a part leads to the one with the largest."""
    ends = [(homes[placement.groups[index]], issue_id) for issue_id, index in placement.led_to.items()]
    connection.executemany(_LEAD_ON, ends)


# --- Back ---------------------------------------------------------------------------------------------------------


def flip_back(connection: Connection, run: Run, *, at_ms: int) -> None:
    """Put the version before the run's in force again: all of it in one transaction; raises RunRefused, LaterChange."""
    with transaction(connection):
        run = get_run(connection, run.id)
        if run.state is not RunState.UNDOING:
            raise Interrupted
        in_force = find_in_force(connection, run.project_id)
        if run.change_id is None or in_force != InForce(version=run.version, other=run.base_version):
            raise CannotUndo
        if (later := find_later(connection, run.change_id)) is not None:
            raise LaterChange(run.change_id, later)
        connection.execute(_EXCHANGE, (run.base_version, run.project_id, run.version))
        move_fingerprints(connection, _moves_back(connection, run))
        mark_undone(connection, run.change_id, by=By(actor=run.author, at_ms=at_ms))
        put_in_force(connection, run.project_id, InForce(version=run.base_version), at_ms=at_ms)
        save(connection, run, state=RunState.UNDONE, step=Step.NONE, at_ms=at_ms)


def _moves_back(connection: Connection, run: Run) -> list[Move]:
    """What moved goes back; what has come since then goes where its hash under the old version belongs."""
    details = json.loads(
        connection.execute("SELECT details FROM grouping_change WHERE id = ?", (run.change_id,)).fetchone()[0]
    )
    back = dict(connection.execute(_MOVES_BACK, (run.change_id,)).fetchall())
    homes: dict[str, int] = {}
    home_of: dict[int, int] = {}
    taken: set[int] = set()
    moves: list[Move] = []
    joined = dict(connection.execute(_JOINED, (run.project_id,)).fetchall())
    for pk, issue_id, _, known_hash, _ in connection.execute(_ATOMS, (run.project_id,)).fetchall():
        home = back.get(pk, issue_id)
        if pk > details["last_fingerprint"]:
            if known_hash not in homes and joined.get(pk) in home_of:
                home = home_of[joined[pk]]
            elif known_hash not in homes and (issue_id in taken or issue_id <= details["last_issue"]):
                home = insert_issue(connection, run.project_id)
            else:
                home = homes.get(known_hash, issue_id)
        homes.setdefault(known_hash, home)
        home_of[pk] = home
        taken.add(home)
        if home != issue_id:
            moves.append(Move(pk, issue_id, home))
    return moves
