"""No page answers somebody who may not: every route, every kind of visitor, reading and sending."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from route_table import FIELDS, SIGN_IN, TABLE, Line
from web_world import POINTS, World

from mukiau import clock
from mukiau.stores.audit import Actor
from mukiau.stores.one_time_links import LinkKind, make_link
from mukiau.stores.people import set_role
from mukiau.stores.work.request_links import About
from mukiau.stores.work.teams import add_team, put_member
from mukiau.web.inbox.acts import assign
from mukiau.web.requests import acts
from mukiau.web.views import test_error
from mukiau.work.request_content import Content
from mukiau.work.requests import Kind, Side

LINES = [pytest.param(line, id=name) for name, line in TABLE.items()]


@pytest.fixture(autouse=True)
def furnished(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something behind every address of the table; nothing is sent over the network."""
    world.send(POINTS)
    world.handle()
    world.send(POINTS)
    vera = User.objects.create_user("vera", "vera@example.com", "correct horse battery")
    put_member(add_team("Points", time_zone="UTC", now_ms=0), vera.pk, role="", now_ms=0)
    make_link(LinkKind.INVITATION, now_ms=clock.unix_ms(), created_by="alice", role="viewer")
    requester = User.objects.create_user("rita")
    inquiry = Content(kind=Kind.CUSTOMER_INQUIRY, side=Side.OPERATIONS, title="Where are the points?")
    acts.file_request(requester, Actor(), inquiry, About(project_id=world.project.id), ask=True)
    monkeypatch.setattr(test_error, "post_event", lambda *_: "")


def _signed_in(name: str, *, is_admin: bool = False) -> Client:
    user, _ = User.objects.get_or_create(username=name, defaults={"is_superuser": is_admin})
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def _nobody() -> Client:
    return Client()


def _viewer() -> Client:
    return _signed_in("vera")


def _developer() -> Client:
    return _with_role("dora", "developer")


def _operator() -> Client:
    return _with_role("otto", "operator")


def _with_role(name: str, role: str) -> Client:
    client = _signed_in(name)
    set_role(User.objects.get(username=name).pk, role)
    return client


def _admin() -> Client:
    return _signed_in("alice", is_admin=True)


def _switched_off() -> Client:
    client = _signed_in("olga", is_admin=True)
    User.objects.filter(username="olga").update(is_active=False)
    return client


def _token_alone() -> Client:
    return Client(headers={"authorization": "Bearer mukiau_whatever"})


VISITORS: dict[str, tuple[Callable[[], Client], Callable[[Line], tuple[int, int]]]] = {
    "nobody": (_nobody, lambda line: line.anonymous),
    "viewer": (_viewer, lambda line: line.viewer),
    "developer": (_developer, lambda line: line.developer or line.viewer),
    "operator": (_operator, lambda line: line.operator or line.viewer),
    "admin": (_admin, lambda line: line.admin),
    "switched off": (_switched_off, lambda line: line.anonymous),
    "token": (_token_alone, lambda line: line.anonymous),
}


def _route_names(patterns: list[URLPattern | URLResolver]) -> list[str]:
    names = []
    for pattern in patterns:
        nested = isinstance(pattern, URLResolver)
        names += _route_names(pattern.url_patterns) if nested else [str(pattern.name)]
    return names


def test_every_route_has_its_line_in_the_table() -> None:
    assert sorted(_route_names(get_resolver().url_patterns)) == sorted(TABLE)


@pytest.mark.parametrize("visitor", VISITORS)
@pytest.mark.parametrize("line", LINES)
def test_a_route_answers_a_visitor_as_the_table_says(line: Line, visitor: str) -> None:
    make_client, expected = VISITORS[visitor]
    client = make_client()

    answers = client.get(line.path), client.post(line.path, FIELDS)

    assert tuple(answer.status_code for answer in answers) == expected(line)
    if line.anonymous == (SIGN_IN, SIGN_IN) and visitor in {"nobody", "switched off", "token"}:
        assert {answer["Location"].partition("?")[0] for answer in answers} == {"/sign-in/"}


ON_ISSUES = {"inbox-decide", "inbox-resolve", "inbox-assign"}
"""Acts on the issues that their form names, and on nothing else."""


@pytest.mark.parametrize("name", sorted(set(TABLE) - {name for name in TABLE if name.startswith("api-")}))
def test_an_issue_s_number_in_a_form_opens_nothing_but_acts_on_that_issue(name: str) -> None:
    """Vera reads everywhere and is administrator of the team that issue 1 belongs to."""
    line, client = TABLE[name], _viewer()
    put_member(1, User.objects.get(username="vera").pk, role="admin", now_ms=0)
    assign(Actor(), [1], team_id=1)
    about_the_team = any(part in line.path for part in ("/issues/1/", "/teams/1/", "/handlings/1/", "/history/"))

    plain, forged = (client.post(line.path, FIELDS | more).status_code for more in ({}, {"issue": "1"}))

    if name in ON_ISSUES:
        assert (plain, forged) == (403, 302)
    elif not about_the_team:
        assert (plain == 403) == (forged == 403) == (line.viewer[1] == 403)


@pytest.mark.parametrize("line", [case for case in LINES if not str(case.id).startswith("api-")])
def test_nothing_that_is_sent_counts_without_the_forms_token(line: Line) -> None:
    client = _admin()
    client.handler.enforce_csrf_checks = True

    assert client.post(line.path, FIELDS).status_code == 403


def test_a_switched_off_account_loses_its_open_session_at_once() -> None:
    client = _viewer()
    before = client.get("/issues/").status_code

    User.objects.filter(username="vera").update(is_active=False)

    assert (before, client.get("/issues/").status_code) == (200, SIGN_IN)
