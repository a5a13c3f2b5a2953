"""Deciding about issues, resolving them, and undoing it.

Every act is one transaction and one line of the issue's history, which holds what was before and what was after. Undoing
puts back what was before, as long as nobody has changed the issue since; what digest did meanwhile for the act that is
undone (handlings nobody has touched) goes with it.

A decision that lets occurrences be handled answers those, too, that came while it was not made (`backlog.py`).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from mukiau.stores.sqlite import Connection
from mukiau.stores.work.backlog import answer_backlog
from mukiau.stores.work.handlings import give_handlings
from mukiau.stores.work.issue_work import (
    IssueWork,
    Who,
    find_work,
    record_history,
    scope_to_text,
    watch_to_text,
)
from mukiau.stores.work.registered import Environments
from mukiau.stores.work.resolutions import find_running, first_deployed, load_resolutions, load_states, put_state
from mukiau.work.decisions import HANDLED, Choice, Decision
from mukiau.work.lifecycle import State, find_holding, holds_fix

UNDOABLE = frozenset({"decided", "resolved", "reopened", "assigned"})

_COLUMNS = (
    "decision",
    "scope",
    "key",
    "period",
    "watch",
    "watch_until_ms",
    "reason",
    "decided_ms",
    "decided_by",
    "needs_decision",
    "why_needed",
    "why_details",
    "needed_since_ms",
    "team_id",
    "assignee_id",
)
_NAMES = ", ".join(_COLUMNS)
_DECIDE = """
UPDATE issue_work SET decision = ?, scope = ?, key = ?, period = ?, watch = ?, watch_until_ms = ?, reason = ?,
  decided_ms = ?, decided_by = ?, needs_decision = 0, why_needed = '', why_details = '', version = version + 1
WHERE issue_id = ?
"""
_RESOLVE = """
INSERT INTO issue_resolution (issue_id, environment, "release", resolved_ms, actor) VALUES (?, ?, ?, ?, ?)
"""
_END = """
UPDATE issue_resolution SET ended_ms = ?1 WHERE issue_id = ?2 AND ended_ms IS NULL AND ?3 IN ('', environment)
"""
_QUIET = """
UPDATE issue_work SET needs_decision = 0, why_needed = '', why_details = '', version = version + 1 WHERE issue_id = ?
"""
_CHANGE = "UPDATE issue_work SET version = version + 1 WHERE issue_id = ?"
# What the decision opened: for what had come before it, and for what has arrived since.
_UNTOUCHED = """
SELECT h.id FROM fingerprint f CROSS JOIN handling h ON h.fingerprint_id = f.id
WHERE f.issue_id = ? AND h.state = 'open' AND h.version = 1
  AND (h.history_id = ? OR (h.history_id IS NULL AND h.opened_ms >= ?))
"""
_FIND_LINE = "SELECT issue_id, kind, details, undone_ms FROM issue_history WHERE id = ?"


class WorkRefused(Exception):  # noqa: N818 - nothing went wrong, and nothing was changed
    """The issue stays as it is; the message says why in one sentence."""


class NoSuchIssue(WorkRefused):
    """There is no such issue (any more)."""

    def __init__(self, issue_id: int) -> None:
        super().__init__(f"There is no issue {issue_id}.")
        self.issue_id = issue_id


class ChangedSince(WorkRefused):
    """Somebody has changed the issue since."""

    def __init__(self, issue_id: int) -> None:
        super().__init__(f"Somebody has changed issue {issue_id} since; look at it again.")
        self.issue_id = issue_id


class NothingToUndo(WorkRefused):
    """The line cannot be undone, or was undone before."""

    def __init__(self, history_id: int) -> None:
        super().__init__(f"What line {history_id} of the history says cannot be undone (any more).")
        self.history_id = history_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What was done to one issue."""

    issue_id: int
    history_id: int
    handlings: int = 0
    """Opened for what had come before."""


def decide(
    connection: Connection, issue_id: int, choice: Choice, *, who: Who, at_ms: int, version: int | None = None
) -> Done:
    """Decide about an issue, in the transaction at hand; raises WorkRefused.

    `version`: what whoever decides has seen; None: as it is.
    """
    work = get_work(connection, issue_id, version)
    before = take_snapshot(connection, issue_id)
    values = (
        choice.decision,
        scope_to_text(choice.scope),
        choice.key,
        choice.period,
        watch_to_text(choice.watch) or "{}" if choice.decision is Decision.WATCH else "",
        choice.wakes_ms,
        choice.reason,
        at_ms,
        who.name,
        issue_id,
    )
    connection.execute(_DECIDE, values)
    line = record_act(connection, issue_id, "decided", before, who=who, at_ms=at_ms)
    opened = 0
    if choice.decision in HANDLED and work.needs_decision:
        opened = answer_backlog(connection, work, choice, line, at_ms=at_ms)
    return Done(issue_id=issue_id, history_id=line, handlings=opened)


