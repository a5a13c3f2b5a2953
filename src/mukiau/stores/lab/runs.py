"""Runs of the grouping lab: what people asked for, and how far the process that does it has come.

A run lives in its row: a process that dies, or a server that is restarted, goes on where the row says. People only change
`state`, to one of those that ask for work; the process sets the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from mukiau.stores.grouping_changes import find_later
from mukiau.stores.lab.policies import MUKIAU, InForce, find_in_force, find_policy, find_saved, put_in_force
from mukiau.stores.sqlite import Connection

MAX_RUNS_KEPT = 20
"""Of a project; the pieces of older ones are deleted, unless they are in force."""


class RunState(StrEnum):
    """Where a run stands."""

    WAITING = "waiting"
    REPLAYING = "replaying"
    READY = "ready"
    """What would change is known; nothing is changed."""
    APPLYING = "applying"
    APPLIED = "applied"
    UNDOING = "undoing"
    UNDONE = "undone"
    STOPPED = "stopped"
    FAILED = "failed"


AT_WORK = (RunState.WAITING, RunState.REPLAYING, RunState.APPLYING, RunState.UNDOING)
"""States that wait for the process."""


class Step(StrEnum):
    """What of the work is being done."""

    NONE = ""
    REPLAY = "replay"
    CATCH_UP = "catch_up"
    """Events that arrived since the replay."""
    SPLIT = "split"
    FLIP = "flip"


class RunRefused(Exception):  # noqa: N818 - nothing went wrong, and nothing was changed
    """What was asked for cannot be done now; the message says why in one sentence."""


class UnknownRun(RunRefused):
    """There is no such run."""

    def __init__(self, run_id: int) -> None:
        super().__init__(f"There is no run {run_id} of the grouping lab.")
        self.run_id = run_id


class AlreadyInForce(RunRefused):
    """There is nothing to compare."""

    def __init__(self, version: int) -> None:
        super().__init__(f"Version {version} is in force already.")
        self.version = version


class AnotherAtWork(RunRefused):
    """One run of a project at a time."""

    def __init__(self, run_id: int) -> None:
        super().__init__(f"Run {run_id} is at work; stop it first, or wait.")
        self.run_id = run_id


class NotReady(RunRefused):
    """It is not known what would change, or it was applied before."""

    def __init__(self) -> None:
        super().__init__("Only a run that is ready can be applied.")


class OtherVersionInForce(RunRefused):
    """What was shown compares with a version that is not in force any more."""

    def __init__(self, base_version: int, version: int) -> None:
        super().__init__(
            f"The run compared with version {base_version}, and version {version} is in force now; run it again."
        )
        self.base_version = base_version
        self.version = version


class CannotUndo(RunRefused):
    """Another version was applied since, or the run was never applied."""

    def __init__(self) -> None:
        super().__init__("Only the run that was applied last can be undone.")


class BuiltOn(RunRefused):
    """Somebody merged or split by hand what the policy had moved."""

    def __init__(self, later: int) -> None:
        super().__init__(f"Change {later} came later and builds on this run; undo change {later} first.")
        self.later = later


class PeopleAtWork(RunRefused):
    """Somebody has begun to work on an issue that a learned version would join with others."""

    def __init__(self) -> None:
        super().__init__("Somebody works on one of the issues that would be joined, so they stay as they are.")


class NotAtWork(RunRefused):
    """There is nothing to stop."""

    def __init__(self) -> None:
        super().__init__("The run is not at work.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run."""

    id: int
    project_id: int
    version: int
    base_version: int
    """The version in force when it began."""
    state: RunState
    step: Step
    cursor: int
    """`event.id` up to which events were replayed, of `until`."""
    until: int
    done: int
    """Of `total`, in the step at hand: events, or fingerprints to split."""
    total: int
    author: str
    created_ms: int
    updated_ms: int
    error: str
    change_id: int | None


_COLUMNS = ", ".join(Run.__slots__)
_REQUEST = f"""
INSERT INTO lab_run (project_id, version, base_version, state, step, cursor, until, done, total, author, created_ms,
  updated_ms, error, change_id)
VALUES (?1, ?2, ?3, 'waiting', '', 0, 0, 0, 0, ?4, ?5, ?5, '', NULL) RETURNING {_COLUMNS}
"""  # noqa: S608 - constants
_ASK = f"""
UPDATE lab_run SET state = ?, step = '', done = 0, total = 0, error = '', updated_ms = ?, author = ? WHERE id = ?
RETURNING {_COLUMNS}
"""  # noqa: S608


def request_run(connection: Connection, project_id: int, version: int, *, author: str, at_ms: int) -> Run:
    """Ask for a replay of a version on everything that is stored; raises UnknownPolicy and RunRefused."""
    find_policy(connection, project_id, version)
    in_force = find_in_force(connection, project_id)
    if version == in_force.version:
        raise AlreadyInForce(version)
    if (busy := find_busy(connection, project_id)) is not None:
        raise AnotherAtWork(busy.id)
    row = connection.execute(_REQUEST, (project_id, version, in_force.version, author, at_ms)).fetchone()
    _forget_old(connection, project_id)
    return _run(row)


