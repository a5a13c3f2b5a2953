"""What is known about an issue that is watched, and what woke it."""

from collections.abc import Sequence

from mukiau.stores.event_rows import HOUR_MS, EventRow
from mukiau.stores.sqlite import Connection
from mukiau.stores.work.issue_work import IssueWork, Who, ask_for_decision, record_history, watch_from_text
from mukiau.stores.work.registered import Environments
from mukiau.work.decisions import Why
from mukiau.work.watching import Fired, Observation, decide_watch

HOURS_A_DAY = 24
_COUNT = """
SELECT h.environment, sum(h.count), sum(iif(h.hour = ?2, h.count, 0))
FROM fingerprint f CROSS JOIN fingerprint_hour h ON h.fingerprint_id = f.id
WHERE f.issue_id = ?1 AND h.hour BETWEEN ?3 AND ?2 GROUP BY h.environment
"""
_HIT_SINCE = "SELECT environment FROM issue_environment WHERE issue_id = ? AND last_seen_ms > ?"
_DUE = """
SELECT issue_id, watch FROM issue_work WHERE watch_until_ms > 0 AND watch_until_ms <= ? ORDER BY watch_until_ms, issue_id
LIMIT ?
"""
_WOKEN = "UPDATE issue_work SET watch_until_ms = 0 WHERE issue_id = ?"
MAX_WOKEN = 200
"""Issues woken by their date in one heartbeat."""


def find_fired(
    connection: Connection, work: IssueWork, rows: Sequence[EventRow], environments: Environments, *, now_ms: int
) -> Fired | None:
    """Return which condition of a watched issue is met, now that these events have arrived since it is watched."""
    if work.watch is None:
        return None
    in_scope = [row for row in rows if environments.purpose(row.project_id, row.environment) in work.standing.scope]
    if not in_scope:
        return None
    return decide_watch(work.watch, _observe(connection, work, in_scope, environments, now_ms=now_ms))


def _observe(
    connection: Connection, work: IssueWork, rows: Sequence[EventRow], environments: Environments, *, now_ms: int
) -> Observation:
    scope, project = work.standing.scope, work.project_id
    hour = max(row.occurred_ms for row in rows) // HOUR_MS
    midnight = hour - hour % HOURS_A_DAY
    counts = [
        (day, of_hour)
        for name, day, of_hour in connection.execute(_COUNT, (work.issue_id, hour, midnight))
        if environments.purpose(project, name) in scope
    ]
    hit = {
        environments.customer(project, name) or name
        for (name,) in connection.execute(_HIT_SINCE, (work.issue_id, work.decided_ms))
        if environments.purpose(project, name) in scope
    }
    return Observation(
        now_ms=now_ms,
        hour_count=sum(of_hour for _, of_hour in counts),
        day_count=sum(day for day, _ in counts),
        releases=frozenset(row.digested.event.release for row in rows),
        customers=len(hit),
    )


def wake_due(connection: Connection, now_ms: int) -> int:
    """Ask for a decision about the issues whose date has come; return how many there were."""
    due = connection.execute(_DUE, (now_ms, MAX_WOKEN)).fetchall()
    for issue, watch in due:
        connection.execute(_WOKEN, (issue,))
        until = watch_from_text(watch)
        is_condition = until is not None and 0 < until.until_ms <= now_ms
        why, details = (Why.CONDITION, {"condition": Fired.UNTIL}) if is_condition else (Why.REVIEW, {})
        if ask_for_decision(connection, issue, why, details=details, at_ms=now_ms):
            record_history(connection, issue, why, details, who=Who(), at_ms=now_ms)
    return len(due)
