"""Tells of issues that a batch of events shows for the first time in an environment of a purpose."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from mukiau.notify.cause import Cause, Sighting, new_issue
from mukiau.stores.event_rows import EventRow
from mukiau.stores.many import chunks, marks
from mukiau.stores.notify.outbox import tell
from mukiau.stores.sqlite import Connection
from mukiau.stores.work.registered import Environments

Sights = Mapping[tuple[int, str], EventRow]
"""(issue, environment) → an event of a batch."""


def tell_first_sights(connection: Connection, sights: Sights, environments: Environments, *, now_ms: int) -> None:
    """Tell of those that are the first of their purpose. To be called before the events are counted."""
    known = _read_environments(connection, {issue for issue, _ in sights})
    fresh = {place: row for place, row in sights.items() if place[1] not in known[place[0]]}
    if fresh:
        tell(connection, *_causes(fresh, known, environments, now_ms=now_ms))


def _causes(
    fresh: Sights, known: Mapping[int, set[str]], environments: Environments, *, now_ms: int
) -> Iterator[Cause]:
    for (issue, environment), row in fresh.items():
        purpose = environments.purpose(row.project_id, environment)
        if purpose not in {environments.purpose(row.project_id, name) for name in known[issue]}:
            yield new_issue(sighting_of(row, issue_id=issue, purpose=purpose), at_ms=now_ms)


def sighting_of(row: EventRow, *, issue_id: int, purpose: str) -> Sighting:
    """Return an event as that by which something is noticed about its issue."""
    return Sighting(
        issue_id=issue_id,
        project_id=row.project_id,
        title=row.digested.title.title,
        service=row.service,
        environment=row.environment,
        purpose=purpose,
        occurred_ms=row.occurred_ms,
    )


def _read_environments(connection: Connection, issues: set[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for names in chunks(sorted(issues)):
        query = f"SELECT issue_id, environment FROM issue_environment WHERE issue_id IN ({marks(names)})"  # noqa: S608
        for issue, environment in connection.execute(query, names):
            found[issue].add(environment)
    return found
