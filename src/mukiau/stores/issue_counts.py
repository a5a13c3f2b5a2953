"""What a batch of events changes in the rows and roll-ups of their issues: added up first, then written at once."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from mukiau.stores.event_rows import EventRow
from mukiau.stores.search import SearchIndex
from mukiau.stores.sqlite import Connection

MAX_TAG_VALUES = 100
"""Values of one tag key an issue keeps apart; further ones count under ""."""

_UPDATE_ISSUE = """
UPDATE issue SET
  event_count = event_count + :count,
  first_event_pk = CASE WHEN first_event_pk = 0 OR :first_ms < first_seen_ms THEN :first_pk ELSE first_event_pk END,
  first_seen_ms = min(first_seen_ms, :first_ms)
WHERE id = :issue
"""
_UPDATE_WORDS = """
UPDATE issue SET
  last_seen_ms = :last_ms, last_event_pk = :last_pk, title = :title, subtitle = :subtitle, template = :template,
  culprit = :culprit, root_type = :root_type, root_message = :root_message, level = :level, logger = :logger,
  language = :language
WHERE id = :issue AND last_seen_ms <= :last_ms
"""
_ADD_HOUR = """
INSERT INTO issue_hour (issue_id, hour, environment, count) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET count = count + excluded.count
"""
_ADD_ENVIRONMENT = """
INSERT INTO issue_environment (issue_id, environment, count, first_seen_ms, last_seen_ms) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET count = count + excluded.count, first_seen_ms = min(first_seen_ms, excluded.first_seen_ms),
  last_seen_ms = max(last_seen_ms, excluded.last_seen_ms)
"""
# The value's own row while there is room for it, else the row of all others.
_ADD_TAG = f"""
INSERT INTO issue_tag (issue_id, "key", value, count)
SELECT ?1, ?2, CASE
  WHEN EXISTS (SELECT 1 FROM issue_tag WHERE issue_id = ?1 AND "key" = ?2 AND value = ?3)
    OR (SELECT count(*) FROM issue_tag WHERE issue_id = ?1 AND "key" = ?2 AND value <> '') < {MAX_TAG_VALUES}
  THEN ?3 ELSE '' END, ?4
WHERE true
ON CONFLICT DO UPDATE SET count = count + excluded.count
"""  # noqa: S608 - a constant


@dataclass(slots=True)
class _Change:
    """What one issue gains."""

    first: tuple[int, int, EventRow]
    """(occurred_ms, event pk, row) of the earliest new event; `last` likewise."""
    last: tuple[int, int, EventRow]
    count: int = 0
    hours: Counter[tuple[int, str]] = field(default_factory=Counter)
    tags: Counter[tuple[str, str]] = field(default_factory=Counter)
    environments: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    """Environment → (count, first_seen_ms, last_seen_ms)."""

    def add(self, row: EventRow, event_pk: int) -> None:
        self.count += 1
        stamp = (row.occurred_ms, event_pk, row)
        self.first = min(self.first, stamp, key=_order)
        self.last = max(self.last, stamp, key=_order)
        self.hours[row.hour, row.environment] += 1
        self.tags.update(row.tags)
        count, first, last = self.environments.get(row.environment, (0, row.occurred_ms, row.occurred_ms))
        self.environments[row.environment] = (count + 1, min(first, row.occurred_ms), max(last, row.occurred_ms))


class IssueCounts:
    """Gathers what events add to their issues; `write` puts it into the transaction at hand."""

    def __init__(self) -> None:
        self._changes: dict[int, _Change] = {}

    def add(self, row: EventRow, *, issue_id: int, event_pk: int) -> None:
        """Count a stored event for an issue."""
        change = self._changes.get(issue_id)
        if change is None:
            stamp = (row.occurred_ms, event_pk, row)
            change = self._changes[issue_id] = _Change(stamp, stamp)
        change.add(row, event_pk)

    def write(self, connection: Connection) -> None:
        """Write the sums, one statement per table."""
        changes = sorted(self._changes.items())
        connection.executemany(_UPDATE_ISSUE, [_sums(issue, change) for issue, change in changes])
        connection.executemany(_UPDATE_WORDS, [_words(issue, change) for issue, change in changes])
        connection.executemany(
            _ADD_HOUR,
            [(issue, *hour, count) for issue, change in changes for hour, count in sorted(change.hours.items())],
        )
        connection.executemany(
            _ADD_ENVIRONMENT,
            [(issue, name, *sums) for issue, change in changes for name, sums in sorted(change.environments.items())],
        )
        connection.executemany(
            _ADD_TAG,
            [(issue, *tag, count) for issue, change in changes for tag, count in sorted(change.tags.items())],
        )


def _order(stamp: tuple[int, int, EventRow]) -> tuple[int, int]:
    return stamp[:2]


def _sums(issue: int, change: _Change) -> dict[str, int]:
    return {"issue": issue, "count": change.count, "first_ms": change.first[0], "first_pk": change.first[1]}


def _words(issue: int, change: _Change) -> dict[str, int | str]:
    last_ms, last_pk, row = change.last
    words = words_of(row)
    words.pop("service")
    return {"issue": issue, "last_ms": last_ms, "last_pk": last_pk, **words}


def words_of(row: EventRow) -> dict[str, int | str]:
    """Return the columns of an issue that come from one of its events."""
    event, title = row.digested.event, row.digested.title
    return {
        "service": row.service,
        "title": title.title,
        "subtitle": title.subtitle,
        "template": title.template,
        "culprit": title.culprit,
        "root_type": title.root_type,
        "root_message": title.root_message,
        "level": event.level.value,
        "logger": event.logger,
        "language": event.origin.language or event.platform,
    }


# --- Taking back -------------------------------------------------------------------------------------------------

_TAKE_BACK = (
    "UPDATE issue SET event_count = event_count - 1 WHERE id = :issue",
    "UPDATE issue_hour SET count = count - 1 WHERE issue_id = :issue AND hour = :hour AND environment = :environment",
    "UPDATE issue_environment SET count = count - 1 WHERE issue_id = :issue AND environment = :environment",
    "DELETE FROM issue_hour WHERE issue_id = :issue AND hour = :hour AND environment = :environment AND count <= 0",
    "DELETE FROM issue_environment WHERE issue_id = :issue AND environment = :environment AND count <= 0",
)
_TAKE_BACK_TAG = """
UPDATE issue_tag SET count = count - 1 WHERE issue_id = ?1 AND "key" = ?2 AND value = CASE
  WHEN EXISTS (SELECT 1 FROM issue_tag WHERE issue_id = ?1 AND "key" = ?2 AND value = ?3) THEN ?3 ELSE '' END
