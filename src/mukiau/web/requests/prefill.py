"""What the form of a request begins with: the issue, or one event of it, that it is about."""

from dataclasses import dataclass, replace

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext

from mukiau.stores.queries.event import EventDetail, find_event
from mukiau.stores.queries.grouping_history import find_current_issue
from mukiau.stores.queries.issue import IssueHead, find_issue
from mukiau.stores.queries.requests import find_place_of_handling, find_registered_customer
from mukiau.stores.queries.scope import list_projects
from mukiau.stores.work.request_links import About
from mukiau.web.address import absolute_url
from mukiau.web.numbers import parse_number
from mukiau.web.templatetags.show import general_title, moment_exact
from mukiau.work.purposes import customer_of
from mukiau.work.request_content import MAX_TEXT_CHARS, MAX_TITLE_CHARS, Content
from mukiau.work.requests import SIDES, Kind

MAX_EVIDENCE_CHARS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a request is to be about: an issue, or one event of it, or nothing yet."""

    issue: IssueHead | None = None
    event: EventDetail | None = None
    """Of a handling the latest one that it answers."""
    handling_id: int | None = None
    project_id: int = 0

    @property
    def about(self) -> About:
        """The same for the store."""
        if self.handling_id is not None:
            return About(project_id=self.project_id, handling_id=self.handling_id)
        if self.event is not None:
            return About(project_id=self.project_id, event_pks=(self.event.pk,))
        return About(project_id=self.project_id, issue_id=self.issue.id if self.issue else None)


def subject_of(given: QueryDict) -> Subject:
    """Read `issue`, `event`, `handling` and `project`; what is not there counts as not given."""
    projects = [project.id for project in list_projects()] or [0]
    if handling := _subject_of_handling(parse_number(given.get("handling", ""))):
        return handling
    issue_id, event_pk = parse_number(given.get("issue", "")), parse_number(given.get("event", ""))
    current = find_current_issue(issue_id) if issue_id is not None else None
    issue = find_issue(current) if current is not None else None
    if issue is not None:
        event = find_event(issue.id, event_pk) if event_pk is not None else None
        return Subject(issue=issue, event=event, project_id=issue.project_id)
    project = parse_number(given.get("project", ""))
    return Subject(project_id=project if project in projects else projects[0])


def _subject_of_handling(handling_id: int | None) -> Subject | None:
    place = None if handling_id is None else find_place_of_handling(handling_id)
    issue = None if place is None else find_issue(place[0])
    if place is None or issue is None:
        return None
    event = find_event(issue.id, place[1])
    return Subject(issue=issue, event=event, handling_id=handling_id, project_id=issue.project_id)


def content_for(request: HttpRequest, subject: Subject, kind: Kind) -> Content:
    """Return what is known already, to be changed by whoever writes: what the address says, else what the event says."""
    known, rows = _known(request, subject, kind), parse_number(request.GET.get("expected_rows", ""))
    return replace(
        known,
        title=_said(request, "title", known.title),
        body=_said(request, "body", known.body),
        statement=_said(request, "statement", known.statement),
        rollback=_said(request, "rollback", known.rollback),
        expected_rows=known.expected_rows if rows is None else rows,
    )


def _said(request: HttpRequest, name: str, known: str) -> str:
    """Return what the address says instead of what is known: a step of a runbook leads here with the words it asks by.

    It is a proposal as any text of a form: nothing is asked before a person has sent it.
    """
    return request.GET.get(name, known)[:MAX_TEXT_CHARS]


def _known(request: HttpRequest, subject: Subject, kind: Kind) -> Content:
    issue, event = subject.issue, subject.event
    if issue is None:
        return Content(kind=kind, side=SIDES[kind][0], title="")
    environment = event.environment if event else ""
    registered = find_registered_customer(issue.project_id, environment)
    return Content(
        kind=kind,
        side=SIDES[kind][0],
        title=(event.title if event else general_title(issue.title))[:MAX_TITLE_CHARS],
        evidence="\n".join(_evidence(request, issue, event))[:MAX_EVIDENCE_CHARS],
        service=event.service if event else issue.service,
        customer=customer_of(environment, registered) if environment else "",
        environment=environment,
    )


def _evidence(request: HttpRequest, issue: IssueHead, event: EventDetail | None) -> list[str]:
    if event is None:
        counted = gettext("%(count)s events until now") % {"count": f"{issue.event_count:,}"}
        return [counted, absolute_url(request, reverse("issue", args=(issue.id,)))]
    place = absolute_url(request, reverse("event", args=(issue.id, event.pk)))
    return [moment_exact(event.occurred_ms), event.message or event.title, place]