def resolve(
    connection: Connection,
    issue_id: int,
    *,
    environments: Sequence[str] = (),
    release: str = "",
    who: Who,
    at_ms: int,
    version: int | None = None,
) -> Done:
    """Say that an issue is over: everywhere, or in some environments; at once, or where a release runs.

    In the transaction at hand; raises WorkRefused. What was said before of the same environments ends; everywhere is all.
    """
    work = get_work(connection, issue_id, version)
    before = take_snapshot(connection, issue_id)
    for environment in environments or ("",):
        connection.execute(_END, (at_ms, issue_id, environment))
        connection.execute(_RESOLVE, (issue_id, environment, release, at_ms, who.name))
    for environment in environments or _environments(connection, issue_id):
        state = _state_now(connection, work, environment, release, at_ms)
        put_state(connection, issue_id, environment, state, at_ms=at_ms)
    connection.execute(_QUIET if _is_over(connection, work) else _CHANGE, (issue_id,))
    line = record_act(connection, issue_id, "resolved", before, who=who, at_ms=at_ms)
    return Done(issue_id=issue_id, history_id=line)


def reopen(connection: Connection, issue_id: int, *, who: Who, at_ms: int) -> Done:
    """Take back that an issue is over, in the transaction at hand; raises WorkRefused."""
    get_work(connection, issue_id)
    before = take_snapshot(connection, issue_id)
    connection.execute(_END, (at_ms, issue_id, ""))
    connection.execute("DELETE FROM issue_state WHERE issue_id = ?", (issue_id,))
    connection.execute(_CHANGE, (issue_id,))
    return Done(
        issue_id=issue_id, history_id=record_act(connection, issue_id, "reopened", before, who=who, at_ms=at_ms)
    )


def assign(
    connection: Connection, issue_id: int, *, team_id: int | None, assignee_id: int | None, who: Who, at_ms: int
) -> Done:
    """Say whose an issue is, in the transaction at hand; its open handlings follow to the team. Raises WorkRefused."""
    get_work(connection, issue_id)
    before = take_snapshot(connection, issue_id)
    connection.execute(
        "UPDATE issue_work SET team_id = ?, assignee_id = ?, version = version + 1 WHERE issue_id = ?",
        (team_id, assignee_id, issue_id),
    )
    give_handlings(connection, issue_id)
    return Done(
        issue_id=issue_id, history_id=record_act(connection, issue_id, "assigned", before, who=who, at_ms=at_ms)
    )


def undo(connection: Connection, history_id: int, *, who: Who, at_ms: int) -> Done:
    """Put an issue back to what it was before an act, in the transaction at hand; raises WorkRefused."""
    row = connection.execute(_FIND_LINE, (history_id,)).fetchone()
    if row is None or row[3] is not None or row[1] not in UNDOABLE:
        raise NothingToUndo(history_id)
    issue, details = row[0], json.loads(row[2])
    if get_work(connection, issue).version != details["after"]["version"]:
        raise ChangedSince(issue)
    _restore(connection, issue, details["before"], details["after"])
    if row[1] == "assigned":
        give_handlings(connection, issue)
    if row[1] == "decided":
        # Where the decision before it has occurrences handled, too, those that have arrived since keep their handlings.
        was_handled = details["before"]["decision"] in HANDLED
        since_ms = details["after"]["decided_ms"] if not was_handled else None
        _take_back_handlings(connection, issue, history_id, since_ms=since_ms)
    connection.execute(
        "UPDATE issue_history SET undone_ms = ?, undone_by = ? WHERE id = ?", (at_ms, who.name, history_id)
    )
    return Done(issue_id=issue, history_id=history_id)


class PastAct(NamedTuple):
    """A line of the history, as far as undoing it cares."""

    line: int
    issue_id: int
    kind: str
    actor_id: int | None
    is_undone: bool


def find_acts(connection: Connection, lines: Sequence[int]) -> list[PastAct]:
    """Return what lines of the history say; unknown ones are left out."""
    query = "SELECT id, issue_id, kind, actor_id, undone_ms IS NOT NULL FROM issue_history WHERE id = ?"
    rows = (connection.execute(query, (line,)).fetchone() for line in lines)
    return [PastAct._make((*row[:4], bool(row[4]))) for row in rows if row is not None]


