"""Events for the stores' tests, and what must be true of every state file."""

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mukiau.core.event import Event, ExceptionInfo, Frame, Origin
from mukiau.core.grouping.fingerprint import fingerprint_of
from mukiau.core.grouping.title import title_of
from mukiau.digest.batch import Batch, DigestedEvent
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import Connection, connect
from mukiau.stores.state_writer import StateWriter

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)


def event(
    number: int,
    *,
    failure: str = "save",
    environment: str = "acme-prod",
    minutes: int = 0,
    revision: int = 0,
    tags: Sequence[tuple[str, str]] = (),
    message: str = "",
    trace_id: str = "",
    release: str = "",
) -> DigestedEvent:
    """An event; those with one `failure` are one issue."""
    frame = Frame(function=failure, module="shop.orders", in_app=True)
    moment = NOON + timedelta(minutes=minutes)
    made = Event(
        event_id=f"{number:032x}",
        origin=Origin(project_id=1, source_id=1, language="python", record_ids=(f"r{number}",)),
        occurred_at=moment,
        received_at=moment,
        service="orders",
        environment=environment,
        logger="shop",
        trace_id=trace_id,
        release=release,
        message=message or f"{failure} failed",
        exceptions=(ExceptionInfo(type="ValueError", message="no stock", frames=(frame,)),),
        tags=tuple(tags),
        payload={"event_id": f"{number:032x}"},
    )
    return DigestedEvent(event=made, fingerprint=fingerprint_of(made), title=title_of(made), revision=revision)


def batch(*events: DigestedEvent, after: int = 0, position: int | None = None, **rest: Any) -> Batch:
    position = after + 1 if position is None else position
    return Batch(after=after, position=position, digested_ms=1, item_count=1, events=events, **rest)


def write(data: Path, *batches: Batch) -> None:
    with closing(StateWriter(data / STATE_FILE)) as writer:
        for one in batches:
            writer.write(one)


