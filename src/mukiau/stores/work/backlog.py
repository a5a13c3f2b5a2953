"""What had come to an issue while nothing was decided: answered by one batch per environment, because nobody wants a
thousand tasks for one click."""

import json
from collections.abc import Mapping
from typing import NamedTuple

from mukiau.stores.sqlite import Connection
from mukiau.stores.work.handlings import Occurrence, add_occurrences, insert_handling
from mukiau.stores.work.issue_work import IssueWork
from mukiau.stores.work.registered import Environments
from mukiau.work.decisions import Choice
from mukiau.work.handling import Kind

BACKLOG_KEY = "until "
"""Begins the key of such a batch; the line of the history follows."""
MAX_BACKLOG = 10_000
"""Occurrences of one issue that a decision answers afterwards, the latest; those before them were seen with the issue."""

_BACKLOG = f"""
SELECT e.id, e.fingerprint_id, e.environment, e.service, e.occurred_ms
FROM fingerprint f CROSS JOIN event e ON e.fingerprint_id = f.id
WHERE f.issue_id = ?1 AND e.occurred_ms >= ?2 AND NOT EXISTS (SELECT 1 FROM handling_occurrence WHERE event_pk = e.id)
ORDER BY e.occurred_ms DESC, e.id DESC LIMIT {MAX_BACKLOG}
"""  # noqa: S608 - a constant
# Of the columns that are no aggregate SQLite takes those of the row with the largest time.
_BY_ENVIRONMENT = f"""
SELECT environment, count(*), first_ms, max(occurred_ms), id, fingerprint_id, service
FROM (SELECT *, min(occurred_ms) OVER (PARTITION BY environment) AS first_ms FROM ({_BACKLOG}))
GROUP BY environment ORDER BY environment
"""  # noqa: S608 - constants
_ANSWER = f"""
INSERT INTO handling_occurrence (event_pk, handling_id)
SELECT b.id, j.value FROM ({_BACKLOG}) b JOIN json_each(?3) j ON j.key = b.environment
"""  # noqa: S608 - a constant


class _Waiting(NamedTuple):
    """The occurrences of one environment that nothing answers."""

    environment: str
    event_count: int
    first_ms: int
    last_ms: int
    event_pk: int
    """The latest; where it belongs follows."""
    fingerprint_id: int
    service: str


def answer_backlog(connection: Connection, work: IssueWork, choice: Choice, line: int, *, at_ms: int) -> int:
    """Open one batch per environment for what came since a decision was needed; return how many.

    `line`: of the history, by which undoing finds them.
    """
    environments, place = Environments(connection), (work.issue_id, work.needed_since_ms)
    waiting = [_Waiting(*row) for row in connection.execute(_BY_ENVIRONMENT, place).fetchall()]
    opened = {
        one.environment: _open(connection, work, one, line, at_ms=at_ms)
        for one in waiting
        if environments.purpose(work.project_id, one.environment) in choice.scope
    }
    _answer(connection, place, opened)
    return len(opened)


def _open(connection: Connection, work: IssueWork, waiting: _Waiting, line: int, *, at_ms: int) -> int:
    latest = Occurrence(
        event_pk=waiting.event_pk,
        project_id=work.project_id,
        issue_id=work.issue_id,
        fingerprint_id=waiting.fingerprint_id,
        environment=waiting.environment,
        service=waiting.service,
        occurred_ms=waiting.last_ms,
    )
    key = f"{BACKLOG_KEY}{line}"
    handling = insert_handling(connection, latest, Kind.BATCH, key, now_ms=at_ms, history_id=line)
    add_occurrences(connection, handling, waiting.event_count, first_ms=waiting.first_ms, last_ms=waiting.last_ms)
    return handling


def _answer(connection: Connection, place: tuple[int, int], opened: Mapping[str, int]) -> None:
    if opened:
        connection.execute(_ANSWER, (*place, json.dumps(opened)))