def get_work(connection: Connection, issue_id: int, version: int | None = None) -> IssueWork:
    """Return what is decided about an issue; raises NoSuchIssue and, unless it has this version, ChangedSince."""
    work = find_work(connection, issue_id)
    if work is None:
        raise NoSuchIssue(issue_id)
    if version is not None and work.version != version:
        raise ChangedSince(issue_id)
    return work


# --- Before and after ---------------------------------------------------------------------------------------------


def take_snapshot(connection: Connection, issue_id: int) -> dict[str, Any]:
    """Return everything people have said about an issue: what undoing puts back."""
    row = connection.execute(f"SELECT version, {_NAMES} FROM issue_work WHERE issue_id = ?", (issue_id,)).fetchone()  # noqa: S608
    holding = connection.execute(
        "SELECT id FROM issue_resolution WHERE issue_id = ? AND ended_ms IS NULL ORDER BY id", (issue_id,)
    ).fetchall()
    states = connection.execute(
        "SELECT environment, state, since_ms, event_pk FROM issue_state WHERE issue_id = ? ORDER BY environment",
        (issue_id,),
    ).fetchall()
    return {
        **dict(zip(("version", *_COLUMNS), row, strict=True)),
        "resolutions": [one[0] for one in holding],
        "states": [list(one) for one in states],
    }


def record_act(
    connection: Connection, issue_id: int, kind: str, before: Mapping[str, Any], *, who: Who, at_ms: int
) -> int:
    """Write down what was before, and what is now; return the id of the line."""
    details = {"before": before, "after": take_snapshot(connection, issue_id)}
    return record_history(connection, issue_id, kind, details, who=who, at_ms=at_ms)


def _restore(connection: Connection, issue_id: int, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Put back what the act changed, and nothing else: what digest has noted meanwhile stays."""
    changed = [name for name in _COLUMNS if before[name] != after[name]]
    marks = "".join(f"{name} = :{name}, " for name in changed)
    connection.execute(
        f"UPDATE issue_work SET {marks}version = version + 1 WHERE issue_id = :issue",  # noqa: S608 - names of columns
        {**{name: before[name] for name in changed}, "issue": issue_id},
    )
    ended, made = (
        [(one,) for one in this["resolutions"] if one not in other["resolutions"]]
        for this, other in ((before, after), (after, before))
    )
    connection.executemany("UPDATE issue_resolution SET ended_ms = NULL WHERE id = ?", ended)
    connection.executemany("DELETE FROM issue_resolution WHERE id = ?", made)
    if ended or made:
        connection.execute("DELETE FROM issue_state WHERE issue_id = ?", (issue_id,))
        for environment, state, since_ms, event_pk in before["states"]:
            put_state(connection, issue_id, environment, State(state), at_ms=since_ms, event_pk=event_pk)


def _take_back_handlings(connection: Connection, issue_id: int, history_id: int, *, since_ms: int | None) -> None:
    """Drop the handlings that a decision opened and nobody has touched: at once, and for arrivals since a time."""
    untouched = connection.execute(_UNTOUCHED, (issue_id, history_id, since_ms)).fetchall()
    connection.executemany("DELETE FROM handling_occurrence WHERE handling_id = ?", untouched)
    connection.executemany("DELETE FROM handling WHERE id = ?", untouched)


# --- Where it is over ---------------------------------------------------------------------------------------------


def _is_over(connection: Connection, work: IssueWork) -> bool:
    """Say whether no environment within the scope is left that a decision is needed for."""
    registered, said = Environments(connection), load_resolutions(connection, [work.issue_id]).get(work.issue_id, ())
    in_scope = [
        name
        for name in _environments(connection, work.issue_id)
        if registered.purpose(work.project_id, name) in work.standing.scope
    ]
    states = load_states(connection, [work.issue_id])
    if any(states.get((work.issue_id, name)) is State.REGRESSED for name in in_scope):
        return False
    return work.standing.decision is not Decision.NONE_YET or all(find_holding(said, name) for name in in_scope)


def _environments(connection: Connection, issue_id: int) -> list[str]:
    query = "SELECT environment FROM issue_environment WHERE issue_id = ? ORDER BY environment"
    return [row[0] for row in connection.execute(query, (issue_id,))]


def _state_now(connection: Connection, work: IssueWork, environment: str, release: str, at_ms: int) -> State:
    """Say whether the fix runs in an environment already."""
    if not release:
        return State.RESOLVED
    service = connection.execute("SELECT service FROM issue WHERE id = ?", (work.issue_id,)).fetchone()[0]
    running = find_running(connection, work.project_id, environment, service, at_ms)
    deployed = first_deployed(connection, work.project_id, service, (running, release))
    return State.RESOLVED if holds_fix(running, release, deployed) else State.AWAITING_DEPLOY
