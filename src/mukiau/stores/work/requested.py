"""What requests do to the handlings of their occurrences: those wait for it, and are done when it is verified.

A request covers a handling when it is about every occurrence that the handling answers. A handling that answers more (a
batch that others have joined since) is not closed by it: somebody looks at the rest. While another request about the same
occurrences is on its way, the handling goes on waiting for that one.
"""

from dataclasses import dataclass

from mukiau.stores.sqlite import Connection
from mukiau.stores.work.answering import Told, finish, get_handling, wait
from mukiau.stores.work.handling_rows import FoundHandling
from mukiau.stores.work.handlings import IS_OPEN
from mukiau.stores.work.issue_work import Who, record_history
from mukiau.work.handling import Outcome, State
from mukiau.work.requests import Act

_TOUCHED = f"""
SELECT h.id, count(*),
  (SELECT count(*) FROM handling_occurrence WHERE handling_id = h.id),
  EXISTS (
    SELECT 1 FROM handling_occurrence b CROSS JOIN request_occurrence p ON p.event_pk = b.event_pk AND p.event_pk > 0
    CROSS JOIN request r ON r.id = p.request_id
    WHERE b.handling_id = h.id AND r.id <> ?1 AND r.state IN ('asked', 'approved', 'running', 'to_verify', 'sent_back'))
FROM request_occurrence o CROSS JOIN handling_occurrence a ON a.event_pk = o.event_pk
CROSS JOIN handling h ON h.id = a.handling_id
WHERE o.request_id = ?1 AND o.event_pk > 0 AND {IS_OPEN}
GROUP BY h.id ORDER BY h.id
"""  # noqa: S608 - a constant
_GIVE_BACK = "UPDATE handling SET state = 'in_progress', version = version + 1 WHERE id = ?"
_ISSUES = """
SELECT DISTINCT f.issue_id FROM request_occurrence o JOIN fingerprint f ON f.id = o.fingerprint_id
WHERE o.request_id = ? ORDER BY 1
"""
TOLD = frozenset({Act.ASK, Act.VERIFY, Act.DECLINE, Act.WITHDRAW})
"""Acts that stand in the history of the issues as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Touched:
    """A handling of occurrences that a request is about."""

    handling: FoundHandling
    is_covered: bool
    waits_for_another: bool


def move_handlings(
    connection: Connection,
    request_id: int,
    act: Act,
    *,
    may_handle: bool,
    who: Who,
    at_ms: int,
    minutes: int | None = None,
) -> None:
    """Let the handlings of a request's occurrences follow an act, in the transaction at hand.

    An inquiry of somebody who does not handle occurrences moves none; it stands in the history all the same. `minutes` of a
    verification count with the first handling that it closes: what is done for several at once is not done for each.
    """
    if act not in TOLD:
        return
    closed = 0
    for touched in _read_touched(connection, request_id) if may_handle else []:
        told = 0 if closed and minutes is not None else minutes
        closed += _follow(connection, touched, act, minutes=told, who=who, at_ms=at_ms)
    details = {"request": request_id, "act": act.value, **({"handlings": closed} if closed else {})}
    for (issue_id,) in connection.execute(_ISSUES, (request_id,)).fetchall():
        record_history(connection, issue_id, "request", details, who=who, at_ms=at_ms)


def list_closing(connection: Connection, request_id: int) -> tuple[FoundHandling, ...]:
    """Return the handlings that are done when a request is verified."""
    touched = _read_touched(connection, request_id)
    return tuple(one.handling for one in touched if one.is_covered and not one.waits_for_another)


def _read_touched(connection: Connection, request_id: int) -> list[_Touched]:
    return [
        _Touched(handling=get_handling(connection, row[0]), is_covered=row[1] >= row[2], waits_for_another=bool(row[3]))
        for row in connection.execute(_TOUCHED, (request_id,)).fetchall()
    ]


def _follow(connection: Connection, touched: _Touched, act: Act, *, minutes: int | None, who: Who, at_ms: int) -> bool:
    """Say whether the handling was closed."""
    found = touched.handling
    is_waiting = found.state is State.WAITING
    if act is Act.ASK:
        if touched.is_covered and not is_waiting:
            wait(connection, found.id, version=found.version, who=who, at_ms=at_ms)
        return False
    if touched.waits_for_another:
        return False
    if act is Act.VERIFY and touched.is_covered:
        told = Told(
            outcome=found.outcome or Outcome.WORKED,
            minutes=found.minutes if minutes is None else minutes,
            note=found.note,
            result=found.result,
        )
        finish(connection, found.id, told, version=found.version, who=who, at_ms=at_ms)
        return True
    if is_waiting:
        connection.execute(_GIVE_BACK, (found.id,))
    return False
