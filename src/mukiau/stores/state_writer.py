"""The one writer of events: a batch of digest becomes one transaction of the state file.

Whatever a batch holds (events, counts, remembered records, open streams, the position in the spool) is kept together
or not at all, so a process may die at any moment: the next one starts at the position of the last whole batch. Three
more rules keep every count right:

* An event id that is stored already is a duplicate and changes nothing, however different its content is.
* A log entry that was closed again with more records comes with a higher revision: the stored event is taken out of the
  counts, replaced, and counted for its new fingerprint. A fingerprint that loses its last event is dropped, and an issue
  that loses its last fingerprint, too.
* A batch names the position it follows. Where the file stands elsewhere, another digester is at work, and the batch is
  refused.

No Django here: its layers cost more per row than everything else together. The statements are kept beside the tables'
models, and a test compares both.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mukiau.digest.batch import Batch, SeenRecord, SetAside, StreamState, Written
from mukiau.digest.policies import GroupedBy
from mukiau.digest.ports import AnotherDigester, PolicyChanged, StoreBusy
from mukiau.stores.batch_memory import count_up, write_memory, write_registries, write_set_aside
from mukiau.stores.dictionaries import Dictionaries
from mukiau.stores.event_rows import EventRow, Packing, make_row
from mukiau.stores.event_writer import EventWriter, latest_revisions
from mukiau.stores.lab.policies import read_grouped_by, read_stamp
from mukiau.stores.many import chunks, marks
from mukiau.stores.places import write_places
from mukiau.stores.sqlite import Connection, OperationalError, connect, transaction
from mukiau.stores.work.matching import PublishedRules, continue_matching
from mukiau.stores.work.observing import wake_due

_LOAD_REQUESTED = """
SELECT id, position, kind, project_id, source_id, received_ms, encoding, event_id, body, reason
FROM set_aside WHERE is_requested ORDER BY id LIMIT ?
"""
_SET_ASIDE_COLUMNS = (
    "position",
    "kind",
    "project_id",
    "source_id",
    "received_ms",
    "encoding",
    "event_id",
    "body",
    "reason",
)
_ADVANCE = """
UPDATE digest_state SET position = ?, records_done = ?, heartbeat_ms = ?, digested_items = digested_items + ?
WHERE id = 1 AND position = ? AND records_done = ?
"""

_COUNT_TRIAL = """
INSERT INTO digest_trial (what, position, records_done, count) VALUES (?, ?, ?, 1)
ON CONFLICT DO UPDATE SET
  count = iif((position, records_done) = (excluded.position, excluded.records_done), count + 1, 1),
  position = excluded.position, records_done = excluded.records_done
