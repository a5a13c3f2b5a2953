"""The process of the grouping lab: does what runs ask for, one after another, and writes how far it has come."""

import logging
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from mukiau.stores.lab.applying import Interrupted, flip_back, flip_over, prepare, relabel
from mukiau.stores.lab.policies import InForce, find_in_force, find_policy, put_in_force
from mukiau.stores.lab.replay import Tally, add_pieces, replay
from mukiau.stores.lab.runs import Run, RunRefused, RunState, Step, get_run, is_own, next_at_work, save
from mukiau.stores.regrouping import RegroupingRefused
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import Connection, connect, transaction

SAVE_EVERY_MS = 500

log = logging.getLogger(__name__)


class Lab:
    """Works on the runs of one data folder."""

    def __init__(self, data: Path, *, processes: int, clock: Callable[[], int], stop: threading.Event) -> None:
        """`clock` gives unix milliseconds; `stop` ends the work at the next occasion, to be taken up again later."""
        self._path = data / STATE_FILE
        self._processes = processes
        self._clock = clock
        self._stop = stop

    def work(self) -> int:
        """Do everything that is asked for; return how many runs were worked on."""
        worked = 0
        with closing(connect(self._path)) as connection:
            while not self._stop.is_set() and (run := next_at_work(connection)) is not None:
                self._attempt(connection, run)
                worked += 1
        return worked

    def _attempt(self, connection: Connection, run: Run) -> None:
        try:
            self._do(connection, run)
        except Interrupted:
            log.info("run %d of the grouping lab is interrupted", run.id)
        except (RegroupingRefused, RunRefused) as refused:
            # An undoing that was refused left everything as it was, and may be asked for again.
            state = RunState.APPLIED if run.state is RunState.UNDOING else RunState.FAILED
            self._count_one_hash(connection, run)
            self._save(connection, get_run(connection, run.id), state=state, step=Step.NONE, error=str(refused))

    def _count_one_hash(self, connection: Connection, run: Run) -> None:
        """Have the digester leave the draft's hash again, where an application was refused."""
        with transaction(connection):
            if find_in_force(connection, run.project_id) == InForce(version=run.base_version, other=run.version):
                put_in_force(connection, run.project_id, InForce(version=run.base_version), at_ms=self._clock())

    def _do(self, connection: Connection, run: Run) -> None:
        if run.state in (RunState.WAITING, RunState.REPLAYING):
            self._replay(connection, run)
        elif run.state is RunState.APPLYING:
            self._apply(connection, run)
        else:
            flip_back(connection, run, at_ms=self._clock())

    def _replay(self, connection: Connection, run: Run) -> None:
        if run.state is RunState.WAITING:
            until, total = _extent(connection, run)
            run = self._save(
                connection, run, state=RunState.REPLAYING, step=Step.REPLAY, until=until, total=total, cursor=0
            )
        run = self._walk(connection, run)
        self._save(connection, run, state=RunState.READY, step=Step.NONE)

    def _apply(self, connection: Connection, run: Run) -> None:
        if run.step is Step.NONE:
            with transaction(connection):
                prepare(connection, run, at_ms=self._clock())
                until, _ = _extent(connection, run)
                run = save(
                    connection, run, step=Step.CATCH_UP, until=until, total=until - run.cursor, at_ms=self._clock()
                )
        if run.step is Step.CATCH_UP:
            run = self._save(connection, self._walk(connection, run), step=Step.SPLIT, done=0)
        relabel(connection, run, is_interrupted=lambda run: self._is_interrupted(connection, run), clock=self._clock)
        flip_over(connection, run, at_ms=self._clock())

    def _walk(self, connection: Connection, run: Run) -> Run:
        """Replay from where the run stands to its end."""
        policy = find_policy(connection, run.project_id, run.version)
        tallies: list[Tally] = []
        saved_ms = self._clock()
        # Nobody waits for what is learned: it takes one core, and digest has the others.
        processes = 0 if is_own(connection, run) else self._processes
        walked = replay(self._path, run.project_id, policy, after=run.cursor, until=run.until, processes=processes)
        with walked as results:
            for reached, tally in results:
                tallies.append(tally)
                if self._clock() - saved_ms >= SAVE_EVERY_MS or reached == run.until:
                    run = self._keep(connection, run, tallies, reached=reached, done=run.done + _events(tallies))
                    saved_ms = self._clock()
                    tallies.clear()
        return run

    def _keep(self, connection: Connection, run: Run, tallies: list[Tally], *, reached: int, done: int) -> Run:
        if self._is_interrupted(connection, run):
            raise Interrupted
        with transaction(connection):
            for tally in tallies:
                add_pieces(connection, run.id, tally)
            return save(connection, run, cursor=reached, done=done, at_ms=self._clock())

    def _is_interrupted(self, connection: Connection, run: Run) -> bool:
        return self._stop.is_set() or get_run(connection, run.id).state is not run.state

    def _save(self, connection: Connection, run: Run, **changes: str | int | None) -> Run:
        with transaction(connection):
            if get_run(connection, run.id).state is not run.state:
                raise Interrupted
            return save(connection, run, **changes, at_ms=self._clock())


def _events(tallies: list[Tally]) -> int:
    return sum(count for tally in tallies for count, _, _ in tally.values())


def _extent(connection: Connection, run: Run) -> tuple[int, int]:
    """Return the id of the last event, and how many events the project has."""
    until = int(connection.execute("SELECT coalesce(max(id), 0) FROM event").fetchone()[0])
    total = connection.execute(
        "SELECT coalesce(sum(event_count), 0) FROM issue WHERE project_id = ?", (run.project_id,)
    ).fetchone()[0]
    return until, int(total)