def request_apply(connection: Connection, run_id: int, *, author: str, at_ms: int) -> Run:
    """Ask for a run's version to be put in force; raises RunRefused."""
    run = get_run(connection, run_id)
    if run.state is not RunState.READY:
        raise NotReady
    in_force = find_in_force(connection, run.project_id)
    if in_force.version != run.base_version:
        raise OtherVersionInForce(run.base_version, in_force.version)
    return _ask(connection, run, RunState.APPLYING, author=author, at_ms=at_ms)


def request_undo(connection: Connection, run_id: int, *, author: str, at_ms: int) -> Run:
    """Ask for the version before a run to be put in force again; raises RunRefused."""
    run = get_run(connection, run_id)
    if not can_undo(connection, run):
        raise CannotUndo
    if run.change_id is not None and (later := find_later(connection, run.change_id)) is not None:
        raise BuiltOn(later)
    return _ask(connection, run, RunState.UNDOING, author=author, at_ms=at_ms)


def can_undo(connection: Connection, run: Run) -> bool:
    """Say whether a run is the one applied last, and the version before it is still counted."""
    in_force = find_in_force(connection, run.project_id)
    return run.state is RunState.APPLIED and (in_force.version, in_force.other) == (run.version, run.base_version)


def _ask(connection: Connection, run: Run, state: RunState, *, author: str, at_ms: int) -> Run:
    if (busy := find_busy(connection, run.project_id)) is not None:
        raise AnotherAtWork(busy.id)
    return _run(connection.execute(_ASK, (state, at_ms, author, run.id)).fetchone())


def stop_run(connection: Connection, run_id: int, *, at_ms: int) -> Run:
    """Stop a replay, or an application before it took effect; raises RunRefused.

    What was replayed stays: a run that was being applied is ready again.
    """
    run = get_run(connection, run_id)
    if run.state not in (RunState.WAITING, RunState.REPLAYING, RunState.APPLYING):
        raise NotAtWork
    if run.state is not RunState.APPLYING:
        return save(connection, run, state=RunState.STOPPED, step=Step.NONE, at_ms=at_ms)
    put_in_force(connection, run.project_id, InForce(version=run.base_version), at_ms=at_ms)
    return save(connection, run, state=RunState.READY, step=Step.NONE, at_ms=at_ms)


def get_run(connection: Connection, run_id: int) -> Run:
    """Return a run; raises RunRefused where there is none."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM lab_run WHERE id = ?", (run_id,)).fetchone()  # noqa: S608
    if row is None:
        raise UnknownRun(run_id)
    return _run(row)


def list_runs(connection: Connection, project_id: int) -> Sequence[Run]:
    """Return a project's runs, latest first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM lab_run WHERE project_id = ? ORDER BY id DESC",  # noqa: S608
        (project_id,),
    )
    return [_run(row) for row in rows]


def is_own(connection: Connection, run: Run) -> bool:
    """Say whether nobody but mukiau itself asked for a run."""
    return run.author == MUKIAU and find_saved(connection, run.project_id, run.version).is_learned


def find_busy(connection: Connection, project_id: int) -> Run | None:
    """Return the project's run that is at work or waits for it; there is one at most."""
    return next((run for run in list_runs(connection, project_id) if run.state in AT_WORK), None)


def next_at_work(connection: Connection) -> Run | None:
    """Return the oldest run of any project that waits for the process."""
    marks = ", ".join("?" * len(AT_WORK))
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM lab_run WHERE state IN ({marks}) ORDER BY id LIMIT 1",  # noqa: S608
        AT_WORK,
    ).fetchone()
    return None if row is None else _run(row)


def save(connection: Connection, run: Run, *, at_ms: int, **changes: str | int | None) -> Run:
    """Write some columns of a run, in the transaction at hand, and return it as it is now."""
    values = {**changes, "updated_ms": at_ms}
    names = ", ".join(f"{name} = ?" for name in values)
    row = connection.execute(
        f"UPDATE lab_run SET {names} WHERE id = ? RETURNING {_COLUMNS}",  # noqa: S608 - names of columns
        (*values.values(), run.id),
    ).fetchone()
    return _run(row)


def _forget_old(connection: Connection, project_id: int) -> None:
    in_use = {find_in_force(connection, project_id).version}
    for run in list_runs(connection, project_id)[MAX_RUNS_KEPT:]:
        if run.version not in in_use:
            connection.execute("DELETE FROM lab_piece WHERE run_id = ?", (run.id,))


def _run(row: tuple[object, ...]) -> Run:
    values = dict(zip(Run.__slots__, row, strict=True))
    return Run(**{**values, "state": RunState(values["state"]), "step": Step(values["step"])})  # type: ignore[arg-type]
