"""Messages to routes: written together with the route's cursor, sent afterwards, given up after a day.

A message is sent before that is noted. A process that dies in between sends it once more, with the same key; none is
lost. While a message of a route waits, no other is made: what happens meanwhile is in the next one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mukiau.notify.answers import MAX_RETRY_AFTER_SECONDS, Answer, Outcome, Reason
from mukiau.notify.cause import Cause, CauseKind
from mukiau.notify.message import Message, message_to_json, parse_message
from mukiau.notify.planning import COOL_DOWN_MS, Standing, subject_of
from mukiau.stores.notify.routes import StoredRoute
from mukiau.stores.sqlite import Connection, transaction

GIVEN_UP_MS = 86_400_000
FIRST_DELAY_MS, MAX_DELAY_MS = 15_000, 30 * 60_000
MAX_WAIT_MS = int(MAX_RETRY_AFTER_SECONDS * 1000)
KEPT_MS = 30 * 86_400_000

_COLUMNS = "id, route_id, key, state, attempts, created_ms, next_ms, ended_ms, reason, detail, message"
_INSERT = """
INSERT INTO delivery (route_id, key, state, created_ms, next_ms, message) VALUES (?, ?, 'waiting', ?, ?, ?)
"""
_NOTE = """
UPDATE delivery SET state = ?, attempts = attempts + 1, next_ms = ?, ended_ms = ?, reason = ?, detail = ?
WHERE id = ? AND state = 'waiting'
"""
_AGAIN = """
UPDATE delivery SET state = 'waiting', created_ms = ?, next_ms = ?, ended_ms = 0, attempts = 0
WHERE id = ? AND route_id = ? AND state = 'dead'
"""
_MOVE = "UPDATE notify_route SET cursor = ? WHERE id = ? AND cursor = ? AND is_active"
_TOLD = """
INSERT INTO notify_told (route_id, issue_id, kind, told_ms) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET told_ms = excluded.told_ms
"""


class State(StrEnum):
    """What became of a message."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"
    """Given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message to one route."""

    id: int
    route_id: int
    key: str
    state: State
    attempts: int
    created_ms: int
    next_ms: int
    ended_ms: int
    reason: Reason
    detail: str
    message: Message


def find_waiting(connection: Connection, route_id: int) -> Delivery | None:
    """Return the message of a route that is to be sent; None when there is none."""
    found = _read(connection, "route_id = ? AND state = 'waiting' ORDER BY id LIMIT 1", route_id)
    return found[0] if found else None


def list_deliveries(connection: Connection, route_id: int, *, limit: int) -> list[Delivery]:
    """Return the latest messages of a route, latest first."""
    return _read(connection, "route_id = ? ORDER BY id DESC LIMIT ?", route_id, limit)


def read_standing(connection: Connection, stored: StoredRoute, *, now_ms: int) -> Standing:
    """Return what a route was told before."""
    query = "SELECT issue_id, kind, told_ms FROM notify_told WHERE route_id = ? AND told_ms > ?"
    rows = connection.execute(query, (stored.id, now_ms - COOL_DOWN_MS))
    told = {(issue, CauseKind(kind)): told_ms for issue, kind, told_ms in rows}
    return Standing(planned_ms=stored.planned_ms, told_count=stored.told_count, told=told)


def pass_by(connection: Connection, moves: Sequence[tuple[StoredRoute, int]]) -> None:
    """Move the cursors of routes that nothing before them was for: all in one transaction."""
    with transaction(connection):
        connection.executemany(_MOVE, [(until, stored.id, stored.cursor) for stored, until in moves])


def settle(
    connection: Connection,
    stored: StoredRoute,
    causes: Sequence[Cause],
    message: Message,
    *,
    until: int,
    key: str,
    now_ms: int,
) -> None:
    """Move a route's cursor, and write the message about what was before it, all or nothing.

    A route whose cursor was moved otherwise, or that is gone, is left as it is.
    """
    with transaction(connection):
        if not connection.execute(_MOVE, (until, stored.id, stored.cursor)).rowcount:
            return
        _insert(connection, stored.id, message, key=key, now_ms=now_ms)
        count = "UPDATE notify_route SET planned_ms = ?, told_count = ? WHERE id = ?"
        connection.execute(count, (now_ms, len(causes), stored.id))
        subjects = (subject_of(cause) for cause in causes)
        connection.executemany(_TOLD, [(stored.id, *one, now_ms) for one in subjects if one is not None])
        connection.execute(
            "DELETE FROM notify_told WHERE route_id = ? AND told_ms <= ?", (stored.id, now_ms - COOL_DOWN_MS)
        )


def settle_summary(
    connection: Connection, stored: StoredRoute, message: Message, *, day: str, key: str, now_ms: int
) -> None:
    """Write a route's summary of a day, once."""
    move = "UPDATE notify_route SET summary_day = ? WHERE id = ? AND summary_day = ? AND is_active"
    with transaction(connection):
        if connection.execute(move, (day, stored.id, stored.summary_day)).rowcount:
            _insert(connection, stored.id, message, key=key, now_ms=now_ms)


def note_answer(connection: Connection, delivery: Delivery, answer: Answer, *, now_ms: int) -> State:
    """Write down what became of an attempt; return what became of the message."""
    state, next_ms = State.SENT, 0
    if answer.outcome is not Outcome.SENT:
        next_ms = now_ms + delay_ms(delivery.attempts, answer)
        is_over = answer.outcome is Outcome.FAILED or next_ms >= delivery.created_ms + GIVEN_UP_MS
        state = State.DEAD if is_over else State.WAITING
    ended_ms = 0 if state is State.WAITING else now_ms
    connection.execute(_NOTE, (state, next_ms, ended_ms, answer.reason, answer.detail[:200], delivery.id))
    return state


def delay_ms(attempts: int, answer: Answer) -> int:
    """Return how long to wait after an attempt that failed, when there were `attempts` before it."""
    return int(max(answer.retry_after_seconds * 1000, min(FIRST_DELAY_MS << min(attempts, 20), MAX_DELAY_MS)))


def is_due(delivery: Delivery, *, now_ms: int) -> bool:
    """Say whether a message is to be tried now. What a clock that was set back has put off for long is due as well."""
    return not now_ms < delivery.next_ms <= now_ms + MAX_WAIT_MS


def send_again(connection: Connection, route_id: int, delivery_id: int, *, now_ms: int) -> bool:
    """Have a message of a route tried once more, for a day, that was given up; False when it is none."""
    return bool(connection.execute(_AGAIN, (now_ms, now_ms, delivery_id, route_id)).rowcount)


def forget_old(connection: Connection, *, now_ms: int) -> None:
    """Delete messages that ended long ago."""
    connection.execute("DELETE FROM delivery WHERE state <> 'waiting' AND ended_ms < ?", (now_ms - KEPT_MS,))


def _insert(connection: Connection, route_id: int, message: Message, *, key: str, now_ms: int) -> None:
    connection.execute(_INSERT, (route_id, key, now_ms, now_ms, message_to_json(message)))


def _read(connection: Connection, where: str, *values: int) -> list[Delivery]:
    rows = connection.execute(f"SELECT {_COLUMNS} FROM delivery WHERE {where}", values)  # noqa: S608 - constants
    return [_delivery(row) for row in rows]


def _delivery(row: tuple[Any, ...]) -> Delivery:
    got = dict(zip(_COLUMNS.split(", "), row, strict=True))
    read = {"state": State(got["state"]), "reason": Reason(got["reason"]), "message": parse_message(got["message"])}
    return Delivery(**{**got, **read})
