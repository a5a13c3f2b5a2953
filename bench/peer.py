"""Another tracker that takes the same envelopes and installs from the package index alone, measured in the same run.

foxray is installed into a virtual environment of its own, which is deleted afterwards; nothing of it is imported.
"""

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bench.events import CONCURRENCY, make_corpus, run_load_process
from bench.measure import Results
from bench.processes import read_usage
from bench.server import HOST, answers, free_port, stop, wait_until

PACKAGE = "foxray==0.1.2"
SETTLE_SECONDS = 2.0
STALL_SECONDS = 20.0


def measure_peer(results: Results, *, events: int) -> None:
    """Send it so many events, as many at once as to mukiau; it stores while it answers, so both are one figure."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        corpus = folder / "events.bin"
        make_corpus(corpus, events)
        if not (program := _install(folder / "venv")):
            results.note(f"{PACKAGE} could not be installed; it is not in the table.")
            return
        with _running(program, folder / "peer.sqlite3") as (process, dsn):
            time.sleep(SETTLE_SECONDS)
            before = read_usage(process.pid)
            load = run_load_process(dsn, corpus, door="envelope", concurrency=CONCURRENCY)
            stored, seconds = _wait_until_stored(folder / "peer.sqlite3", load.accepted, load.started_at)
            after = read_usage(process.pid)
            results.add("peer_accepted", load.accepted_per_second)
            results.add("peer_p99", load.p99_ms)
            results.add("peer_digested", stored / seconds)
            results.add("peer_issues", _count(folder / "peer.sqlite3", "foxray_issue"))
            results.add("peer_cpu", (after.cpu_seconds - before.cpu_seconds) * 1000 / load.accepted)
            results.add("peer_memory", after.pss_mib)
        size = sum(path.stat().st_size for path in folder.glob("peer.sqlite3*"))
        results.add("peer_disk", size / max(1, stored) / 1024)


def _install(folder: Path) -> Path | None:
    """Return the program, None where it cannot be had."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", PACKAGE]
    done = subprocess.run(pip, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return folder / "bin" / "foxray" if done.returncode == 0 else None


@contextmanager
def _running(program: Path, database: Path) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    port = free_port()
    base = [str(program), "--db", str(database)]
    address = f"http://{HOST}:{port}"
    made = subprocess.run(
        [*base, "create-project", "bench", "--base-url", address], check=True, stdout=subprocess.PIPE, text=True
    )
    process = subprocess.Popen(
        [*base, "serve", "--port", str(port)],
        env={**os.environ, "FOXRAY_RATE_LIMIT_PER_MINUTE": "0"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: answers(port, "/"), "the peer to answer", process)
        yield process, made.stdout.strip().splitlines()[-1]
    finally:
        stop(process)


def _wait_until_stored(database: Path, wanted: int, started_at: float) -> tuple[int, float]:
    """Return how many events it keeps in the end, and the seconds from the first request until the last of them."""
    stored, moved = 0, time.monotonic()
    while stored < wanted and time.monotonic() - moved < STALL_SECONDS:
        if (now := _count(database, "foxray_event")) != stored:
            stored, moved = now, time.monotonic()
        time.sleep(0.05)
    return stored, moved - started_at


def _count(database: Path, table: str) -> int:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
