"""Filing, changing and moving requests for the pages and the API: the store's call, and the line of the audit log."""

from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User

from mukiau import clock
from mukiau.stores.audit import Actor, record_line
from mukiau.stores.queries.requests import Turns, read_teams_about, read_teams_of_request
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import Connection, connect
from mukiau.stores.work import requests as store
from mukiau.stores.work.request_links import About
from mukiau.stores.work.request_rows import FoundRequest
from mukiau.stores.work.requests import By, Said
from mukiau.web.accounts.roles import role_of, team_roles_of
from mukiau.web.audit import Action
from mukiau.work.request_content import Content
from mukiau.work.requests import Act, Person, person_in_role

MAX_WHY_CHARS = 200
"""Of a reason in the audit log; the history of the request has all of it."""


def person_of(user: AbstractBaseUser | AnonymousUser, team_ids: Collection[int] = ()) -> Person:
    """Return somebody who is signed in as far as requests care; `team_ids` are those that the request at hand is about."""
    assert user.pk is not None
    in_teams = team_roles_of(user) if team_ids else {}
    return person_in_role(user.pk, role_of(user), *(in_teams.get(team_id, "") for team_id in team_ids))


def turns_of(user: AbstractBaseUser | AnonymousUser) -> tuple[Turns, ...]:
    """Return as whom somebody may have a turn: by their role everywhere, and by each they have in teams."""
    teams: dict[str, list[int]] = {}
    for team_id, role in team_roles_of(user).items():
        if role:
            teams.setdefault(role, []).append(team_id)
    assert user.pk is not None
    in_teams = (
        Turns(person=person_in_role(user.pk, role_of(user), role), team_ids=tuple(ids)) for role, ids in teams.items()
    )
    return Turns(person=person_of(user)), *in_teams


def file_request(
    user: User, who: Actor, content: Content, about: About, *, client_key: str = "", ask: bool
) -> tuple[FoundRequest, bool]:
    """File a request; return it and whether it is new. Raises RequestRefused."""
    with _state() as connection:
        by = _by(user, read_teams_about(about))
        found, is_new = store.file_request(connection, content, about, by=by, client_key=client_key, ask=ask)
    if is_new:
        after = {"kind": found.kind, "state": found.state, "environment": found.environment}
        record_line(who, Action.REQUEST_FILED, at_ms=clock.unix_ms(), target=_target(found), after=after)
    return found, is_new


def edit_request(user: User, who: Actor, request_id: int, content: Content, *, version: int) -> FoundRequest:
    """Write a request anew; raises RequestRefused."""
    with _state() as connection:
        found = store.edit_request(connection, request_id, content, version=version, by=_by(user, ()))
    record_line(who, Action.REQUEST_CHANGED, at_ms=clock.unix_ms(), target=_target(found), after={"state": found.state})
    return found


def act_on_request(user: User, who: Actor, request_id: int, act: Act, said: Said, *, version: int) -> FoundRequest:
    """Do anything but editing with a request; raises RequestRefused."""
    with _state() as connection:
        before = store.get_request(connection, request_id)
        by = _by(user, read_teams_of_request(request_id))
        found = store.act_on_request(connection, request_id, act, said, version=version, by=by)
    action = Action.REQUEST_APPROVED if act is Act.APPROVE else Action.REQUEST_MOVED
    after = {"state": found.state, "why": said.note.strip()[:MAX_WHY_CHARS]}
    at_ms, target = clock.unix_ms(), _target(found)
    record_line(who, action, at_ms=at_ms, target=target, before={"state": before.state}, after=after)
    return found


@contextmanager
def _state() -> Iterator[Connection]:
    with closing(connect(Path(settings.MUKIAU.data) / STATE_FILE)) as connection:
        yield connection


def _by(user: User, team_ids: Collection[int]) -> By:
    return By(person=person_of(user, team_ids), name=user.get_username(), at_ms=clock.unix_ms())


def _target(found: FoundRequest) -> str:
    return f"#{found.id} {found.title}".rstrip()
