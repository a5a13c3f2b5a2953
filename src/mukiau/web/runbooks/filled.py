"""A runbook filled in from an event, and the runbooks of an issue with why they are its."""

from dataclasses import dataclass
from datetime import UTC, datetime

from mukiau.stores.queries.event import EventDetail, find_event, find_latest_event
from mukiau.stores.queries.issue import IssueHead
from mukiau.stores.queries.runbooks import find_version
from mukiau.stores.stored_events import event_of
from mukiau.stores.work.matching import FoundRunbook, find_runbooks_for
from mukiau.stores.work.registered import Environments
from mukiau.web.runbooks.acts import reading
from mukiau.work.runbooks.occurrence import values_of
from mukiau.work.runbooks.rendering import RenderedRunbook, render_runbook


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRunbooks:
    """The runbooks that answer an issue."""

    best: FoundRunbook | None
    rendered: RenderedRunbook | None
    """The best one, filled in."""
    others: tuple[FoundRunbook, ...]


def runbooks_of(issue: IssueHead, event: EventDetail) -> IssueRunbooks:
    """Return the runbooks of an issue, the best one filled in from an event."""
    with reading() as connection:
        found = find_runbooks_for(connection, issue.id)
    best = found[0] if found else None
    version = find_version(best.id, best.number) if best else None
    rendered = render_runbook(version.text, values_of_event(issue.project_id, event)) if version else None
    return IssueRunbooks(best=best, rendered=rendered, others=found[1:])


def values_of_event(project_id: int, event: EventDetail) -> dict[str, str]:
    """Return what a runbook may be filled in with."""
    at = datetime.fromtimestamp(event.occurred_ms / 1000, UTC)
    with reading() as connection:
        customer = Environments(connection).customer(project_id, event.environment)
    known = {
        "service": event.service,
        "environment": event.environment,
        "customer": customer,
        "release": event.release,
        "occurred_at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "event_id": event.event_id,
        "level": event.level,
        "message": event.message,
    }
    if event.deletion:
        return {name: value for name, value in known.items() if value}
    read = event_of(event.document, service=event.service)
    return values_of(read, {**known, "message": read.message or event.message})


def values_of_issue(issue: IssueHead | None) -> dict[str, str]:
    """Return those of an issue's latest event; none without an issue."""
    event_pk = find_latest_event(issue.id) if issue else None
    event = find_event(issue.id, event_pk) if issue and event_pk else None
    return values_of_event(issue.project_id, event) if issue and event else {}
