"""How long pages take where a million events are: alone, and while a thousand events arrive every second."""

import random
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bench.events import make_corpus
from bench.measure import Results
from bench.numbers import percentile
from bench.readers import Readings, read_rounds
from bench.seed.__main__ import Work, seed
from bench.server import Server, running_server
from bench.visitor import make_visitor
from mukiau.stores.reader import read_status
from mukiau.stores.schema import STATE_FILE

EVENTS_AN_ISSUE = 100
EVENTS_A_RUNBOOK = 2_000
EVENTS_A_HANDLING = 10
ROUNDS = 40
BUSY_ROUNDS = 8
"""So many are done before the events end."""
ISSUES_OPENED = 10
ARRIVING_PER_SECOND = 1_000
ARRIVING_SECONDS = 40
WORDS = ("timeout", "決済", "connection refused", "null")
"""Searched for; what the seed writes has some of them often and some never."""


def measure_pages(results: Results, *, events: int, folder: Path | None = None) -> None:
    """Measure the list, searches and issue pages of a folder with so many events, made unless it is given."""
    with seeded_folder(folder, events) as data, running_server(data) as server:
        kept = read_status(data)
        results.note(f"Pages: {kept.events:,} events in {kept.issues:,} issues.")
        cookie, pages = make_visitor(data), _pages(data)
        _warm(server, cookie, pages)
        _add(results, pages, read_rounds(server.port, cookie, _all(pages), rounds=ROUNDS), "")
        with _arriving(server, results):
            _add(results, pages, read_rounds(server.port, cookie, _all(pages), rounds=BUSY_ROUNDS), "_busy")


@contextmanager
def seeded_folder(folder: Path | None, events: int) -> Iterator[Path]:
    """Give the folder, or one made for the while with so many events."""
    if folder is not None:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        data = Path(name) / "data"
        work = Work(runbooks=max(1, events // EVENTS_A_RUNBOOK), handled=events // EVENTS_A_HANDLING)
        seed(data, events=events, issues=max(1, events // EVENTS_AN_ISSUE), work=work, rng=random.Random(1))
        yield data


def _pages(data: Path) -> dict[str, list[str]]:
    """Return addresses by kind: lists in different orders, searches, and issues from the largest to small ones."""
    with closing(sqlite3.connect(f"file:{data / STATE_FILE}?mode=ro", uri=True)) as state:
        ids = [row[0] for row in state.execute("SELECT id FROM issue ORDER BY event_count DESC, id")]
        handling = state.execute("SELECT coalesce(max(id), 0) FROM handling").fetchone()[0]
        runbook = state.execute("SELECT coalesce(max(code), '') FROM runbook").fetchone()[0]
    step = max(1, len(ids) // ISSUES_OPENED)
    chosen = ids[::step][:ISSUES_OPENED]
    work = {
        "inbox": ["/inbox/", "/inbox/?view=all", "/inbox/?view=mine", "/inbox/?view=all&purpose=production"],
        "preview": [f"/inbox/{issue}/" for issue in chosen],
        "handlings": ["/handlings/", "/handlings/?by=issue", "/handlings/?view=closed"],
        "matrix": ["/matrix/"],
        "runbooks": ["/runbooks/", f"/runbooks/find/?q={_quoted('connection refused')}"],
    }
    if handling:
        work["handling"] = [f"/handlings/{handling}/"]
    if runbook:
        work["runbook"] = [f"/runbooks/{runbook}/"]
    return work | {
        "list": ["/issues/", "/issues/?sort=count", "/issues/?level=error"],
        "search": [f"/issues/?q={_quoted(word)}" for word in WORDS],
        "issue": [f"/issues/{issue}/" for issue in chosen],
    }


def _quoted(word: str) -> str:
    return "".join(f"%{byte:02X}" for byte in word.encode())


def _all(pages: dict[str, list[str]]) -> list[str]:
    return [path for paths in pages.values() for path in paths]


def _warm(server: Server, cookie: str, pages: dict[str, list[str]]) -> None:
    """Open every page twice: the first reader of a new process waits for what it loads."""
    if failures := read_rounds(server.port, cookie, _all(pages), rounds=2).failures:
        raise RuntimeError(f"{failures} pages cannot be opened.")


def _add(results: Results, pages: dict[str, list[str]], seen: Readings, ending: str) -> None:
    for kind, paths in pages.items():
        values = [milliseconds for path in paths for milliseconds in seen.milliseconds[path]]
        results.add(f"page_{kind}{ending}", percentile(values, 95))
    if seen.failures:
        results.note(f"{seen.failures} pages failed.")


@contextmanager
def _arriving(server: Server, results: Results) -> Iterator[None]:
    """Have events arrive on a timetable while the block runs; say so when they ended before it."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        corpus = Path(name) / "events.bin"
        make_corpus(corpus, ARRIVING_PER_SECOND * ARRIVING_SECONDS)
        command = [sys.executable, "-m", "bench.load", "--dsn", server.dsn, "--corpus", str(corpus)]
        load = subprocess.Popen([*command, "-c", "32", "--rate", str(ARRIVING_PER_SECOND)], stdout=subprocess.DEVNULL)
        try:
            yield
            if load.poll() is not None:
                results.note("Events had stopped arriving before the last page was read.")
        finally:
            load.terminate()
            load.wait()
