"""What a day brought to a route: read once a day, by the process that tells."""

from collections import Counter

from mukiau.notify.cause import PERSONAL
from mukiau.notify.planning import SummaryDay
from mukiau.notify.route import Route
from mukiau.notify.summary import MAX_OF_A_KIND, Day, Frequent
from mukiau.stores.event_rows import HOUR_MS
from mukiau.stores.notify.outbox import read_between
from mukiau.stores.sqlite import Connection
from mukiau.stores.work.handlings import IS_OPEN
from mukiau.stores.work.registered import Environments

_COUNTS = """
SELECT f.issue_id, i.project_id, h.environment, f.service, sum(h.count)
FROM fingerprint_hour h JOIN fingerprint f ON f.id = h.fingerprint_id JOIN issue i ON i.id = f.issue_id
WHERE h.hour >= ? AND h.hour < ? GROUP BY f.issue_id, h.environment, f.service
"""
_UNDECIDED = """
SELECT i.service, w.team_id, count(*) FROM issue_work w JOIN issue i ON i.id = w.issue_id
WHERE w.needs_decision AND i.event_count > 0 GROUP BY i.service, w.team_id
"""
_HANDLINGS = f"SELECT service, team_id, count(*) FROM handling h WHERE {IS_OPEN} GROUP BY service, team_id"  # noqa: S608


def read_day(connection: Connection, route: Route, of: SummaryDay) -> Day:
    """Return what the environments and services of a route saw."""
    told = read_between(connection, since_ms=of.since_ms, until_ms=of.until_ms)
    counts = _count(connection, route, of)
    return Day(
        causes=tuple(cause for cause in told if cause.kind not in PERSONAL and route.covers(cause)),
        events=counts.total(),
        issues=len(counts),
        frequent=tuple(_frequent(connection, *pair) for pair in counts.most_common(MAX_OF_A_KIND)),
        undecided=_count_undecided(connection, route),
        open_handlings=_count_handlings(connection, route),
    )


def _count(connection: Connection, route: Route, of: SummaryDay) -> Counter[int]:
    """Issue → events in the hours of the day (zones of half an hour share one with the day before)."""
    environments = Environments(connection)
    counts: Counter[int] = Counter()
    for issue, project, environment, service, count in connection.execute(
        _COUNTS, (of.since_ms // HOUR_MS, of.until_ms // HOUR_MS)
    ):
        if route.covers_place(purpose=environments.purpose(project, environment), service=service):
            counts[issue] += count
    return counts


def _count_undecided(connection: Connection, route: Route) -> int:
    """Return how many issues of the route's services and teams need a decision."""
    rows = connection.execute(_UNDECIDED)
    return sum(count for service, team, count in rows if _is_of(route, service, team))


def _count_handlings(connection: Connection, route: Route) -> int:
    rows = connection.execute(_HANDLINGS)
    return sum(count for service, team, count in rows if _is_of(route, service, team))


def _is_of(route: Route, service: str, team_id: int | None) -> bool:
    return (not route.services or service in route.services) and (not route.team_ids or team_id in route.team_ids)


def _frequent(connection: Connection, issue_id: int, events: int) -> Frequent:
    title, service = connection.execute("SELECT title, service FROM issue WHERE id = ?", (issue_id,)).fetchone()
    return Frequent(issue_id=issue_id, title=title, service=service, events=events)