def rows(data: Path, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with closing(connect(data / STATE_FILE, readonly=True)) as state:
        return state.execute(query, values).fetchall()


def change(data: Path, query: str, *values: Any) -> None:
    with closing(connect(data / STATE_FILE)) as state:
        state.execute(query, values)


def dump(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Every table with its rows."""
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
    return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}


_EVENTS = "(SELECT event.*, fingerprint.issue_id FROM event JOIN fingerprint ON fingerprint.id = fingerprint_id)"
_SHOWN = "(SELECT * FROM issue WHERE event_count <> 0)"
_TRUE_OF_EVERY_FILE = {
    "a fingerprint counts its events": """
        SELECT id FROM fingerprint f WHERE event_count <> (SELECT count(*) FROM event WHERE fingerprint_id = f.id)""",
    "no fingerprint is empty": "SELECT id FROM fingerprint WHERE event_count <= 0",
    "an issue counts its events": f"""
        SELECT id FROM issue i WHERE event_count <> (SELECT count(*) FROM {_EVENTS} WHERE issue_id = i.id)""",
    "only an issue that led somewhere may be empty": """
        SELECT id FROM issue WHERE event_count <= 0 AND merged_into_id IS NULL
          AND id NOT IN (SELECT from_issue_id FROM grouping_move UNION SELECT to_issue_id FROM grouping_move)""",
    "only an empty issue leads to another": "SELECT id FROM issue WHERE event_count > 0 AND merged_into_id IS NOT NULL",
    "first and last seen are its events'": f"""
        SELECT id FROM {_SHOWN} i WHERE (first_seen_ms, last_seen_ms) <>
          (SELECT min(occurred_ms), max(occurred_ms) FROM {_EVENTS} WHERE issue_id = i.id)""",
    "a fingerprint's first and last event are those of its events": """
        SELECT id FROM fingerprint f WHERE (first_event_pk, last_event_pk) <> (
          SELECT (SELECT id FROM event WHERE fingerprint_id = f.id ORDER BY occurred_ms, id LIMIT 1),
                 (SELECT id FROM event WHERE fingerprint_id = f.id ORDER BY occurred_ms DESC, id DESC LIMIT 1))""",
    "an issue's first and last event are those of its events": f"""
        SELECT id FROM {_SHOWN} i WHERE (first_event_pk, last_event_pk) <> (
          SELECT (SELECT id FROM {_EVENTS} WHERE issue_id = i.id ORDER BY occurred_ms, id LIMIT 1),
                 (SELECT id FROM {_EVENTS} WHERE issue_id = i.id ORDER BY occurred_ms DESC, id DESC LIMIT 1))""",
    "the words of an issue are those of its latest event's fingerprint": f"""
        SELECT i.id FROM {_SHOWN} i JOIN event e ON e.id = i.last_event_pk JOIN fingerprint f ON f.id = e.fingerprint_id
        WHERE (i.service, i.title, i.culprit, i.level, i.template) <> (f.service, f.title, f.culprit, f.level, f.template)
          OR i.level <> e.level""",
    "hours are counted": """
        SELECT * FROM fingerprint_hour EXCEPT
        SELECT fingerprint_id, occurred_ms / 3600000, environment, count(*) FROM event GROUP BY 1, 2, 3""",
    "hours of places are counted": """
        SELECT * FROM place_hour EXCEPT
        SELECT project_id, occurred_ms / 3600000, service, environment, count(*) FROM event GROUP BY 1, 2, 3, 4""",
    "no hour of a place is missing": """
        SELECT project_id, occurred_ms / 3600000, service, environment, count(*) FROM event GROUP BY 1, 2, 3, 4 EXCEPT
        SELECT * FROM place_hour""",
    "a place was seen when its latest event occurred": """
        SELECT e.id FROM event e WHERE NOT EXISTS (
          SELECT 1 FROM place p WHERE (p.project_id, p.service, p.environment) = (e.project_id, e.service, e.environment)
            AND e.occurred_ms <= p.last_seen_ms)""",
    "no hour is missing": """
        SELECT fingerprint_id, occurred_ms / 3600000, environment, count(*) FROM event GROUP BY 1, 2, 3 EXCEPT
        SELECT * FROM fingerprint_hour""",
    **{
        f"{name} of {whose}": f"{first} EXCEPT {second}"
        for whose, table, column, events in (
            ("fingerprints", "fingerprint_environment", "fingerprint_id", "event"),
            ("issues", "issue_environment", "issue_id", _EVENTS),
        )
        for kept, counted in (
            (
                f"SELECT * FROM {table}",
                f"SELECT {column}, environment, count(*), min(occurred_ms), max(occurred_ms) FROM {events} GROUP BY 1, 2",
            ),
        )
        for name, first, second in (
            ("environments are counted", kept, counted),
            ("no environment is missing", counted, kept),
        )
    },
    "levels are counted as tags": """
        SELECT fingerprint_id, level, count(*) FROM event GROUP BY 1, 2 EXCEPT
        SELECT fingerprint_id, value, count FROM fingerprint_tag WHERE "key" = 'level'""",
    "every fingerprint can be searched": "SELECT id FROM fingerprint EXCEPT SELECT rowid FROM fingerprint_search",
    "nothing else can be searched": "SELECT rowid FROM fingerprint_search EXCEPT SELECT id FROM fingerprint",
    "every fingerprint is explained": """
        SELECT id, policy_version FROM fingerprint EXCEPT
        SELECT fingerprint_id, policy_version FROM fingerprint_explanation""",
    "nothing else is explained": "SELECT fingerprint_id FROM fingerprint_explanation EXCEPT SELECT id FROM fingerprint",
    "no fingerprint leads nowhere": "SELECT id FROM fingerprint WHERE issue_id NOT IN (SELECT id FROM issue)",
    "every issue has its work": "SELECT id FROM issue EXCEPT SELECT issue_id FROM issue_work",
    "no work is about nothing": "SELECT issue_id FROM issue_work EXCEPT SELECT id FROM issue",
    "handlings count their occurrences": """
        SELECT id FROM handling h
        WHERE occurrence_count <> (SELECT count(*) FROM handling_occurrence WHERE handling_id = h.id)""",
    "occurrences belong to a handling": """
        SELECT event_pk FROM handling_occurrence WHERE handling_id NOT IN (SELECT id FROM handling)""",
    "a handling of one occurrence has its fingerprint": """
        SELECT h.id FROM handling h JOIN handling_occurrence o ON o.handling_id = h.id JOIN event e ON e.id = o.event_pk
        WHERE h.kind = 'each' AND e.fingerprint_id <> h.fingerprint_id""",
    "handlings have a fingerprint": "SELECT id FROM handling WHERE fingerprint_id NOT IN (SELECT id FROM fingerprint)",
    "of a key or batch one handling is open in an issue and environment": """
        SELECT f.issue_id, h.environment, h.kind, h.key FROM handling h JOIN fingerprint f ON f.id = h.fingerprint_id
        WHERE h.kind <> 'each' AND h.closed_ms IS NULL GROUP BY 1, 2, 3, 4 HAVING count(*) > 1""",
    "events have a fingerprint": "SELECT id FROM event WHERE fingerprint_id NOT IN (SELECT id FROM fingerprint)",
}


def assert_counts_are_right(data: Path) -> None:
    """Every roll-up says what counting the events says."""
    with closing(connect(data / STATE_FILE, readonly=True)) as state:  # one: opening reads the whole schema
        found = {name: state.execute(query).fetchall() for name, query in _TRUE_OF_EVERY_FILE.items()}
    wrong = {name: rows for name, rows in found.items() if rows}
    assert wrong == {}, wrong
