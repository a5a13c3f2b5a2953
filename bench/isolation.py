"""Do pages hurt intake? The load of the first part once more, beside busy readers and beside a web process that keeps dying."""

import os
import signal
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bench.events import CONCURRENCY, WARM_UP_EVENTS, make_corpus, run_load_process, warm_up
from bench.measure import Results
from bench.numbers import percentile
from bench.processes import find_role
from bench.readers import reading
from bench.server import Server, running_server
from bench.visitor import make_visitor
from mukiau.stores.reader import read_status

READERS = 2
KILL_EVERY_SECONDS = 1.0


def measure_isolation(results: Results, *, events: int) -> None:
    """Measure what intake does while pages are read, and while the web process is killed again and again."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        corpus, first = Path(name) / "events.bin", Path(name) / "warm-up.bin"
        make_corpus(corpus, events)
        make_corpus(first, WARM_UP_EVENTS)
        with running_server() as server:
            warm_up(server, first)
            _beside_readers(results, server, corpus)
        with running_server() as server:
            warm_up(server, first)
            _beside_deaths(results, server, corpus)


def _beside_readers(results: Results, server: Server, corpus: Path) -> None:
    before = read_status(server.folder).events
    paths = pages_of(server)
    with reading(server.port, make_visitor(server.folder), paths, readers=READERS) as seen:
        load = run_load_process(server.dsn, corpus, door="envelope", concurrency=CONCURRENCY)
    _, status = server.wait_until_digested()
    results.add("accepted_readers", load.accepted_per_second)
    results.add("accepted_readers_p99", load.p99_ms)
    results.add("lost_readers", load.accepted - (status.events - before))
    opened = [milliseconds for values in seen.milliseconds.values() for milliseconds in values]
    results.add("readers_pages", len(opened) / load.seconds)
    results.add("readers_p95", percentile(opened, 95))
    if seen.failures:
        results.note(f"{seen.failures} pages failed beside {len(opened)} that were read during the load.")


def _beside_deaths(results: Results, server: Server, corpus: Path) -> None:
    before = read_status(server.folder).events
    with _killing(server) as kills:
        load = run_load_process(server.dsn, corpus, door="envelope", concurrency=CONCURRENCY)
    _, status = server.wait_until_digested()
    results.add("killed_p99", load.p99_ms)
    results.add("killed_lost", load.accepted - (status.events - before))
    results.note(f"The web process was killed {len(kills)} times during {load.seconds:.1f} s of load.")


def pages_of(server: Server) -> tuple[str, ...]:
    """Return the list, a search and the largest issue."""
    with closing(sqlite3.connect(f"file:{server.folder / 'state.sqlite3'}?mode=ro", uri=True)) as state:
        (issue,) = state.execute("SELECT id FROM issue ORDER BY event_count DESC, id LIMIT 1").fetchone()
    return "/issues/", "/issues/?q=error", f"/issues/{issue}/"


@contextmanager
def _killing(server: Server) -> Iterator[list[int]]:
    """Kill the web process every second while the block runs; the supervisor starts it again."""
    stop, killed = threading.Event(), list[int]()

    def kill() -> None:
        while not stop.wait(KILL_EVERY_SECONDS):
            for process in find_role(server.process.pid, "web"):
                os.kill(process, signal.SIGKILL)
                killed.append(process)

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    try:
        yield killed
    finally:
        stop.set()
        thread.join()
