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


def dump(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Every table with its rows."""
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
    return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}


_TRUE_OF_EVERY_FILE = {
    "an issue counts its events": """
        SELECT id FROM issue i WHERE event_count <> (SELECT count(*) FROM event WHERE issue_id = i.id)""",
    "no issue is empty": "SELECT id FROM issue WHERE event_count <= 0",
    "first and last seen are its events'": """
        SELECT id FROM issue i WHERE (first_seen_ms, last_seen_ms) <>
          (SELECT min(occurred_ms), max(occurred_ms) FROM event WHERE issue_id = i.id)""",
    "first and last event are of those moments": """
        SELECT i.id FROM issue i LEFT JOIN event f ON f.id = first_event_pk LEFT JOIN event l ON l.id = last_event_pk
        WHERE f.occurred_ms IS NOT first_seen_ms OR l.occurred_ms IS NOT last_seen_ms
          OR f.issue_id IS NOT i.id OR l.issue_id IS NOT i.id""",
    "hours are counted": """
        SELECT issue_id, hour, environment, count FROM issue_hour EXCEPT
        SELECT issue_id, occurred_ms / 3600000, environment, count(*) FROM event GROUP BY 1, 2, 3""",
    "no hour is missing": """
        SELECT issue_id, occurred_ms / 3600000, environment, count(*) FROM event GROUP BY 1, 2, 3 EXCEPT
        SELECT issue_id, hour, environment, count FROM issue_hour""",
    "environments are counted": """
        SELECT * FROM issue_environment EXCEPT
        SELECT issue_id, environment, count(*), min(occurred_ms), max(occurred_ms) FROM event GROUP BY 1, 2""",
    "no environment is missing": """
        SELECT issue_id, environment, count(*), min(occurred_ms), max(occurred_ms) FROM event GROUP BY 1, 2 EXCEPT
        SELECT * FROM issue_environment""",
    "levels are counted as tags": """
        SELECT issue_id, level, count(*) FROM event GROUP BY 1, 2 EXCEPT
        SELECT issue_id, value, count FROM issue_tag WHERE "key" = 'level'""",
    "an event's fingerprint leads to its issue": """
        SELECT event.id FROM event JOIN fingerprint ON fingerprint.id = fingerprint_id
        WHERE fingerprint.issue_id <> event.issue_id""",
    "every issue can be searched": "SELECT id FROM issue EXCEPT SELECT rowid FROM issue_search",
    "nothing else can be searched": "SELECT rowid FROM issue_search EXCEPT SELECT id FROM issue",
    "no fingerprint leads nowhere": "SELECT id FROM fingerprint WHERE issue_id NOT IN (SELECT id FROM issue)",
    "events have an issue": "SELECT id FROM event WHERE issue_id NOT IN (SELECT id FROM issue)",
}


def assert_counts_are_right(data: Path) -> None:
    """Every roll-up says what counting the events says."""
    wrong = {name: found for name, query in _TRUE_OF_EVERY_FILE.items() if (found := rows(data, query))}
    assert wrong == {}