"""
_MEND_ISSUE = """
UPDATE issue SET
  (first_event_pk, first_seen_ms) =
    (SELECT id, occurred_ms FROM event WHERE issue_id = :issue ORDER BY occurred_ms, id LIMIT 1),
  (last_event_pk, last_seen_ms, title, level) =
    (SELECT id, occurred_ms, title, level FROM event WHERE issue_id = :issue ORDER BY occurred_ms DESC, id DESC LIMIT 1)
WHERE id = :issue
"""
_MEND_ENVIRONMENT = """
UPDATE issue_environment SET (first_seen_ms, last_seen_ms) =
  (SELECT min(occurred_ms), max(occurred_ms) FROM event WHERE issue_id = :issue AND environment = :environment)
WHERE issue_id = :issue AND environment = :environment
"""
_DROP_ISSUE = tuple(
    f"DELETE FROM {table} WHERE issue_id = ?"  # noqa: S608 - constants
    for table in ("issue_hour", "issue_environment", "issue_tag", "fingerprint")
)


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """What a stored event was counted as."""

    issue_id: int
    hour: int
    environment: str
    tags: tuple[tuple[str, str], ...]


def take_back(connection: Connection, stored: StoredEvent) -> None:
    """Undo the counting of an event that is about to be replaced."""
    names = {"issue": stored.issue_id, "hour": stored.hour, "environment": stored.environment}
    for statement in _TAKE_BACK:
        connection.execute(statement, names)
    connection.executemany(_TAKE_BACK_TAG, [(stored.issue_id, *tag) for tag in stored.tags])
    connection.execute("DELETE FROM issue_tag WHERE issue_id = ? AND count <= 0", (stored.issue_id,))


def settle_issues(connection: Connection, taken_back: Iterable[StoredEvent]) -> None:
    """After replacing: drop the issues that lost their last event, mend first and last of the others."""
    places = sorted({(stored.issue_id, stored.environment) for stored in taken_back})
    for issue in sorted({issue for issue, _ in places}):
        row = connection.execute("SELECT event_count FROM issue WHERE id = ?", (issue,)).fetchone()
        if row and row[0] <= 0:
            _drop(connection, issue)
        else:
            connection.execute(_MEND_ISSUE, {"issue": issue})
    connection.executemany(_MEND_ENVIRONMENT, [{"issue": issue, "environment": name} for issue, name in places])


def _drop(connection: Connection, issue: int) -> None:
    for statement in _DROP_ISSUE:
        connection.execute(statement, (issue,))
    SearchIndex(connection).drop(issue)
    connection.execute("DELETE FROM issue WHERE id = ?", (issue,))
