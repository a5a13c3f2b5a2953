"""What people do with a handling: take it, tick its steps, close it, open it again, give it to somebody else.

Whoever acts says which version they have seen. Of an older one nothing is changed: `HandlingConflict`. Each act is one line
of the issue's history with what was before and after; a ticked step is none, because the handling itself says who ticked
it and when, and ten lines for each of a thousand handlings would hide the rest.

The version of the runbook that is followed is pinned by the first act that follows it, and no later act changes it. All
functions work in the transaction at hand.
"""

from dataclasses import dataclass, replace
from typing import Any

from mukiau.stores.sqlite import Connection
from mukiau.stores.work.handling_refusals import (
    BadMinutes,
    CannotBeDone,
    HandlingConflict,
    OpenedAgain,
    ReasonMissing,
    UnknownHandling,
)
from mukiau.stores.work.handling_rows import FoundHandling, Tick, find_handling, snapshot_to_text, ticks_to_text
from mukiau.stores.work.handlings import find_open
from mukiau.stores.work.issue_work import Who, record_history
from mukiau.stores.work.matching import find_runbook_for
from mukiau.work.handling import MAX_MINUTES, Act, Kind, Outcome, Snapshot, State, next_state

MAX_NOTE_CHARS = 20_000
"""Of a note and of a result; a table that was pasted whole is some thousands."""
MAX_SNAPSHOT_CHARS = 2_000
MAX_STEPS = 200

_FIRST = """
SELECT e.title, e.message, e.environment, e.occurred_ms FROM handling_occurrence o JOIN event e ON e.id = o.event_pk
WHERE o.handling_id = ? ORDER BY e.occurred_ms, e.id LIMIT 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is said of a handling when it is closed."""

    outcome: Outcome | None = None
    minutes: int | None = None
    note: str = ""
    result: str = ""
    """What came of it, as it was pasted."""


def get_handling(connection: Connection, handling_id: int, version: int | None = None) -> FoundHandling:
    """Return a handling as it is, or in the version somebody has seen; raises HandlingRefused."""
    found = find_handling(connection, handling_id)
    if found is None:
        raise UnknownHandling(handling_id)
    if version is not None and found.version != version:
        raise HandlingConflict(handling_id, version=found.version)
    return found


def take(connection: Connection, handling_id: int, *, version: int, who: Who, at_ms: int) -> FoundHandling:
    """Say that somebody is at it now."""
    found = get_handling(connection, handling_id, version)
    values = {"state": _next(found, Act.TAKE), **_begun(connection, found, who, at_ms), "assignee_id": who.id}
    return _change(connection, found, "handling_taken", values, who=who, at_ms=at_ms)


def wait(connection: Connection, handling_id: int, *, version: int, who: Who, at_ms: int) -> FoundHandling:
    """Say that it waits for a request."""
    found = get_handling(connection, handling_id, version)
    values = {"state": _next(found, Act.WAIT), **_begun(connection, found, who, at_ms)}
    return _change(connection, found, "handling_waits", values, who=who, at_ms=at_ms)


def tick(
    connection: Connection,
    handling_id: int,
    step: int,
    *,
    is_done: bool,
    drafted: Told | None = None,
    version: int,
    who: Who,
    at_ms: int,
) -> FoundHandling:
    """Tick a step, or take the tick away; who ticks takes what nobody has taken.

    `drafted` is what is written so far: note and result are kept with every tick, so that nothing typed is lost.
    """
    found = get_handling(connection, handling_id, version)
    if not found.is_open or not 0 < step <= MAX_STEPS:
        raise CannotBeDone("tick", found.state)
    if found.state is State.OPEN:
        found = take(connection, handling_id, version=version, who=who, at_ms=at_ms)
    ticks = {one: tick for one, tick in found.ticked.items() if one != step}
    if is_done:
        ticks[step] = found.ticked.get(step) or Tick(who=who.name, at_ms=at_ms)
    values = {"ticks": ticks_to_text(ticks), **_begun(connection, found, who, at_ms)}
    if drafted is not None:
        values |= {"note": _note(drafted.note), "result": _note(drafted.result)}
    return _save(connection, found, values)


def finish(
    connection: Connection, handling_id: int, told: Told, *, version: int, who: Who, at_ms: int
) -> FoundHandling:
    """Say that it is done, whether what the runbook says worked, and what it took."""
    found = get_handling(connection, handling_id, version)
    values = {
        "state": _next(found, Act.FINISH),
        **_begun(connection, found, who, at_ms),
        **_closed(connection, found, who, at_ms),
        **_told(told),
    }
    return _change(connection, found, "handling_done", values, who=who, at_ms=at_ms)


def dismiss(
    connection: Connection, handling_id: int, told: Told, *, version: int, who: Who, at_ms: int
) -> FoundHandling:
    """Say that nothing is needed; the note says why."""
    found = get_handling(connection, handling_id, version)
    state = _next(found, Act.DISMISS)
    if not told.note.strip():
        raise ReasonMissing
    values = {"state": state, **_closed(connection, found, who, at_ms), **_told(replace(told, outcome=None))}
    return _change(connection, found, "handling_not_needed", values, who=who, at_ms=at_ms)


