"""`python -m bench.seed`: fill a data folder with events through digest's own writer."""

import argparse
import math
import random
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from pathlib import Path
from typing import NamedTuple

from bench.folder import migrate_folder
from bench.seed.prototypes import MAX_ISSUES, make_occurrence, make_prototype
from bench.seed.work import write_handlings, write_runbooks
from mukiau import clock
from mukiau.digest.batch import Batch, DigestedEvent
from mukiau.stores.locks import RoleLock
from mukiau.stores.projects import Source, create_project
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.state_writer import StateWriter

SPAN = timedelta(days=14)
BATCH_EVENTS = 4_000
"""Far above digest's own: nobody waits for a page meanwhile."""
EVENTS_AN_ISSUE = 100
"""On average, where the number of issues is not given."""
RHYTHM = 0.6
"""How much quieter nights are than days; below 1."""
SAY_SECONDS = 5.0


def main() -> None:
    """Fill a data folder with events of the last 14 days; issues have very different sizes."""
    parser = argparse.ArgumentParser(prog="python -m bench.seed", description=main.__doc__)
    parser.add_argument("--data", type=Path, required=True, help="data folder; made where there is none")
    parser.add_argument("-n", type=int, default=1_000_000, help="events (default: %(default)s)")
    parser.add_argument("--issues", type=int, help=f"issues (default: one for {EVENTS_AN_ISSUE} events)")
    parser.add_argument("--runbooks", type=int, default=0, help="runbooks in force before (default: %(default)s)")
    parser.add_argument(
        "--handled", type=int, default=0, help="events that are handled, at most (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same events")
    options = parser.parse_args()
    issues = options.issues or max(1, options.n // EVENTS_AN_ISSUE)
    if not 1 <= issues <= min(options.n, MAX_ISSUES):
        parser.error(f"--issues must be between 1 and the number of events, at most {MAX_ISSUES:,}.")
    lock = RoleLock(options.data, "digest")
    if not lock.acquire():
        parser.error(f"Process {lock.find_holder()} is digesting into {options.data}; stop mukiau first.")
    try:
        rng, work = random.Random(options.seed), Work(options.runbooks, options.handled)
        seed(options.data, events=options.n, issues=issues, work=work, rng=rng)
    finally:
        lock.release()


class Work(NamedTuple):
    """What people have done around the events."""

    runbooks: int = 0
    handled: int = 0
    """Events that are handled, at most."""


NO_WORK = Work()


def seed(data: Path, *, events: int, issues: int, work: Work = NO_WORK, rng: random.Random) -> None:
    """Write events into a data folder, oldest first, and say how it goes."""
    migrate_folder(data)
    write_runbooks(data, work.runbooks, now_ms=clock.unix_ms())
    project = create_project(data, "Seed", now_ms=clock.unix_ms(), label="Seed")
    started = time.monotonic()
    made = make_events(events, issues=issues, source=project.sources[0], until=datetime.now(UTC), rng=rng)
    with closing(StateWriter(data / STATE_FILE)) as writer:
        position = writer.position()
        progress = Progress(events)
        while batch := tuple(islice(made, BATCH_EVENTS)):
            writer.write(Batch(after=position, position=position, digested_ms=clock.unix_ms(), events=batch))
            writer.beat(clock.unix_ms())
            progress.add(len(batch))
    if work.handled:
        made_handlings = write_handlings(data, work.handled, events=events, now_ms=clock.unix_ms(), rng=rng)
        say(f"{made_handlings:,} handlings.")
    seconds = time.monotonic() - started
    size_mib = (data / STATE_FILE).stat().st_size / 1024**2
    say(f"{events:,} events of {issues:,} issues in {seconds:.0f} s ({events / seconds:,.0f}/s), {size_mib:,.0f} MiB.")


def make_events(
    events: int, *, issues: int, source: Source, until: datetime, rng: random.Random
) -> Iterator[DigestedEvent]:
    """Yield events in the order of their times; every issue comes at least once."""
    prototypes: dict[int, DigestedEvent] = {}
    for number, issue in enumerate(choose_issues(events, issues, rng)):
        at = until - SPAN * (1 - moment(number / events))
        prototype = prototypes.get(issue)
        if prototype is None:
            prototype = make_prototype(issue, project_id=source.project_id, source_id=source.id, at=at)
            prototypes[issue] = prototype
        yield make_occurrence(prototype, at, rng)


def choose_issues(events: int, issues: int, rng: random.Random) -> Iterator[int]:
    """Yield the issue of each event: the n-th largest has a n-th of the largest one's events, and new ones keep coming."""
    by_rank = list(accumulate(1 / rank for rank in range(1, issues + 1)))
    ranked, firsts = range(issues), rng.sample(range(issues), issues)
    begun = 0
    for number in range(1, events + 1):
        if number * issues // events > begun:
            yield firsts[begun]
            begun += 1
        else:
            yield rng.choices(ranked, cum_weights=by_rank)[0]


def moment(share: float) -> float:
    """Return when the events up to a share of all had come, as a share of the time: days are busier than nights."""
    turn = 2 * math.pi * SPAN.days
    return share - RHYTHM * math.sin(turn * share) / turn


class Progress:
    """Says now and then how far it is."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._started = self._said = time.monotonic()

    def add(self, count: int) -> None:
        self._done += count
        now = time.monotonic()
        if now - self._said < SAY_SECONDS:
            return
        self._said = now
        rate = self._done / (now - self._started)
        left = (self._total - self._done) / rate
        say(f"{self._done:,} of {self._total:,} events, {rate:,.0f}/s, {left:.0f} s left")


def say(sentence: str) -> None:
    """Tell the person at the terminal."""
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
