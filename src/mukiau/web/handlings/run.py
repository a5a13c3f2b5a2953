"""What the page of one handling shows beside it: the runbook that is followed, the occurrences, to whom it can be given."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from urllib.parse import urlencode

from django.http import QueryDict

from mukiau.stores.people import Person, list_people
from mukiau.stores.queries.event import EventDetail, find_event
from mukiau.stores.queries.handlings import Answered, find_runbook_version, read_answered
from mukiau.stores.queries.rows import own_connection
from mukiau.stores.work.handling_rows import FoundHandling, Tick
from mukiau.stores.work.matching import find_runbook_for
from mukiau.stores.work.teams import list_members
from mukiau.web.accounts.roles import RIGHTS, Right, Role
from mukiau.web.event.tags import own_tags
from mukiau.web.numbers import parse_number
from mukiau.web.runbooks.filled import values_of_event
from mukiau.work.handling import MINUTES
from mukiau.work.runbooks.filling import Code
from mukiau.work.runbooks.rendering import Prose, RenderedRunbook, Step, render_runbook

MAX_OCCURRENCES = 20
MAX_TAGS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Words, a block, or a step of the check list."""

    part: Prose | Code | Step
    step: int = 0
    """Its number from 1 through the whole runbook, by which it is ticked; 0: no step."""
    tick: Tick | None = None
    asking: str = ""
    """Of a step that needs a privilege: the query by which a request begins with its words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """The version of a runbook that is followed, or would be, filled in from the first occurrence."""

    code: str
    title: str
    number: int
    minutes: int | None
    is_pinned: bool
    address: str
    """Of a manual elsewhere; empty: none."""
    sections: tuple[tuple[str, tuple[Part, ...]], ...]
    """(heading, parts)."""
    steps: int
    done: int

    @property
    def step_numbers(self) -> range:
        """By which its steps are called."""
        return range(1, self.steps + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """The first occurrence that is still there."""

    event: EventDetail
    tags: tuple[tuple[str, str], ...]


def runbook_of(found: FoundHandling, first: First | None) -> Followed | None:
    """Return the runbook as it was when somebody began; before that, the one that answers the issue now."""
    version_id = found.runbook_version_id
    if version_id is None and found.is_open and (known := find_runbook_for(own_connection(), found.issue_id)):
        version_id = known.version_id
    version = None if version_id is None else find_runbook_version(version_id)
    if version is None:
        return None
    code, title, number, text, minutes = version
    rendered = render_runbook(text, _values(found, first))
    sections = tuple(_sections(rendered, found))
    return Followed(
        code=code,
        title=title,
        number=number,
        minutes=minutes,
        is_pinned=found.runbook_version_id is not None,
        address=rendered.front.url,
        sections=sections,
        steps=len(rendered.steps),
        done=sum(part.tick is not None for _, parts in sections for part in parts),
    )


def _values(found: FoundHandling, first: First | None) -> dict[str, str]:
    if first is not None:
        return values_of_event(found.project_id, first.event)
    return {"service": found.service, "environment": found.environment}


def _sections(rendered: RenderedRunbook, found: FoundHandling) -> Iterator[tuple[str, tuple[Part, ...]]]:
    numbers, ticked = count(1), found.ticked
    for section in rendered.sections:
        yield section.heading, tuple(_part(part, found, ticked, numbers) for part in section.parts)


def _part(part: Prose | Code | Step, found: FoundHandling, ticked: dict[int, Tick], numbers: Iterator[int]) -> Part:
    if not isinstance(part, Step):
        return Part(part=part)
    step = next(numbers)
    return Part(
        part=part, step=step, tick=ticked.get(step), asking=_asking(part, found) if part.needs_privilege else ""
    )


def _asking(step: Step, found: FoundHandling) -> str:
    statement = "\n".join(code.text for code in step.statements if code.is_complete)
    words = {"body": step.request or step.text, "statement": statement}
    return urlencode({"kind": "data_correction", "handling": found.id, **words})


def occurrences_of(found: FoundHandling) -> tuple[Answered, ...]:
    """Return the first occurrences."""
    return read_answered(found.id, limit=MAX_OCCURRENCES)


def first_of(occurrences: tuple[Answered, ...]) -> First | None:
    """Return the first occurrence with its tags; None where all are deleted."""
    event = find_event(occurrences[0].issue_id, occurrences[0].event_pk) if occurrences else None
    if event is None:
        return None
    tags = () if event.deletion else tuple(own_tags(event.document.get("payload", {})).items())[:MAX_TAGS]
    return First(event=event, tags=tags)


def offered_minutes(found: FoundHandling, followed: Followed | None) -> tuple[tuple[int, bool], ...]:
    """Return what is offered with one tap, and which of it is chosen: what was said, else what the runbook expects."""
    expected = found.minutes if found.minutes is not None else followed.minutes if followed else None
    offered = sorted({*MINUTES, *(() if expected is None else (expected,))})
    return tuple((minutes, minutes == expected) for minutes in offered)


def minutes_in(given: QueryDict) -> int | None:
    """Return the minutes of a form: those that were typed, else those that were tapped; None where they are none."""
    return parse_number(given.get("minutes_typed", "").strip() or given.get("minutes", ""))


def people_who_handle(team_id: int | None) -> tuple[Person, ...]:
    """Return everybody who may answer what is a team's."""
    members = list_members(team_id) if team_id is not None else ()
    by_team = {one.user_id for one in members if one.role and Right.HANDLE in RIGHTS[Role(one.role)]}
    people = (person for person in list_people() if person.is_active)
    return tuple(one for one in people if one.id in by_team or Right.HANDLE in RIGHTS[Role(one.role)])
