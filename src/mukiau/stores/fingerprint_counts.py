"""What a batch of events changes in the totals and roll-ups of their fingerprints: added up first, then written at once.

Everything counted is counted per fingerprint. What an issue shows is derived from its fingerprints (`issue_rows.py`), so
fingerprints move between issues without anything being counted anew.
"""

from collections import Counter
from dataclasses import dataclass, field

from mukiau.stores.event_rows import EventRow
from mukiau.stores.search import SearchIndex
from mukiau.stores.sqlite import Connection

MAX_TAG_VALUES = 100
"""Values of one tag key a fingerprint keeps apart; further ones count under ""."""

_ADD_SUMS = """
UPDATE {table} SET
  event_count = event_count + :count,
  first_event_pk = CASE WHEN first_event_pk = 0 OR (:first_ms, :first_pk) < (first_seen_ms, first_event_pk)
    THEN :first_pk ELSE first_event_pk END,
  first_seen_ms = CASE WHEN first_event_pk = 0 THEN :first_ms ELSE min(first_seen_ms, :first_ms) END
WHERE id = :{table}
"""
_SET_WORDS = """
UPDATE {table} SET
  last_seen_ms = :last_ms, last_event_pk = :last_pk, service = :service, title = :title, subtitle = :subtitle,
  template = :template, culprit = :culprit, root_type = :root_type, root_message = :root_message, level = :level,
  logger = :logger, language = :language
WHERE id = :{table} AND (last_event_pk = 0 OR (last_seen_ms, last_event_pk) <= (:last_ms, :last_pk))
"""
_ADD_ENVIRONMENT = """
INSERT INTO {table}_environment ({table}_id, environment, count, first_seen_ms, last_seen_ms) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET count = count + excluded.count, first_seen_ms = min(first_seen_ms, excluded.first_seen_ms),
  last_seen_ms = max(last_seen_ms, excluded.last_seen_ms)
"""
# What is derived for issues is written for them as well: adding is cheaper than deriving anew with each batch.
_TABLES = ("fingerprint", "issue")
_FOR_EACH = {table: [one.format(table=table) for one in (_ADD_SUMS, _SET_WORDS, _ADD_ENVIRONMENT)] for table in _TABLES}
_ADD_HOUR = """
INSERT INTO fingerprint_hour (fingerprint_id, hour, environment, count) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET count = count + excluded.count
"""
# The value's own row while there is room for it, else the row of all others.
_ADD_TAG = f"""
INSERT INTO fingerprint_tag (fingerprint_id, "key", value, count)
SELECT ?1, ?2, CASE
  WHEN EXISTS (SELECT 1 FROM fingerprint_tag WHERE fingerprint_id = ?1 AND "key" = ?2 AND value = ?3)
    OR (SELECT count(*) FROM fingerprint_tag WHERE fingerprint_id = ?1 AND "key" = ?2 AND value <> '') < {MAX_TAG_VALUES}
  THEN ?3 ELSE '' END, ?4
WHERE true
ON CONFLICT DO UPDATE SET count = count + excluded.count
"""  # noqa: S608 - a constant


@dataclass(slots=True)
class _Change:
    """What one fingerprint gains."""

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


class FingerprintCounts:
    """Gathers what events add to their fingerprints and issues; `write` puts it into the transaction at hand."""

    def __init__(self) -> None:
        self._changes: dict[tuple[int, int], _Change] = {}
        """By (fingerprint id, issue id)."""

    def add(self, row: EventRow, *, fingerprint_id: int, issue_id: int, event_pk: int) -> None:
        """Count a stored event for a fingerprint, which is the issue's."""
        change = self._changes.get((fingerprint_id, issue_id))
        if change is None:
            stamp = (row.occurred_ms, event_pk, row)
            change = self._changes[fingerprint_id, issue_id] = _Change(stamp, stamp)
        change.add(row, event_pk)

    def write(self, connection: Connection) -> None:
        """Write the sums, one statement per table."""
        changes = sorted(self._changes.items(), key=lambda item: item[0])
        values = [_values(place, change) for place, change in changes]
        for place, table in enumerate(_TABLES):
            add_sums, set_words, add_environment = _FOR_EACH[table]
            connection.executemany(add_sums, values)
            connection.executemany(set_words, values)
            connection.executemany(
                add_environment,
                [
                    (ids[place], name, *sums)
                    for ids, change in changes
                    for name, sums in sorted(change.environments.items())
                ],
            )
        connection.executemany(
            _ADD_HOUR,
            [(ids[0], *hour, count) for ids, change in changes for hour, count in sorted(change.hours.items())],
        )
        connection.executemany(
            _ADD_TAG,
            [(ids[0], *tag, count) for ids, change in changes for tag, count in sorted(change.tags.items())],
        )


def _order(stamp: tuple[int, int, EventRow]) -> tuple[int, int]:
    return stamp[:2]


def _values(place: tuple[int, int], change: _Change) -> dict[str, int | str]:
    fingerprint, issue = place
    (first_ms, first_pk, _), (last_ms, last_pk, row) = change.first, change.last
    return {
        "fingerprint": fingerprint,
        "issue": issue,
        "count": change.count,
        "first_ms": first_ms,
        "first_pk": first_pk,
        "last_ms": last_ms,
        "last_pk": last_pk,
        **words_of(row),
    }


