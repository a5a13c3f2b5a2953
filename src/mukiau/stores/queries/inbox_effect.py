"""What a decision would open at once: the occurrences that came while nothing was decided, counted before anybody decides."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from mukiau.stores.queries.rows import own_connection
from mukiau.stores.work.registered import Environments
from mukiau.work.purposes import Purpose

MAX_COUNTED = 10_000
"""Of the occurrences; some 30 ms. More are said as so many and more."""

_BACKLOG = """
SELECT w.issue_id, w.project_id, e.environment
FROM json_each(?) j CROSS JOIN issue_work w ON w.issue_id = j.value AND w.needs_decision
CROSS JOIN fingerprint f ON f.issue_id = w.issue_id
CROSS JOIN event e ON e.fingerprint_id = f.id AND e.occurred_ms >= w.needed_since_ms
WHERE NOT EXISTS (SELECT 1 FROM handling_occurrence WHERE event_pk = e.id)
LIMIT ?
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What having issues handled would open at once."""

    occurrences: int
    handlings: int
    """One per issue and environment."""
    is_partial: bool
    """There are more than were counted."""


def count_effect(issue_ids: Sequence[int], scope: Collection[Purpose]) -> Effect:
    """Count what a decision about issues for some purposes would open for occurrences that came before it."""
    connection = own_connection()
    registered = Environments(connection)
    rows = connection.execute(_BACKLOG, (json.dumps(issue_ids), MAX_COUNTED + 1)).fetchall()
    counted = [
        (issue, environment)
        for issue, project, environment in rows[:MAX_COUNTED]
        if registered.purpose(project, environment) in scope
    ]
    return Effect(occurrences=len(counted), handlings=len(set(counted)), is_partial=len(rows) > MAX_COUNTED)