def reopen(connection: Connection, handling_id: int, *, version: int, who: Who, at_ms: int) -> FoundHandling:
    """Take back that it is closed; what was said then stays to be corrected."""
    found = get_handling(connection, handling_id, version)
    values = {
        "state": _next(found, Act.REOPEN),
        "assignee_id": who.id,
        "closed_ms": None,
        "closed_by": "",
        "closed_by_id": None,
    }
    if (other := find_same(connection, found)) is not None:
        raise OpenedAgain(handling_id, other)
    return _change(connection, found, "handling_reopened", values, who=who, at_ms=at_ms)


def hand_over(
    connection: Connection, handling_id: int, to: Who, *, note: str, version: int, who: Who, at_ms: int
) -> FoundHandling:
    """Give it to somebody else, who reads the note first."""
    found = get_handling(connection, handling_id, version)
    if not found.is_open:
        raise CannotBeDone("hand_over", found.state)
    parts = (found.note, f"{who.name} → {to.name}: {note.strip()}" if note.strip() else "")
    values = {"assignee_id": to.id, "note": _note("\n".join(part for part in parts if part))}
    return _change(connection, found, "handling_handed_over", values, who=who, at_ms=at_ms, to=to.name)


def find_same(connection: Connection, found: FoundHandling) -> int | None:
    """Return the handling that is open for the same key or batch; None for one that answers one occurrence."""
    if found.kind is Kind.EACH:
        return None
    return find_open(connection, found.issue_id, found.environment, found.kind, found.key)


def snapshot_of(connection: Connection, found: FoundHandling) -> str:
    """Return what is kept of the first occurrence; what was kept before, where that is deleted by now."""
    row = connection.execute(_FIRST, (found.id,)).fetchone()
    if row is None and found.snapshot:
        return found.snapshot
    title, message, environment, occurred_ms = row or (found.title, "", found.environment, found.first_ms)
    kept = Snapshot(
        title=title,
        message=message[:MAX_SNAPSHOT_CHARS],
        environment=environment,
        occurred_ms=occurred_ms,
        key=found.key,
    )
    return snapshot_to_text(kept)


def _next(found: FoundHandling, act: Act) -> State:
    state = next_state(found.state, act)
    if state is None:
        raise CannotBeDone(act, found.state)
    return state


def _begun(connection: Connection, found: FoundHandling, who: Who, at_ms: int) -> dict[str, Any]:
    """Return what the first act of somebody who follows the runbook leaves; nothing that a later one changes."""
    pinned = found.runbook_version_id
    if pinned is None and (runbook := find_runbook_for(connection, found.issue_id)) is not None:
        pinned = runbook.version_id
    return {
        "runbook_version_id": pinned,
        "started_ms": at_ms if found.started_ms is None else found.started_ms,
        "assignee_id": who.id if found.assignee_id is None else found.assignee_id,
    }


def _closed(connection: Connection, found: FoundHandling, who: Who, at_ms: int) -> dict[str, Any]:
    by = {"closed_ms": at_ms, "closed_by": who.name, "closed_by_id": who.id}
    return {**by, "snapshot": snapshot_of(connection, found)}


def _told(told: Told) -> dict[str, Any]:
    if told.minutes is not None and not 0 <= told.minutes <= MAX_MINUTES:
        raise BadMinutes(told.minutes)
    return {
        "outcome": told.outcome or "",
        "minutes": told.minutes,
        "note": _note(told.note),
        "result": _note(told.result),
    }


def _note(text: str) -> str:
    return text.replace("\r\n", "\n").strip()[:MAX_NOTE_CHARS]


def _change(
    connection: Connection,
    found: FoundHandling,
    kind: str,
    values: dict[str, Any],
    *,
    who: Who,
    at_ms: int,
    **facts: Any,
) -> FoundHandling:
    """Write what an act changes, and its line of the history."""
    changed = {name: value for name, value in values.items() if name != "snapshot" and _stored(found, name) != value}
    before = {name: _stored(found, name) for name in changed}
    details = {"handling": found.id, **facts, "before": before, "after": changed}
    record_history(connection, found.issue_id, kind, details, who=who, at_ms=at_ms)
    return _save(connection, found, values)


def _stored(found: FoundHandling, name: str) -> Any:
    value = getattr(found, name)
    return "" if value is None and name == "outcome" else value


def _save(connection: Connection, found: FoundHandling, values: dict[str, Any]) -> FoundHandling:
    names = "".join(f"{name} = ?, " for name in values)
    query = f"UPDATE handling SET {names}version = version + 1 WHERE id = ?"  # noqa: S608 - names of columns
    connection.execute(query, (*values.values(), found.id))
    return get_handling(connection, found.id)
