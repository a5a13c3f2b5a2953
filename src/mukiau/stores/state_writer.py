"""The one writer of events: a batch of digest becomes one transaction of the state file.

Whatever a batch holds (events, counts, remembered records, open streams, the position in the spool) is kept together
or not at all, so a process may die at any moment: the next one starts at the position of the last whole batch. Three
more rules keep every count right:

* An event id that is stored already is a duplicate and changes nothing, however different its content is.
* A log entry that was closed again with more records comes with a higher revision: the stored event is taken out of its
  issue's counts, replaced, and counted where its new fingerprint leads. An issue that loses its last event is dropped.
* A batch names the position it follows. Where the file stands elsewhere, another digester is at work, and the batch is
  refused.

No Django here: its layers cost more per row than everything else together. The statements are kept beside the tables'
models, and a test compares both.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mukiau.core.grouping.explanation import explanation_to_json
from mukiau.digest.batch import Batch, DigestedEvent, SeenRecord, SetAside, StreamState, Written
from mukiau.digest.ports import AnotherDigester, StoreBusy
from mukiau.stores.dictionaries import Dictionaries
from mukiau.stores.event_rows import HOUR_MS, INSERT_EVENT, REPLACE_EVENT, EventRow, Packing, make_row
from mukiau.stores.issue_counts import IssueCounts, StoredEvent, settle_issues, take_back, words_of
from mukiau.stores.payloads import unpack
from mukiau.stores.search import SearchIndex
from mukiau.stores.sqlite import Connection, OperationalError, connect, transaction

_MAX_NAMES_A_QUERY = 500
_DAY_MS = 86_400_000

_INSERT_ISSUE = """
INSERT INTO issue (
  project_id, service, title, subtitle, template, culprit, root_type, root_message, level, logger, language,
  first_seen_ms, last_seen_ms, event_count, first_event_pk, last_event_pk, search_text
) VALUES (
  :project, :service, :title, :subtitle, :template, :culprit, :root_type, :root_message, :level, :logger, :language,
  :occurred_ms, :occurred_ms, 0, 0, 0, :search_text
)
"""
_INSERT_FINGERPRINT = """
INSERT INTO fingerprint (project_id, hash, issue_id, policy_version, explanation, created_ms) VALUES (?, ?, ?, ?, ?, ?)
"""
_FIND_STORED = "SELECT issue_id, occurred_ms, environment, payload, payload_codec FROM event WHERE id = ?"
_ADD_SERVICE = "INSERT INTO service (project_id, name) VALUES (?, ?) ON CONFLICT DO NOTHING"
_ADD_ENVIRONMENT = "INSERT INTO environment (project_id, name) VALUES (?, ?) ON CONFLICT DO NOTHING"
_ADD_SEEN = "INSERT INTO seen_record (day, hash) VALUES (?, ?) ON CONFLICT DO NOTHING"
_MARK_DAY = (
    "INSERT INTO seen_day (day, written_ms) VALUES (?, ?) ON CONFLICT DO UPDATE SET written_ms = excluded.written_ms"
)
_SAVE_STREAM = """
INSERT INTO stream_state (project_id, stream_key, state, is_open, updated_ms) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET state = excluded.state, is_open = excluded.is_open, updated_ms = excluded.updated_ms
"""
_FORGET_STREAM = "DELETE FROM stream_state WHERE project_id = ? AND stream_key = ?"
_COUNT = """
INSERT INTO digest_counter (name, reason, count) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count
"""
_SET_ASIDE = """
INSERT INTO set_aside (position, kind, project_id, source_id, received_ms, encoding, event_id, body, reason)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
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
            for names in _chunks(hashes)
            for row in self._connection.execute(
                f"SELECT hash FROM seen_record WHERE day = ? AND hash IN ({_marks(names)})",  # noqa: S608
                (day, *names),
            )
        )

    def write(self, batch: Batch) -> Written:
        """Keep all of the batch in one transaction; see the port for what it raises."""
        # A clock that is set back must not make what comes now old: retention goes by this stamp.
        digested_ms = max(batch.digested_ms, batch.steady_ms)
        rows = [
            make_row(digested, self._packing, digested_ms=digested_ms) for digested in _latest_revisions(batch.events)
        ]
        with _busy_or_done(), transaction(self._connection) as connection:
            return _write_all(connection, batch, rows)

    def steady_ms(self) -> int:
        """Return the steady clock at the last heartbeat; 0 before the first."""
        return int(
            self._connection.execute("SELECT iif(steady_ms, steady_ms, heartbeat_ms) FROM digest_state").fetchone()[0]
        )

    def beat(self, now_ms: int, *, steady_ms: int = 0) -> None:
        """Say that digest is alive; now and then learn what the payloads have in common."""
        with _busy_or_done():
            self._connection.execute(
                "UPDATE digest_state SET heartbeat_ms = ?, steady_ms = ? WHERE id = 1", (now_ms, steady_ms)
            )
            learned = self._dictionaries.learn(now_ms)
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