def set_words(connection: Connection, fingerprint_id: int, row: EventRow, *, event_pk: int) -> None:
    """Give a fingerprint the words of its latest event."""
    values = {"fingerprint": fingerprint_id, "last_ms": row.occurred_ms, "last_pk": event_pk, **words_of(row)}
    connection.execute(_FOR_EACH["fingerprint"][1], values)


def words_of(row: EventRow) -> dict[str, int | str]:
    """Return the columns of a fingerprint that come from one of its events."""
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
    "UPDATE fingerprint SET event_count = event_count - 1 WHERE id = :fingerprint",
    "UPDATE fingerprint_hour SET count = count - 1 WHERE fingerprint_id = :fingerprint AND hour = :hour AND environment = :environment",
    "UPDATE fingerprint_environment SET count = count - 1 WHERE fingerprint_id = :fingerprint AND environment = :environment",
    "DELETE FROM fingerprint_hour WHERE fingerprint_id = :fingerprint AND hour = :hour AND environment = :environment AND count <= 0",
    "DELETE FROM fingerprint_environment WHERE fingerprint_id = :fingerprint AND environment = :environment AND count <= 0",
)
_TAKE_BACK_TAG = """
UPDATE fingerprint_tag SET count = count - 1 WHERE fingerprint_id = ?1 AND "key" = ?2 AND value = CASE
  WHEN EXISTS (SELECT 1 FROM fingerprint_tag WHERE fingerprint_id = ?1 AND "key" = ?2 AND value = ?3) THEN ?3 ELSE '' END
"""
_MEND = """
UPDATE fingerprint SET
  (first_event_pk, first_seen_ms) =
    (SELECT id, occurred_ms FROM event WHERE fingerprint_id = :fingerprint ORDER BY occurred_ms, id LIMIT 1),
  (last_event_pk, last_seen_ms, title, level) =
    (SELECT id, occurred_ms, title, level FROM event WHERE fingerprint_id = :fingerprint
     ORDER BY occurred_ms DESC, id DESC LIMIT 1)
WHERE id = :fingerprint
"""
_MEND_ENVIRONMENT = """
UPDATE fingerprint_environment SET (first_seen_ms, last_seen_ms) =
  (SELECT min(occurred_ms), max(occurred_ms) FROM event WHERE fingerprint_id = :fingerprint AND environment = :environment)
WHERE fingerprint_id = :fingerprint AND environment = :environment
"""
# What answers occurrences goes where the latest of them is now; of those that retention has deleted (it keeps the events of
# what is open) nobody can tell, so their handlings go to another fingerprint of the issue.
_REHOME = """
UPDATE handling SET fingerprint_id = coalesce(
  (SELECT e.fingerprint_id FROM handling_occurrence o CROSS JOIN event e ON e.id = o.event_pk
   WHERE o.handling_id = handling.id AND e.fingerprint_id <> ?1 ORDER BY e.occurred_ms DESC, e.id DESC LIMIT 1),
  (SELECT max(id) FROM fingerprint
   WHERE id <> ?1 AND issue_id = (SELECT issue_id FROM fingerprint WHERE id = ?1)),
  fingerprint_id)
WHERE fingerprint_id = ?1
"""
# What requests and changes of the grouping say of it is history and stays.
_DROP = (
    _REHOME,
    *(
        f"DELETE FROM {table} WHERE fingerprint_id = ?"  # noqa: S608 - constants
        for table in (
            *("fingerprint_hour", "fingerprint_environment", "fingerprint_tag", "fingerprint_explanation"),
            *("fingerprint_fact", "runbook_match", "runbook_link", "runbook_proposal"),
        )
    ),
    "DELETE FROM fingerprint WHERE id = ?",
)


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """What a stored event was counted as."""

    fingerprint_id: int
    issue_id: int
    hour: int
    environment: str
    tags: tuple[tuple[str, str], ...]


def take_back(connection: Connection, stored: StoredEvent) -> None:
    """Undo the counting of an event that is about to be replaced."""
    names = {"fingerprint": stored.fingerprint_id, "hour": stored.hour, "environment": stored.environment}
    for statement in _TAKE_BACK:
        connection.execute(statement, names)
    connection.executemany(_TAKE_BACK_TAG, [(stored.fingerprint_id, *tag) for tag in stored.tags])
    connection.execute("DELETE FROM fingerprint_tag WHERE fingerprint_id = ? AND count <= 0", (stored.fingerprint_id,))


def settle_fingerprints(connection: Connection, taken_back: list[StoredEvent]) -> None:
    """After replacing: drop the fingerprints that lost their last event, mend first and last of the others."""
    places = sorted({(stored.fingerprint_id, stored.environment) for stored in taken_back})
    for fingerprint in sorted({fingerprint for fingerprint, _ in places}):
        row = connection.execute("SELECT event_count FROM fingerprint WHERE id = ?", (fingerprint,)).fetchone()
        if row and row[0] <= 0:
            _drop(connection, fingerprint)
        else:
            connection.execute(_MEND, {"fingerprint": fingerprint})
    connection.executemany(
        _MEND_ENVIRONMENT, [{"fingerprint": fingerprint, "environment": name} for fingerprint, name in places]
    )


def _drop(connection: Connection, fingerprint: int) -> None:
    for statement in _DROP:
        connection.execute(statement, (fingerprint,))
    SearchIndex(connection).drop(fingerprint)
