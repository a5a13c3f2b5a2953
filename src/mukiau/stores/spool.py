"""The spool: a SQLite file of its own between the door and digest.

An answer of 200 means the body is on disk. One fsync costs milliseconds, so requests share it: the event loop puts
items on a queue; one writer thread takes all that wait, inserts them in one transaction (`synchronous=FULL`) and then
wakes all their waiters at once. While a commit syncs, the next batch gathers; the batch size follows the load by itself.

Only the intake process writes this file. Digest reads it and commits its position in the state file; intake trims what
lies at or before that position, a few rows inside each commit that happens anyway, so that trimming costs no fsync and
never holds the line. (A digester that deletes here itself took the door's 99th percentile from 23 to 187 ms.)

Positions are contiguous and never used twice, also after trimming: a failed batch takes none, and AUTOINCREMENT's
`sqlite_sequence` remembers the highest one across restarts. Only where the file itself was lost a gap is left.

A file that is moved or deleted under the writer's hands would go on taking what nobody finds any more; so each commit
looks first whether the name still leads to it. A writer that cannot go on refuses everything, and its process ends.

Counters in the same file, by (name, reason): `accepted` by kind of item, `accepted_records`, `refused`, `dropped` and
`rejected_records` by reason. `accepted` is written in the same transaction as the items it counts.
"""

import asyncio
import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

from mukiau.intake.ports import Settle, SpoolFull, SpoolItem
from mukiau.stores import sqlite
from mukiau.stores.sizes import read_disk, used_bytes
from mukiau.stores.spool_reader import file_identity, read_last_position

# One commit writes at most this; more waiters than that share the next commit. 512 events of 6 KB are 3 MB.
MAX_COMMIT_ITEMS = 512
MAX_COMMIT_BYTES = 8 * 1024**2
# Never less is left on the disk: a commit of the largest batch, once in the log and once in the file.
MIN_FREE_BYTES = 2 * MAX_COMMIT_BYTES
# Under load (the last commit took more than so many items) commits begin at least so far apart, the further the more there
# were: a third less CPU per event than committing whatever waits, because each commit costs the event loop some turns of the
# interpreter's lock. What a commit itself takes counts, so a slow disk is not waited for twice.
APART_FROM_ITEMS = 4
APART_SECONDS_AN_ITEM = 0.0003
MAX_APART_SECONDS = 0.006
# Rows trimmed inside one commit: at least so many, and twice what the commit brings, so that trimming catches up.
TRIM_STEP_ITEMS = 64
# Left free behind digest's position when the file was lost: digest may still be reading what it had seen of the old one.
GAP_AFTER_LOSS = 1_000
# A counter that changes while nothing is accepted is saved after this long.
IDLE_SECONDS = 0.25
TRIMMING_IDLE_SECONDS = 0.005

# How full the file is, is measured exactly after so many bytes, or so much time.
MEASURE_BYTES = 512 * 1024
MEASURE_SECONDS = 0.25

_SCHEMA = """
CREATE TABLE IF NOT EXISTS item (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  project_id INTEGER NOT NULL,
  source_id INTEGER NOT NULL,
  received_ms INTEGER NOT NULL,
  encoding TEXT NOT NULL,
  event_id TEXT NOT NULL,
  body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS counter (
  name TEXT NOT NULL,
  reason TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (name, reason)
) WITHOUT ROWID;
"""
_INSERT = "INSERT INTO item VALUES "
_ROW = "(?, ?, ?, ?, ?, ?, ?, ?)"
# Rows of one INSERT. One statement for many rows, because each statement hands the interpreter's lock over to the event
# loop and back; the number of different texts stays below what sqlite3 keeps prepared (128).
_INSERT_ROWS = 64
_COUNT = "INSERT INTO counter VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count"


log = logging.getLogger(__name__)


class _Waiting(NamedTuple):
    item: SpoolItem
    settle: Settle
    loop: asyncio.AbstractEventLoop


