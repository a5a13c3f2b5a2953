"""Stores the events of a batch, makes the fingerprints and issues they need and counts them, in the transaction at hand."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mukiau.core.grouping.explanation import explanation_to_json
from mukiau.core.grouping.fingerprint import Fingerprint
from mukiau.core.grouping.kinship import CUT, Doubt, doubt_of
from mukiau.digest.batch import DigestedEvent, Written
from mukiau.stores.dictionaries import Dictionaries
from mukiau.stores.event_rows import HOUR_MS, INSERT_EVENT, REPLACE_EVENT, EventRow
from mukiau.stores.fingerprint_counts import FingerprintCounts, StoredEvent, settle_fingerprints, take_back, words_of
from mukiau.stores.issue_rows import derive_issues, drop_empty_issues, insert_issue
from mukiau.stores.kinship import Kinship, StoredHome
from mukiau.stores.many import chunks, marks
from mukiau.stores.notify.first_sights import tell_first_sights
from mukiau.stores.payloads import unpack
from mukiau.stores.places import HourKey, count_hours
from mukiau.stores.search import SearchIndex
from mukiau.stores.sqlite import Connection
from mukiau.stores.work.arrivals import Arrivals, Stored
from mukiau.stores.work.facts import record_facts
from mukiau.stores.work.matching import PublishedRules, match_fingerprint
from mukiau.stores.work.registered import Environments

_INSERT_FINGERPRINT = """
INSERT INTO fingerprint (
  project_id, hash, other_hash, issue_id, policy_version, created_ms,
  service, title, subtitle, template, culprit, root_type, root_message, level, logger, language,
  first_seen_ms, last_seen_ms, event_count, first_event_pk, last_event_pk, search_text, doubt, joined_to_id, joined_because
) VALUES (
  :project, :hash, :other_hash, :issue, :policy_version, :created_ms,
  :service, :title, :subtitle, :template, :culprit, :root_type, :root_message, :level, :logger, :language,
  0, 0, 0, 0, 0, :search_text, :doubt, :joined_to, :joined_because
)
"""
_EXPLAIN = """
INSERT INTO fingerprint_explanation (fingerprint_id, policy_version, explanation) VALUES (?, ?, ?)
ON CONFLICT DO UPDATE SET explanation = excluded.explanation
"""
_FIND_STORED = """
SELECT e.project_id, e.service, e.fingerprint_id, f.issue_id, e.occurred_ms, e.environment, e.payload, e.payload_codec
FROM event e JOIN fingerprint f ON f.id = e.fingerprint_id WHERE e.id = ?
"""


class Place(NamedTuple):
    """A fingerprint that is stored."""

    other_hash: str
    issue: int
    fingerprint: int
    doubt: str = Doubt.NONE


Places = dict[tuple[int, str], list[Place]]


class EventWriter:
    """Stores the events of one batch and counts them."""

    def __init__(self, connection: Connection, now_ms: int, rules: PublishedRules | None = None) -> None:
        """`rules` may be kept from batch to batch, so that they are read only when they changed."""
        self._connection = connection
        self._now_ms = now_ms
        self._rules = rules or PublishedRules()
        self._counts = FingerprintCounts()
        self._environments = Environments(connection)
        self._arrivals = Arrivals(connection, self._environments, now_ms)
        self._sights: dict[tuple[int, str], EventRow] = {}
        self._taken_back: list[StoredEvent] = []
        self._went: dict[int, int] = {}
        """Issue that an event was taken from → issue that it belongs to now."""
        self._places_lost: list[HourKey] = []
        self._new_issues = 0
        self._kinship = Kinship(connection)
        self.kept: Sequence[EventRow] = ()
        """The rows that were no duplicates."""

    def write(self, rows: Sequence[EventRow]) -> Written:
        stored = self._find_stored(rows)
        kept = self.kept = [row for row in rows if _is_news(row, stored.get((row.project_id, row.event_id)))]
        places = self._find_places(kept)
        for row in kept:
            self._store(row, self._find_place(row, places), stored.get((row.project_id, row.event_id)))
        tell_first_sights(self._connection, self._sights, self._environments, now_ms=self._now_ms)
        self._counts.write(self._connection)
        count_hours(self._connection, kept, self._places_lost)
        self._settle()
        self._arrivals.write()
        self._kinship.settle()
        replaced = len(self._taken_back)
        return Written(
            new_events=len(kept) - replaced,
            replaced_events=replaced,
            duplicates=len(rows) - len(kept),
            new_issues=self._new_issues,
        )

    def _find_stored(self, rows: Sequence[EventRow]) -> dict[tuple[int, str], tuple[int, int]]:
        """(project, event id) → (pk, revision) of the events that are stored already."""
        found = {}
        for project, ids in _by_project((row.project_id, row.event_id) for row in rows):
            for names in chunks(ids):
                query = (
                    f"SELECT event_id, id, revision FROM event WHERE project_id = ? AND event_id IN ({marks(names)})"  # noqa: S608
                )
                for event_id, pk, revision in self._connection.execute(query, (project, *names)):
                    found[project, event_id] = (pk, revision)
        return found

    def _find_places(self, rows: Sequence[EventRow]) -> Places:
        """(project, hash) → the fingerprints that have it, by either policy, oldest first."""
        found: Places = defaultdict(list)
        for project, hashes in _by_project(pair for row in rows for pair in _hashes(row)):
            for names in chunks(hashes):
                query = (
                    "SELECT hash, other_hash, issue_id, id, doubt FROM fingerprint "  # noqa: S608
                    f"WHERE project_id = ? AND hash IN ({marks(names)}) ORDER BY id"
                )
                for known_hash, *place in self._connection.execute(query, (project, *names)):
                    found[project, known_hash].append(Place(*place))
        return found

    def _find_place(self, row: EventRow, places: Places) -> Place:
        """Return the fingerprint an event is counted for; it is made where there is none.

        While two policies are counted by, a fingerprint is a pair of hashes. It belongs to the issue of those that have
        its hash by the policy in force; else of one whose events were all deleted before that came into force, which
        still has its hash by the other one; else of the one that it is a part of (a cut trace); else to a new issue.
        """
        wanted, other = row.digested.fingerprint.hash, row.digested.other_hash
        known = places[row.project_id, wanted]
        exact = next((place for place in known if place.other_hash == other or not other), None)
        if exact is not None:
            return self._completed(exact, row, known) if exact.doubt in CUT else exact
        former = [place for place in places[row.project_id, other] if not place.other_hash] if other else []
        issue = next((place.issue for place in (*known, *former)), None)
        event = row.digested.event
        doubt = doubt_of(event, row.digested.fingerprint.explanation)
        home = self._kinship.find_home(row, doubt) if issue is None else None
        if home is not None:
            issue = home.issue
        elif issue is None:
            issue = insert_issue(self._connection, row.project_id)
            self._arrivals.add_issue(issue, row.project_id)
            self._new_issues += 1
        fingerprint = insert_fingerprint(
            self._connection, row, issue=issue, now_ms=self._now_ms, rules=self._rules, home=home
        )
        self._kinship.add(fingerprint, issue, row, doubt)
        place = Place(other, issue, fingerprint, doubt)
        known.append(place)
        return place

    def _completed(self, place: Place, row: EventRow, known: list[Place]) -> Place:
        """Say of a fingerprint that was known by a cut trace only whether a whole one has it, too."""
        doubt = doubt_of(row.digested.event, row.digested.fingerprint.explanation)
        if doubt in CUT:
            return place
        self._kinship.complete(place.fingerprint, place.issue, row, doubt)
        known[known.index(place)] = complete = place._replace(doubt=doubt)
        return complete

    def _store(self, row: EventRow, place: Place, stored: tuple[int, int] | None) -> None:
        _, issue, fingerprint, _ = place
        if stored is None:
            event_pk = _last_id(self._connection.execute(INSERT_EVENT, (*row.values, fingerprint)).lastrowid)
        else:
            event_pk = stored[0]
            self._went[self._take_back(event_pk)] = issue
            self._connection.execute(REPLACE_EVENT, (*row.values, fingerprint, event_pk))
        self._counts.add(row, fingerprint_id=fingerprint, issue_id=issue, event_pk=event_pk)
        self._arrivals.add(
            Stored(row=row, event_pk=event_pk, fingerprint_id=fingerprint, issue_id=issue, is_new=stored is None)
        )
        self._sights.setdefault((issue, row.environment), row)

    def _take_back(self, event_pk: int) -> int:
        """Uncount an event that is stored; return the issue it belonged to."""
        project, service, fingerprint, issue, occurred_ms, environment, payload, payload_codec = (
            self._connection.execute(_FIND_STORED, (event_pk,)).fetchone()
        )
        tags = tuple(
            (key, value)
            for key, value in unpack(payload, payload_codec, Dictionaries(self._connection).find).get("tags", ())
        )
        stored = StoredEvent(fingerprint, issue, occurred_ms // HOUR_MS, environment, tags)
        take_back(self._connection, stored)
        self._places_lost.append((project, stored.hour, service, environment))
        self._taken_back.append(stored)
        return stored.issue_id

    def _settle(self) -> None:
        """Bring what events were taken from to what is left."""
        settle_fingerprints(self._connection, self._taken_back)
        derive_issues(self._connection, self._went)
        drop_empty_issues(self._connection, self._went)


def _is_news(row: EventRow, stored: tuple[int, int] | None) -> bool:
    return stored is None or row.digested.revision > stored[1]


def _hashes(row: EventRow) -> Iterator[tuple[int, str]]:
    yield row.project_id, row.digested.fingerprint.hash
    if row.digested.other_hash:
        yield row.project_id, row.digested.other_hash


def insert_fingerprint(
    connection: Connection,
    row: EventRow,
    *,
    issue: int,
    now_ms: int,
    rules: PublishedRules,
    home: StoredHome | None = None,
) -> int:
    """Make the fingerprint of an event, which counts nothing yet, and find its runbooks; return its id."""
    fingerprint, other, text = row.digested.fingerprint, row.digested.other, _search_text(row)
    values = {
        **words_of(row),
        "project": row.project_id,
        "hash": fingerprint.hash,
        "other_hash": row.digested.other_hash,
        "issue": issue,
        "policy_version": fingerprint.policy_version,
        "created_ms": now_ms,
        "search_text": text,
        "doubt": doubt_of(row.digested.event, fingerprint.explanation),
        "joined_to": None if home is None else home.fingerprint,
        "joined_because": "" if home is None else home.because.value,
    }
    fingerprint_id = _last_id(connection.execute(_INSERT_FINGERPRINT, values).lastrowid)
    for one in (fingerprint, other):
        if one is not None:
            explain(connection, fingerprint_id, one)
    SearchIndex(connection).put(fingerprint_id, text)
    match_fingerprint(connection, fingerprint_id, record_facts(connection, fingerprint_id, row.digested), rules)
    return fingerprint_id


def explain(connection: Connection, fingerprint_id: int, fingerprint: Fingerprint) -> None:
    """Keep why a fingerprint is what it is by one of its events."""
    explanation = json.dumps(explanation_to_json(fingerprint.explanation), ensure_ascii=False)
    connection.execute(_EXPLAIN, (fingerprint_id, fingerprint.policy_version, explanation))


def latest_revisions(events: Sequence[DigestedEvent]) -> list[DigestedEvent]:
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


def _by_project(pairs: Iterator[tuple[int, str]]) -> list[tuple[int, list[str]]]:
    projects: dict[int, dict[str, None]] = defaultdict(dict)
    for project, name in pairs:
        projects[project][name] = None
    return [(project, list(names)) for project, names in projects.items()]


def _last_id(row_id: int | None) -> int:
    assert row_id is not None  # every insert of this module inserts one row
    return row_id
