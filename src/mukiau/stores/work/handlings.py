"""Opening handlings and joining open ones, exactly once for each occurrence."""

from collections.abc import Collection
from dataclasses import dataclass, field

from mukiau.stores.sqlite import Connection
from mukiau.work.handling import Kind

IS_OPEN = "h.state IN ('open', 'in_progress', 'waiting')"
"""As the indexes of open handlings say it."""
LATELY_MS = 3_600_000

_FIND_OPEN = f"""
SELECT h.id FROM fingerprint f CROSS JOIN handling h ON h.fingerprint_id = f.id
WHERE f.issue_id = ? AND h.environment = ? AND h.kind = ? AND h.key = ? AND {IS_OPEN} ORDER BY h.id LIMIT 1
"""  # noqa: S608 - a constant
_COUNT_LATELY = f"""
SELECT count(*) FROM fingerprint f CROSS JOIN handling h ON h.fingerprint_id = f.id
WHERE f.issue_id = ? AND h.opened_ms > ? AND h.kind <> 'batch' AND {IS_OPEN}
"""  # noqa: S608 - a constant
_OPEN = """
INSERT INTO handling (
  project_id, fingerprint_id, environment, service, kind, key, opened_ms, first_ms, last_ms, team_id, history_id,
  occurrence_count
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT team_id FROM issue_work WHERE issue_id = ?), ?, 0)
"""
_ANSWER = "INSERT INTO handling_occurrence (event_pk, handling_id) VALUES (?, ?) ON CONFLICT DO NOTHING"
_ADD = """
UPDATE handling SET occurrence_count = occurrence_count + ?, first_ms = min(first_ms, ?), last_ms = max(last_ms, ?)
WHERE id = ?
"""
_GIVE = f"""
UPDATE handling AS h SET team_id = w.team_id FROM issue_work w
WHERE w.issue_id = ? AND h.team_id IS NOT w.team_id AND {IS_OPEN}
  AND h.fingerprint_id IN (SELECT id FROM fingerprint WHERE issue_id = w.issue_id)
"""  # noqa: S608 - a constant
_FOLLOW = """
UPDATE handling SET fingerprint_id = ?
WHERE kind = 'each' AND id = (SELECT handling_id FROM handling_occurrence WHERE event_pk = ?)
"""
# A request that is about the fingerprint it comes to already keeps that line.
_FOLLOW_REQUESTED = """
UPDATE OR IGNORE request_occurrence SET fingerprint_id = ? WHERE event_pk = ? AND event_pk > 0
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """An event that needs an answer, and where it belongs."""

    event_pk: int
    project_id: int
    issue_id: int
    fingerprint_id: int
    environment: str
    service: str
    occurred_ms: int


@dataclass(slots=True)
class _Joined:
    """What one handling gets."""

    first_ms: int
    last_ms: int
    count: int = 0


@dataclass(slots=True)
class Opening:
    """Opens and joins handlings in the transaction at hand; `write` adds up what they got."""

    connection: Connection
    now_ms: int
    _open: dict[tuple[int, str, Kind, str], int] = field(default_factory=dict)
    _lately: dict[int, int] = field(default_factory=dict)
    _joined: dict[int, _Joined] = field(default_factory=dict)

    def count_lately(self, issue_id: int) -> int:
        """Return how many handlings of single occurrences and keys an issue got within the hour that are open."""
        if issue_id not in self._lately:
            values = (issue_id, self.now_ms - LATELY_MS)
            self._lately[issue_id] = self.connection.execute(_COUNT_LATELY, values).fetchone()[0]
        return self._lately[issue_id]

    def answer(self, occurrence: Occurrence, kind: Kind, key: str = "") -> int | None:
        """Let a handling answer an occurrence: the open one of its key or batch, else a new one.

        Returns its id; None when the occurrence has its answer already.
        """
        if self._is_answered(occurrence.event_pk):
            return None
        handling = self._find(occurrence, kind, key) or self._insert(occurrence, kind, key)
        self.connection.execute(_ANSWER, (occurrence.event_pk, handling))
        joined = self._joined.setdefault(handling, _Joined(occurrence.occurred_ms, occurrence.occurred_ms))
        joined.first_ms = min(joined.first_ms, occurrence.occurred_ms)
        joined.last_ms = max(joined.last_ms, occurrence.occurred_ms)
        joined.count += 1
        return handling

    def write(self) -> None:
        """Count what was answered."""
        for handling, one in sorted(self._joined.items()):
            add_occurrences(self.connection, handling, one.count, first_ms=one.first_ms, last_ms=one.last_ms)
        self._joined.clear()

    def _is_answered(self, event_pk: int) -> bool:
        query = "SELECT 1 FROM handling_occurrence WHERE event_pk = ?"
        return self.connection.execute(query, (event_pk,)).fetchone() is not None

    def _find(self, occurrence: Occurrence, kind: Kind, key: str) -> int | None:
        if kind is Kind.EACH:
            return None
        place = (occurrence.issue_id, occurrence.environment, kind, key)
        if place not in self._open:
            found = find_open(self.connection, *place)
            if found is None:
                return None
            self._open[place] = found
        return self._open[place]

    def _insert(self, occurrence: Occurrence, kind: Kind, key: str) -> int:
        handling = insert_handling(self.connection, occurrence, kind, key, now_ms=self.now_ms)
        self._open[occurrence.issue_id, occurrence.environment, kind, key] = handling
        if kind is not Kind.BATCH and occurrence.issue_id in self._lately:
            self._lately[occurrence.issue_id] += 1
        return handling


def find_open(connection: Connection, issue_id: int, environment: str, kind: Kind, key: str) -> int | None:
    """Return the handling that is open for a key or batch of an issue in an environment; of several the oldest."""
    row = connection.execute(_FIND_OPEN, (issue_id, environment, kind, key)).fetchone()
    return None if row is None else int(row[0])


def insert_handling(
    connection: Connection, of: Occurrence, kind: Kind, key: str, *, now_ms: int, history_id: int | None = None
) -> int:
    """Make a handling where an occurrence belongs, which answers nothing yet; return its id.

    `history_id`: of the decision that opens it; None: an arrival does.
    """
    place = (of.project_id, of.fingerprint_id, of.environment, of.service, kind, key)
    values = (*place, now_ms, of.occurred_ms, of.occurred_ms, of.issue_id, history_id)
    handling = connection.execute(_OPEN, values).lastrowid
    assert handling is not None
    return handling


def add_occurrences(connection: Connection, handling_id: int, count: int, *, first_ms: int, last_ms: int) -> None:
    """Count what a handling answers besides."""
    connection.execute(_ADD, (count, first_ms, last_ms, handling_id))


def give_handlings(connection: Connection, issue_id: int) -> None:
    """Give the open handlings of an issue to the team whose the issue is. Who reads one meanwhile has nothing to redo."""
    connection.execute(_GIVE, (issue_id,))


def follow_events(connection: Connection, events: Collection[tuple[int, int]]) -> None:
    """Let what is about single occurrences, handlings and requests, follow events to their fingerprint: (event pk, it)."""
    moved = [(fingerprint, pk) for pk, fingerprint in events]
    connection.executemany(_FOLLOW, moved)
    connection.executemany(_FOLLOW_REQUESTED, moved)