class SpoolWriter:
    """The one writer of a spool file; `append` from one event loop, the commits in a thread of its own."""

    def __init__(self, path: Path, *, max_bytes: int, min_free_bytes: int = 0) -> None:
        """Beyond `max_bytes` of items, and with less than `min_free_bytes` left on the disk, nothing is taken."""
        self._path = path
        self._max_bytes = max_bytes
        self._min_free_bytes = max(min_free_bytes, MIN_FREE_BYTES)
        self._is_disk_low = False
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._counts_lock = threading.Lock()
        self._queued_bytes = 0  # touched by the event loop only
        self._used_bytes = self._unmeasured_bytes = 0
        self._measure_due = 0.0
        self._first = self._last = 0
        self._file: tuple[int, int] | None = None
        self._trim_to = 0
        self._is_open = False
        self._last_batch = 0
        self._began = 0.0
        self._thread = threading.Thread(target=self._run, name="spool-writer")

    def open(self, *, after: int = 0) -> None:
        """Create the file where there is none and start the writer thread; raises sqlite.Error when it cannot.

        `after` is digest's position: where the spool file was lost, a new one goes on behind it, for digest would take
        lower positions for digested.
        """
        with closing(sqlite.connect(self._path, synchronous="FULL")) as connection:
            connection.executescript(_SCHEMA)
            last = read_last_position(connection)
            self._last = last if last >= after else after + GAP_AFTER_LOSS
            self._first = connection.execute("SELECT min(position) FROM item").fetchone()[0] or self._last + 1
            self._used_bytes = used_bytes(connection)
        self._look_at_disk()
        self._file = file_identity(self._path)
        self._is_open = True
        self._thread.start()

    @property
    def is_open(self) -> bool:
        """Whether items are taken; once it is False after `open`, it stays so."""
        return self._is_open

    @property
    def is_disk_low(self) -> bool:
        """Whether nothing is taken because the disk has too little left; it is looked at several times a second."""
        return self._is_disk_low

    @property
    def used_bytes(self) -> int:
        """Bytes that committed items take, of the `max_bytes` allowed."""
        return self._used_bytes

    def close(self) -> None:
        """Commit what waits and stop the thread."""
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    async def append(self, item: SpoolItem) -> int:
        """Keep the item; return its position once it is on disk. Raises SpoolFull when it will not be kept."""
        position: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.put(item, partial(_resolve, position))
        return await position

    def put(self, item: SpoolItem, settle: Settle) -> None:
        """Begin to keep the item; `settle` is told in the event loop what became of it. Raises SpoolFull at once."""
        size = len(item.body)
        if not self._is_open:
            raise SpoolFull("spool_failed")
        if self._is_disk_low:
            raise SpoolFull("disk_full")
        if self._used_bytes + self._queued_bytes + size > self._max_bytes:
            raise SpoolFull("spool_full")
        self._queued_bytes += size
        self._queue.put(_Waiting(item, settle, asyncio.get_running_loop()))

    def count(self, name: str, reason: str, quantity: int = 1) -> None:
        """Add to a counter; it is saved with the next commit."""
        with self._counts_lock:
            self._counts[name, reason] += quantity

    def trim(self, position: int) -> None:
        """Let items up to and including this position be deleted; the deleting follows in small steps."""
        self._trim_to = max(self._trim_to, min(position, self._last))

    # Everything below runs in the writer thread.

    def _run(self) -> None:
        with closing(sqlite.connect(self._path, synchronous="FULL")) as connection:
            try:
                while self._turn(connection):
                    pass
            finally:
                self._is_open = False
                self._settle(_drain(self._queue), SpoolFull("spool_failed"))

    def _is_there(self) -> bool:
        if file_identity(self._path) == self._file:
            return True
        log.error("The spool file %s is not the one that was opened; it was moved, deleted or replaced.", self._path)
        return False

    def _turn(self, connection: sqlite.Connection) -> bool:
        """Commit one batch, or do the housekeeping of an idle moment; False when the writer was closed."""
        self._wait_for_more()
        try:
            first = self._queue.get(timeout=TRIMMING_IDLE_SECONDS if self._has_trimming() else IDLE_SECONDS)
        except queue.Empty:
            self._last_batch = 0  # who comes next is alone, and has nobody to wait for
            self._commit(connection, [])
            self._look_at_disk()
            return self._is_there()
        self._began = time.monotonic()
        batch, is_closing = _gather(first, self._queue)
        self._last_batch = len(batch)
        if not self._is_there():
            self._settle(batch, SpoolFull("spool_failed"))
            return False
        self._commit(connection, batch)
        return not is_closing

    def _wait_for_more(self) -> None:
        """Keep the distance. Not by waiting for the first item: whoever waits is woken, at the cost of the event loop."""
        apart = min(MAX_APART_SECONDS, self._last_batch * APART_SECONDS_AN_ITEM)
        wait = self._began + apart - time.monotonic()
        if wait > 0 and self._last_batch > APART_FROM_ITEMS:
            time.sleep(wait)

    def _commit(self, connection: sqlite.Connection, batch: Sequence[_Waiting]) -> None:
        counts = self._take_counts(batch)
        trimmed_to = self._trim_target(len(batch))
        if not batch and not counts and trimmed_to < self._first:
            return
        first_position = self._last + 1
        try:
            with sqlite.transaction(connection):
                for start in range(0, len(batch), _INSERT_ROWS):
                    _insert(connection, batch[start : start + _INSERT_ROWS], first_position + start)
                connection.executemany(_COUNT, [(*key, quantity) for key, quantity in counts.items()])
                if trimmed_to >= self._first:
                    connection.execute("DELETE FROM item WHERE position <= ?", (trimmed_to,))
        except sqlite.Error as error:
            self._give_back(counts - _accepted(batch))
            self._settle(batch, SpoolFull(_refusal_reason(error)))
            return
        self._last += len(batch)
        self._first = max(self._first, trimmed_to + 1)
        self._settle(batch, first_position)
        self._measure(connection, sum(len(waiting.item.body) for waiting in batch))

    def _settle(self, batch: Sequence[_Waiting], outcome: int | SpoolFull) -> None:
        """Tell all of a batch, by one call into their event loop; an integer is the first one's position."""
        if batch and not batch[0].loop.is_closed():
            batch[0].loop.call_soon_threadsafe(self._tell, batch, outcome)

    def _tell(self, batch: Sequence[_Waiting], outcome: int | SpoolFull) -> None:
        for offset, (item, settle, loop) in enumerate(batch):
            self._queued_bytes -= len(item.body)
            # Each by itself: what one of them raises must not reach the others.
            loop.call_soon(settle, outcome + offset if isinstance(outcome, int) else outcome)

    def _measure(self, connection: sqlite.Connection, added_bytes: int) -> None:
        """Know how full the file is: by adding up, and exactly now and then."""
        self._used_bytes += added_bytes
        self._unmeasured_bytes += added_bytes
        now = time.monotonic()
        if not added_bytes or self._unmeasured_bytes >= MEASURE_BYTES or now >= self._measure_due:
            with suppress(sqlite.Error):  # then the sum has to do
                self._used_bytes = used_bytes(connection)
            self._look_at_disk()
            self._unmeasured_bytes = 0
            self._measure_due = now + MEASURE_SECONDS

    def _look_at_disk(self) -> None:
        """Refuse in time: a disk that is really full stops digest, the pages and the trimming of this file as well."""
        with suppress(OSError):
            is_low = read_disk(self._path.parent)[0] < self._min_free_bytes
            if is_low != self._is_disk_low:
                log.warning("The disk is nearly full: nothing is accepted." if is_low else "The disk has room again.")
            self._is_disk_low = is_low

    def _has_trimming(self) -> bool:
        return self._trim_to >= self._first

    def _trim_target(self, batch_size: int) -> int:
        return min(self._trim_to, self._first + max(TRIM_STEP_ITEMS, 2 * batch_size) - 1)

    def _take_counts(self, batch: Sequence[_Waiting]) -> Counter[tuple[str, str]]:
        with self._counts_lock:
            counts, self._counts = self._counts, Counter()
        return counts + _accepted(batch)

    def _give_back(self, counts: Counter[tuple[str, str]]) -> None:
        """Keep the counts of a failed commit for the next one."""
        with self._counts_lock:
            self._counts += counts


