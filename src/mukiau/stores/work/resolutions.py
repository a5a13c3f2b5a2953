"""Where issues are resolved, where they came back, and which release runs where."""

from collections import defaultdict
from collections.abc import Collection

from mukiau.stores.many import chunks, marks
from mukiau.stores.sqlite import Connection
from mukiau.work.lifecycle import Resolution, State, find_holding, holds_fix

_HOLDING = """
SELECT issue_id, resolved_ms, environment, release FROM issue_resolution
WHERE ended_ms IS NULL AND issue_id IN ({marks}) ORDER BY id
"""
_STATES = "SELECT issue_id, environment, state FROM issue_state WHERE issue_id IN ({marks})"
_PUT_STATE = """
INSERT INTO issue_state (issue_id, environment, state, since_ms, event_pk) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET state = excluded.state, since_ms = excluded.since_ms, event_pk = excluded.event_pk
"""
_RUNNING = """
SELECT release FROM deploy WHERE project_id = ? AND environment = ? AND service IN (?, '') AND at_ms <= ?
ORDER BY at_ms DESC, id DESC LIMIT 1
"""
_FIRST_DEPLOYED = """
SELECT release, min(at_ms) FROM deploy WHERE project_id = ? AND service IN (?, '') AND release IN (?, ?) GROUP BY release
"""

_AWAITING = """
SELECT s.issue_id FROM issue_state s JOIN issue i ON i.id = s.issue_id
WHERE s.environment = ?1 AND s.state = 'awaiting_deploy' AND i.project_id = ?2 AND ?3 IN ('', i.service) ORDER BY s.issue_id
"""


def load_resolutions(connection: Connection, issues: Collection[int]) -> dict[int, list[Resolution]]:
    """Return the resolutions that hold, by issue."""
    found: dict[int, list[Resolution]] = defaultdict(list)
    for names in chunks(sorted(issues)):
        for issue, resolved_ms, environment, release in connection.execute(_HOLDING.format(marks=marks(names)), names):
            found[issue].append(Resolution(resolved_ms=resolved_ms, environment=environment, release=release))
    return found


def load_states(connection: Connection, issues: Collection[int]) -> dict[tuple[int, str], State]:
    """Return where issues stand, by issue and environment; what is missing is open."""
    found = {}
    for names in chunks(sorted(issues)):
        for issue, environment, state in connection.execute(_STATES.format(marks=marks(names)), names):
            found[issue, environment] = State(state)
    return found


def put_state(
    connection: Connection, issue_id: int, environment: str, state: State, *, at_ms: int, event_pk: int | None = None
) -> None:
    """Say where an issue stands in an environment."""
    connection.execute(_PUT_STATE, (issue_id, environment, state, at_ms, event_pk))


def find_running(connection: Connection, project_id: int, environment: str, service: str, at_ms: int) -> str:
    """Return the release of a service that was deployed in an environment last before a time; empty: not known."""
    row = connection.execute(_RUNNING, (project_id, environment, service, at_ms)).fetchone()
    return "" if row is None else str(row[0])


def first_deployed(connection: Connection, project_id: int, service: str, releases: tuple[str, str]) -> dict[str, int]:
    """Return when two releases of a service were deployed first anywhere, as far as that is known."""
    return dict(connection.execute(_FIRST_DEPLOYED, (project_id, service, *releases)).fetchall())


def settle_deploy(
    connection: Connection, project_id: int, *, environment: str, service: str, release: str, at_ms: int
) -> list[int]:
    """Say of issues that an environment runs their fix now; return them. `service` empty: all services."""
    awaiting = [row[0] for row in connection.execute(_AWAITING, (environment, project_id, service))]
    settled = []
    for issue, resolutions in sorted(load_resolutions(connection, awaiting).items()):
        holding = find_holding(resolutions, environment)
        if holding is None:
            continue
        deployed = first_deployed(connection, project_id, service, (release, holding.release))
        if holds_fix(release, holding.release, deployed):
            put_state(connection, issue, environment, State.RESOLVED, at_ms=at_ms)
            settled.append(issue)
    return settled