def _write_all(connection: Connection, batch: Batch, rows: Sequence[EventRow]) -> Written:
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
    written = _EventWriter(connection, batch.digested_ms).write(rows)
    _write_registries(connection, rows)
    _write_memory(connection, batch)
    _count(connection, batch, duplicates=len(batch.events) - written.new_events - written.replaced_events)
    _write_set_aside(connection, batch)
    return written


class _EventWriter:
    """Stores the events of one batch and counts them."""

    def __init__(self, connection: Connection, now_ms: int) -> None:
        self._connection = connection
        self._now_ms = now_ms
        self._counts = IssueCounts()
        self._taken_back: list[StoredEvent] = []
        self._new_issues = 0

    def write(self, rows: Sequence[EventRow]) -> Written:
        stored = self._find_stored(rows)
        kept = [row for row in rows if _is_news(row, stored.get((row.project_id, row.event_id)))]
        places = self._find_places(kept)
        for row in kept:
            place = places.get(_group(row)) or self._make_issue(row)
            places[_group(row)] = place
            self._store(row, place, stored.get((row.project_id, row.event_id)))
        self._counts.write(self._connection)
        settle_issues(self._connection, self._taken_back)
        replaced = len(self._taken_back)
        new = len(kept) - replaced
        return Written(
            new_events=new,
            replaced_events=replaced,
            duplicates=len(rows) - len(kept),
            new_issues=self._new_issues,
        )

    def _find_stored(self, rows: Sequence[EventRow]) -> dict[tuple[int, str], tuple[int, int]]:
        """(project, event id) → (pk, revision) of the events that are stored already."""
        found = {}
        for project, ids in _by_project((row.project_id, row.event_id) for row in rows):
            for names in _chunks(ids):
                query = (
                    f"SELECT event_id, id, revision FROM event WHERE project_id = ? AND event_id IN ({_marks(names)})"  # noqa: S608
                )
                for event_id, pk, revision in self._connection.execute(query, (project, *names)):
                    found[project, event_id] = (pk, revision)
        return found

    def _find_places(self, rows: Sequence[EventRow]) -> dict[tuple[int, str], tuple[int, int]]:
        """(project, fingerprint hash) → (issue id, fingerprint id) of the fingerprints that are known."""
        found = {}
        for project, hashes in _by_project(_group(row) for row in rows):
            for names in _chunks(hashes):
                query = f"SELECT hash, issue_id, id FROM fingerprint WHERE project_id = ? AND hash IN ({_marks(names)})"  # noqa: S608
                for group_hash, issue, fingerprint in self._connection.execute(query, (project, *names)):
                    found[project, group_hash] = (issue, fingerprint)
        return found

    def _make_issue(self, row: EventRow) -> tuple[int, int]:
        words = words_of(row)
        text = _search_text(row)
        values = {**words, "project": row.project_id, "occurred_ms": row.occurred_ms, "search_text": text}
        issue = _last_id(self._connection.execute(_INSERT_ISSUE, values).lastrowid)
        SearchIndex(self._connection).put(issue, text)
        fingerprint = row.digested.fingerprint
        explanation = json.dumps(explanation_to_json(fingerprint.explanation), ensure_ascii=False)
        inserted = self._connection.execute(
            _INSERT_FINGERPRINT,
            (row.project_id, fingerprint.hash, issue, fingerprint.policy_version, explanation, self._now_ms),
        )
        self._new_issues += 1
        return issue, _last_id(inserted.lastrowid)

    def _store(self, row: EventRow, place: tuple[int, int], stored: tuple[int, int] | None) -> None:
        if stored is None:
            event_pk = _last_id(self._connection.execute(INSERT_EVENT, (*row.values, *place)).lastrowid)
        else:
            event_pk = stored[0]
            self._take_back(event_pk)
            self._connection.execute(REPLACE_EVENT, (*row.values, *place, event_pk))
        self._counts.add(row, issue_id=place[0], event_pk=event_pk)

    def _take_back(self, event_pk: int) -> None:
        issue, occurred_ms, environment, payload, payload_codec = self._connection.execute(
            _FIND_STORED, (event_pk,)
        ).fetchone()
        tags = tuple(
            (key, value)
            for key, value in unpack(payload, payload_codec, Dictionaries(self._connection).find).get("tags", ())
        )
        stored = StoredEvent(issue, occurred_ms // HOUR_MS, environment, tags)
        take_back(self._connection, stored)
        self._taken_back.append(stored)


def _is_news(row: EventRow, stored: tuple[int, int] | None) -> bool:
    return stored is None or row.digested.revision > stored[1]


def _group(row: EventRow) -> tuple[int, str]:
    return row.project_id, row.digested.fingerprint.hash


def _latest_revisions(events: Sequence[DigestedEvent]) -> list[DigestedEvent]:
    """Keep one event of each id: of equal revisions the first, else the highest, at the place of the first."""
    latest: dict[tuple[int, str], DigestedEvent] = {}
    for digested in events:
        key = (digested.event.origin.project_id, digested.event.event_id)
        known = latest.get(key)
        if known is None or digested.revision > known.revision:
            latest[key] = digested
    return list(latest.values())


def _search_text(row: EventRow) -> str:
    event, title = row.digested.event, row.digested.title
    types = (link.type for link in event.exceptions)
    words = (title.title, title.subtitle, title.template, title.culprit, row.service, event.logger, *types)
    return "\n".join(dict.fromkeys(word for word in words if word))


def _write_registries(connection: Connection, rows: Sequence[EventRow]) -> None:
    services = {(row.project_id, row.service) for row in rows if row.service}
    environments = {(row.project_id, row.environment) for row in rows if row.environment}
    connection.executemany(_ADD_SERVICE, sorted(services))
    connection.executemany(_ADD_ENVIRONMENT, sorted(environments))


def _write_memory(connection: Connection, batch: Batch) -> None:
    """Remember the records that were seen and the streams as they stand now."""
    # Sorted, so that a day's B-tree is walked once from left to right.
    connection.executemany(_ADD_SEEN, sorted((record.day, record.hash) for record in batch.seen))
    connection.executemany(
        _MARK_DAY,
        [(day, batch.steady_ms or batch.digested_ms) for day in sorted({record.day for record in batch.seen})],
    )
    connection.executemany(
        _SAVE_STREAM,
        [(s.project_id, s.stream_key, s.state, s.is_open, batch.digested_ms) for s in batch.streams if s.state],
    )
    connection.executemany(_FORGET_STREAM, [(s.project_id, s.stream_key) for s in batch.streams if not s.state])


def _count(connection: Connection, batch: Batch, *, duplicates: int) -> None:
    counts = dict(batch.counters)
    if duplicates:
        counts["duplicate", "event_id"] = counts.get(("duplicate", "event_id"), 0) + duplicates
    connection.executemany(_COUNT, [(*key, count) for key, count in sorted(counts.items())])


def _write_set_aside(connection: Connection, batch: Batch) -> None:
    connection.executemany(
        _SET_ASIDE,
        [
            (s.position, s.kind, s.project_id, s.source_id, s.received_ms, s.encoding, s.event_id, s.body, s.reason)
            for s in batch.set_aside
        ],
    )
    connection.executemany("DELETE FROM set_aside WHERE id = ?", [(row_id,) for row_id in batch.replayed])


def _by_project(pairs: Iterator[tuple[int, str]]) -> list[tuple[int, list[str]]]:
    projects: dict[int, dict[str, None]] = defaultdict(dict)
    for project, name in pairs:
        projects[project][name] = None
    return [(project, list(names)) for project, names in projects.items()]


def _chunks(names: Sequence[int] | Sequence[str]) -> Iterator[Sequence[int] | Sequence[str]]:
    for start in range(0, len(names), _MAX_NAMES_A_QUERY):
        yield names[start : start + _MAX_NAMES_A_QUERY]


def _marks(names: Sequence[object]) -> str:
    return ",".join("?" * len(names))


def _last_id(row_id: int | None) -> int:
    assert row_id is not None  # every insert of this module inserts one row
    return row_id