def _accepted(batch: Sequence[_Waiting]) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    for waiting in batch:
        counts["accepted", waiting.item.kind.value] += 1
        if waiting.item.record_count:
            counts["accepted_records", ""] += waiting.item.record_count
    return counts


def _gather(first: _Waiting | None, waiting: "queue.SimpleQueue[_Waiting | None]") -> tuple[list[_Waiting], bool]:
    """Take all that waits, up to the size of one commit; the second value says that the writer is to stop."""
    batch: list[_Waiting] = []
    size = 0
    current = first
    while current is not None:
        batch.append(current)
        size += len(current.item.body)
        if len(batch) >= MAX_COMMIT_ITEMS or size >= MAX_COMMIT_BYTES:
            return batch, False
        try:
            current = waiting.get_nowait()
        except queue.Empty:
            return batch, False
    return batch, True


def _drain(waiting: "queue.SimpleQueue[_Waiting | None]") -> list[_Waiting]:
    drained = []
    while not waiting.empty():
        if (current := waiting.get()) is not None:
            drained.append(current)
    return drained


def _insert(connection: sqlite.Connection, batch: Sequence[_Waiting], first_position: int) -> None:
    values: list[object] = []
    for position, waiting in enumerate(batch, first_position):
        i = waiting.item
        values += (position, i.kind.value, i.project_id, i.source_id, i.received_ms, i.encoding, i.event_id, i.body)
    connection.execute(_INSERT + ", ".join([_ROW] * len(batch)), values)


def _resolve(position: "asyncio.Future[int]", outcome: int | SpoolFull) -> None:
    if position.done():  # its client has gone
        return
    if isinstance(outcome, int):
        position.set_result(outcome)
    else:
        position.set_exception(outcome)


def _refusal_reason(error: sqlite.Error) -> str:
    return "disk_full" if "full" in str(error) else "spool_failed"