RETURNING count
"""


class StateWriter:
    """Writes batches into a state file; one connection, one thread."""

    def __init__(self, path: Path, packing: Packing | None = None) -> None:
        """`packing` is told which dictionary is in use: events may be packed by it before they come here."""
        self._connection = connect(path)
        self._dictionaries = Dictionaries(self._connection)
        self._packing = packing or Packing()
        self._packing.use(self._dictionaries.latest())
        self._rules = PublishedRules()

    def close(self) -> None:
        self._connection.close()

    def position(self) -> int:
        """Return the position of the last spool item that is digested."""
        return int(self._connection.execute("SELECT position FROM digest_state WHERE id = 1").fetchone()[0])

    def records_done(self) -> int:
        """Return how many records of the item behind that position are digested, too."""
        return int(self._connection.execute("SELECT records_done FROM digest_state WHERE id = 1").fetchone()[0])

    def count_trial(self, what: str, position: int, records_done: int) -> int:
        """Note that something is tried at this point; return how many times in a row it was this point."""
        return int(self._connection.execute(_COUNT_TRIAL, (what, position, records_done)).fetchone()[0])

    def load_policies(self) -> GroupedBy:
        """Return what events are to be grouped by now."""
        return read_grouped_by(self._connection)

    def load_streams(self) -> Sequence[StreamState]:
        """Return every stream that was saved."""
        rows = self._connection.execute(
            "SELECT project_id, stream_key, state, is_open FROM stream_state ORDER BY project_id, stream_key"
        )
        return [StreamState(project_id=r[0], stream_key=r[1], state=r[2], is_open=bool(r[3])) for r in rows]

    def load_requested(self, *, max_items: int) -> Sequence[tuple[int, SetAside]]:
        """Return items set aside that somebody asked to digest again, each with its id, oldest first."""
        rows = self._connection.execute(_LOAD_REQUESTED, (max_items,))
        return [(row[0], SetAside(**dict(zip(_SET_ASIDE_COLUMNS, row[1:], strict=True)))) for row in rows]

    def find_seen(self, records: Collection[SeenRecord]) -> frozenset[SeenRecord]:
        """Return those of the records that are remembered."""
        days: dict[int, list[int]] = defaultdict(list)
        for record in records:
            days[record.day].append(record.hash)
        return frozenset(
            SeenRecord(day, row[0])
            for day, hashes in days.items()
            for names in chunks(hashes)
            for row in self._connection.execute(
                f"SELECT hash FROM seen_record WHERE day = ? AND hash IN ({marks(names)})",  # noqa: S608
                (day, *names),
            )
        )

    def write(self, batch: Batch) -> Written:
        """Keep all of the batch in one transaction; see the port for what it raises."""
        # A clock that is set back must not make what comes now old: retention goes by this stamp.
        digested_ms = max(batch.digested_ms, batch.steady_ms)
        rows = [
            make_row(digested, self._packing, digested_ms=digested_ms) for digested in latest_revisions(batch.events)
        ]
        with _busy_or_done(), transaction(self._connection) as connection:
            return _write_all(connection, batch, rows, self._rules)

    def steady_ms(self) -> int:
        """Return the steady clock at the last heartbeat; 0 before the first."""
        return int(
            self._connection.execute("SELECT iif(steady_ms, steady_ms, heartbeat_ms) FROM digest_state").fetchone()[0]
        )

    def beat(self, now_ms: int, *, steady_ms: int = 0) -> None:
        """Say that digest is alive, wake what is due and match what is left to; now and then learn from the payloads."""
        with _busy_or_done():
            with transaction(self._connection):
                self._connection.execute(
                    "UPDATE digest_state SET heartbeat_ms = ?, steady_ms = ? WHERE id = 1", (now_ms, steady_ms)
                )
                wake_due(self._connection, now_ms)
            learned = self._dictionaries.learn(now_ms)
            continue_matching(self._connection)
        if learned:
            self._packing.use(learned)

    def prune_seen(self, before_ms: int, *, max_rows: int) -> int:
        """Forget at most `max_rows` records of days that were last written before a time; return how many."""
        with _busy_or_done(), transaction(self._connection) as connection:
            day = connection.execute(
                "SELECT day FROM seen_day WHERE written_ms < ? ORDER BY day LIMIT 1", (before_ms,)
            ).fetchone()
            if day is None:
                return 0
            hashes = connection.execute(
                "SELECT hash FROM seen_record WHERE day = ? LIMIT ?", (*day, max_rows)
            ).fetchall()
            connection.executemany(
                "DELETE FROM seen_record WHERE day = ? AND hash = ?", [(*day, *row) for row in hashes]
            )
            if len(hashes) < max_rows:
                connection.execute("DELETE FROM seen_day WHERE day = ?", day)
            return max(1, len(hashes))


@contextmanager
def _busy_or_done() -> Iterator[None]:
    """Tell a lock held too long and a full disk, which pass, from faults."""
    try:
        yield
    except OperationalError as error:
        raise StoreBusy(f"The state file cannot be written now: {error}.") from error


def _write_all(connection: Connection, batch: Batch, rows: Sequence[EventRow], rules: PublishedRules) -> Written:
    advance = (
        batch.position,
        batch.records,
        batch.digested_ms,
        batch.item_count,
        batch.after,
        batch.after_records,
    )
    if not connection.execute(_ADVANCE, advance).rowcount:
        raise AnotherDigester(f"The state does not stand at {batch.after}, where this digester had left it.")
    if read_stamp(connection) != batch.policies_stamp:
        raise PolicyChanged("The grouping policy has changed; what was digested by the one before is digested again.")
    writer = EventWriter(connection, batch.digested_ms, rules)
    written = writer.write(rows)
    write_registries(connection, rows)
    write_places(connection, batch.arrived, rows, kept=writer.kept)
    write_memory(connection, batch)
    count_up(connection, batch, duplicates=len(batch.events) - written.new_events - written.replaced_events)
    write_set_aside(connection, batch)
    return written
