"""Places, a service in an environment each: events of a period, the release that runs there, when something came last.

All from the roll-ups by place, so the time it takes does not grow with the number of events.
"""

from dataclasses import dataclass

from mukiau.stores.queries.rows import read_rows
from mukiau.work.silence import Arrivals, is_silent


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceEntry:
    """A service in an environment, known by its events, its records or a deploy."""

    service: str
    environment: str
    event_count: int
    """In the period asked for."""
    last_seen_ms: int
    """Of its latest event; 0: it has had none."""
    release: str
    """Of the last deploy, else of the latest event that names one; empty: not known."""
    arrivals: Arrivals

    def is_silent(self, now_ms: int) -> bool:
        """Say whether nothing arrives from it any more, although something used to."""
        return is_silent(self.arrivals, now_ms)


# A deploy without a service is one of all services of its environment.
_PLACES = """
WITH known AS (
  SELECT service, environment FROM place WHERE project_id = %s
  UNION SELECT service, environment FROM deploy WHERE project_id = %s AND service <> ''
), counted AS (
  SELECT service, environment, SUM(count) AS count FROM place_hour WHERE project_id = %s AND hour >= %s GROUP BY 1, 2
)
SELECT k.service, k.environment, COALESCE(c.count, 0), COALESCE(p.last_seen_ms, 0),
  COALESCE((
    SELECT d."release" FROM deploy d
    WHERE d.project_id = %s AND d.environment = k.environment AND d.service IN (k.service, '') AND d.at_ms <= %s
    ORDER BY d.at_ms DESC, d.id DESC LIMIT 1), p."release", ''),
  COALESCE(p.first_arrived_ms, 0), COALESCE(p.arrived_ms, 0), COALESCE(p.arrived_hours, 0), COALESCE(p.has_records, 0)
FROM known k LEFT JOIN place p ON p.project_id = %s AND p.service = k.service AND p.environment = k.environment
  LEFT JOIN counted c ON c.service = k.service AND c.environment = k.environment
ORDER BY k.service, k.environment
"""


def read_places(project_id: int, *, since_hour: int, now_ms: int) -> tuple[PlaceEntry, ...]:
    """Return the places of a project by service and environment, counted since the beginning of an hour."""
    parameters = (project_id, project_id, project_id, since_hour, project_id, now_ms, project_id)
    return tuple(
        PlaceEntry(
            service=service,
            environment=environment,
            event_count=count,
            last_seen_ms=last_seen_ms,
            release=release,
            arrivals=Arrivals(first_ms=first_ms, last_ms=last_ms, hours=hours, has_records=bool(has_records)),
        )
        for service, environment, count, last_seen_ms, release, first_ms, last_ms, hours, has_records in read_rows(
            _PLACES, parameters
        )
    )
