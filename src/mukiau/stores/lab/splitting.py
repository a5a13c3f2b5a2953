"""Splitting a fingerprint whose events have several hashes under a new policy, a few events at a time.

Every part stays in the issue the whole was in, so that nothing is to be seen of it until the policy is put in force, and it
does no harm where that never comes. The largest part keeps the row. What is counted moves with each event; of what retention
has deleted nobody can tell any more where it belonged, so it stays counted with the largest part.
"""

from dataclasses import dataclass

from mukiau.core.grouping.fingerprint import fingerprint_of
from mukiau.core.grouping.policy import Policy
from mukiau.core.grouping.title import title_of
from mukiau.digest.batch import DigestedEvent
from mukiau.stores.dictionaries import Dictionaries
from mukiau.stores.event_rows import HOUR_MS, EventRow
from mukiau.stores.event_writer import explain, insert_fingerprint
from mukiau.stores.fingerprint_counts import FingerprintCounts, StoredEvent, set_words, settle_fingerprints, take_back
from mukiau.stores.issue_rows import derive_issues
from mukiau.stores.payloads import DELETED, unpack_text
from mukiau.stores.sqlite import Connection
from mukiau.stores.stored_events import event_of, read_document
from mukiau.stores.work.handlings import follow_events
from mukiau.stores.work.matching import PublishedRules

EVENTS_AT_ONCE = 100
"""Of one transaction: the digester waits for it some hundredths of a second at most."""

_NEXT = """
SELECT id, project_id, event_id, service, environment, occurred_ms, payload_codec, payload FROM event
WHERE fingerprint_id = ? AND (occurred_ms, id) > (?, ?) ORDER BY occurred_ms, id LIMIT ?
"""
_LATEST = """
SELECT id, project_id, event_id, service, environment, occurred_ms, payload_codec, payload FROM event
WHERE fingerprint_id = ? AND payload_codec <> 0 ORDER BY occurred_ms DESC, id DESC LIMIT 1
"""
_FIND_PART = "SELECT id FROM fingerprint WHERE project_id = ? AND hash = ? AND other_hash = ? AND issue_id = ? LIMIT 1"


@dataclass(frozen=True, slots=True)
class Place:
    """The event looked at last, by (occurred_ms, id)."""

    occurred_ms: int = -(2**62)
    pk: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """The fingerprint that is split."""

    id: int
    project_id: int
    issue_id: int
    hash: str
    kept: str
    """The hash, under the new policy, of the part that keeps its row."""


class Splitter:
    """Splits fingerprints by a draft, in transactions of the caller."""

    def __init__(self, connection: Connection, *, draft: Policy, in_force: Policy, now_ms: int) -> None:
        self._connection = connection
        self._draft = draft
        self._in_force = in_force
        self._now_ms = now_ms
        self._rules = PublishedRules()
        self._find_dictionary = Dictionaries(connection).find

    def step(self, whole: Whole, after: Place) -> Place | None:
        """Move those of the next events that are of another part; return how far that came, None at the end."""
        rows = self._connection.execute(_NEXT, (whole.id, after.occurred_ms, after.pk, EVENTS_AT_ONCE)).fetchall()
        counts, taken_back, moved = FingerprintCounts(), list[StoredEvent](), list[tuple[int, int]]()
        for columns in rows:
            row = self._row(columns)
            if row is None or row.digested.other_hash == whole.kept:
                continue
            target = self._find_part(whole, row)
            pk = columns[0]
            self._connection.execute("UPDATE event SET fingerprint_id = ? WHERE id = ?", (target, pk))
            moved.append((pk, target))
            stored = StoredEvent(whole.id, whole.issue_id, row.occurred_ms // HOUR_MS, row.environment, row.tags)
            take_back(self._connection, stored)
            taken_back.append(stored)
            counts.add(row, fingerprint_id=target, issue_id=whole.issue_id, event_pk=pk)
        if taken_back:
            follow_events(self._connection, moved)
            counts.write(self._connection)
            settle_fingerprints(self._connection, taken_back)
            derive_issues(self._connection, [whole.issue_id])
        return Place(rows[-1][5], rows[-1][0]) if len(rows) == EVENTS_AT_ONCE else None

    def finish(self, whole: Whole, *, is_split: bool) -> None:
        """Give what is left its hash and, of its latest event, the reasons for it; the words too where parts went."""
        self._connection.execute("UPDATE fingerprint SET other_hash = ? WHERE id = ?", (whole.kept, whole.id))
        columns = self._connection.execute(_LATEST, (whole.id,)).fetchone()
        row = None if columns is None else self._row(columns)
        if row is None or row.digested.other is None:
            return
        explain(self._connection, whole.id, row.digested.other)
        if is_split:
            set_words(self._connection, whole.id, row, event_pk=columns[0])
            derive_issues(self._connection, [whole.issue_id])

    def _row(self, columns: tuple[int, int, str, str, str, int, int, bytes]) -> EventRow | None:
        """Return an event as it was when it was stored; None where retention took its payload."""
        _, project_id, event_id, service, environment, occurred_ms, payload_codec, payload = columns
        if payload_codec == DELETED:
            return None
        document = read_document(unpack_text(payload, payload_codec, self._find_dictionary))
        event = event_of(document, service=service)
        digested = DigestedEvent(
            event=event,
            fingerprint=fingerprint_of(event, self._in_force),
            other=fingerprint_of(event, self._draft),
            title=title_of(event, self._in_force),
        )
        return EventRow(
            digested=digested,
            project_id=project_id,
            event_id=event_id,
            environment=environment,
            service=service,
            occurred_ms=occurred_ms,
            tags=tuple((key, value) for key, value in document.get("tags", ())),
            values=(),
        )

    def _find_part(self, whole: Whole, row: EventRow) -> int:
        values = (whole.project_id, whole.hash, row.digested.other_hash, whole.issue_id)
        known = self._connection.execute(_FIND_PART, values).fetchone()
        if known is not None:
            return int(known[0])
        return insert_fingerprint(self._connection, row, issue=whole.issue_id, now_ms=self._now_ms, rules=self._rules)
