"""Events as digest makes them by the policies in force of a data folder, and the lab at work on it."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from mukiau.core.event import Origin
from mukiau.core.scrub import Scrubber, ScrubPolicy
from mukiau.digest.batch import Batch, DigestedEvent
from mukiau.digest.event_maker import EventMaker, RawEvent
from mukiau.digest.policies import Policies
from mukiau.stores.lab.policies import save_policy
from mukiau.stores.lab.runs import Run, get_run, request_apply, request_run, request_undo
from mukiau.stores.lab.work import Lab
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import Connection, connect, transaction
from mukiau.stores.state_writer import StateWriter

NOON_MS = 1_791_201_600_000
BY_CODE = 'defaults = 1\nalso = ["tag:code"]\n'
ONE_PER_SERVICE = """
defaults = 1
[[rules]]
name = "all of orders"
when.service = "orders"
fingerprint = ["anything"]
"""
BY_CODE_IN_ORDERS = """
defaults = 1
[[rules]]
name = "codes"
when.service = "orders"
also = ["tag:code"]
"""


class StopAfter(threading.Event):
    """Ends the lab's work at the n-th look, as a process that dies between two transactions."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        self.looks = looks

    def is_set(self) -> bool:
        self.looks -= 1
        return self.looks < 0


def raw_event(number: int, message: str = "payment refused", *, code: str = "", service: str = "orders") -> RawEvent:
    """An event of a log call; `number` gives its id and minute."""
    payload = {
        "message": message,
        "logger": "shop",
        "environment": f"env-{number % 3}",
        "timestamp": NOON_MS / 1000 + 60 * number,
        "tags": {"service": service, **({"code": code} if code else {})},
    }
    return RawEvent(
        payload=payload,
        origin=Origin(project_id=1, source_id=1),
        event_id=f"{number:032x}",
        received_ms=NOON_MS + 60_000 * number,
    )


def digest(data: Path, *raws: RawEvent) -> None:
    """Digest events in one batch by the policies in force now."""
    policies = Policies()
    maker = EventMaker(Scrubber(ScrubPolicy()), policies)
    with closing(StateWriter(data / STATE_FILE)) as writer:
        policies.use(writer.load_policies())
        events: Sequence[DigestedEvent] = [maker.make(raw) for raw in raws]
        writer.write(
            Batch(
                after=writer.position(),
                position=writer.position() + 1,
                digested_ms=1,
                item_count=1,
                events=tuple(events),
                policies_stamp=policies.grouped_by.stamp,
            )
        )


@contextmanager
def asking(data: Path) -> Iterator[Connection]:
    with closing(connect(data / STATE_FILE)) as connection, transaction(connection):
        yield connection


def work(data: Path, *, stop: threading.Event | None = None, processes: int = 0) -> None:
    Lab(data, processes=processes, clock=lambda: 7, stop=stop or threading.Event()).work()


def replayed(data: Path, text: str) -> Run:
    """Ask for a replay of a policy and let it be done."""
    with asking(data) as connection:
        version = save_policy(connection, 1, text, author="alice", reason="tried", at_ms=5)
        run = request_run(connection, 1, version, author="alice", at_ms=5)
    work(data)
    return find(data, run.id)


def applied(data: Path, run: Run) -> Run:
    with asking(data) as connection:
        request_apply(connection, run.id, author="alice", at_ms=6)
    work(data)
    return find(data, run.id)


def undone(data: Path, run: Run) -> Run:
    with asking(data) as connection:
        request_undo(connection, run.id, author="bob", at_ms=8)
    work(data)
    return find(data, run.id)


def find(data: Path, run_id: int) -> Run:
    with closing(connect(data / STATE_FILE, readonly=True)) as connection:
        return get_run(connection, run_id)


def shown(data: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What people see: issues with words and counts, by environment, and the issue of each event."""
    with closing(connect(data / STATE_FILE, readonly=True)) as connection:
        return {
            "issues": connection.execute("SELECT * FROM issue WHERE event_count > 0 ORDER BY id").fetchall(),
            "environments": connection.execute("SELECT * FROM issue_environment ORDER BY 1, 2").fetchall(),
            "events": connection.execute(
                "SELECT e.event_id, f.issue_id FROM event e JOIN fingerprint f ON f.id = e.fingerprint_id ORDER BY 1"
            ).fetchall(),
        }
