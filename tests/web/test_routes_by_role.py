"""No page answers somebody who may not: every route, every kind of visitor, reading and sending."""

import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from route_table import FIELDS, SIGN_IN, TABLE, Line
from web_world import POINTS, World

from mukiau import clock
from mukiau.stores.audit import Actor
from mukiau.stores.one_time_links import LinkKind, make_link
from mukiau.stores.people import set_role
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.work.request_links import About
from mukiau.stores.work.teams import add_team, put_member
from mukiau.web.inbox.acts import assign
from mukiau.web.requests import acts
from mukiau.web.views import test_error
from mukiau.work.request_content import Content
from mukiau.work.requests import Kind, Side

REFUSALS = {401, 403, 404, 405}
"""Answers after which everything is as it was."""


@pytest.fixture(scope="module")
def state_file(
    migrated: Path, tmp_path_factory: pytest.TempPathFactory, use_folder: Callable[[Path], AbstractContextManager[None]]
) -> Path:
    """Something behind every address of the table, made once and copied for each of the hundreds of tests."""
    folder = tmp_path_factory.mktemp("furnished")
    shutil.copy(migrated, folder / STATE_FILE)
    with use_folder(folder):
        world = World(folder)
        world.send(POINTS)
        world.handle()
        world.send(POINTS)
        vera = User.objects.create_user("vera", "vera@example.com", "correct horse battery")
        put_member(add_team("Points", time_zone="UTC", now_ms=0), vera.pk, role="", now_ms=0)
        make_link(LinkKind.INVITATION, now_ms=clock.unix_ms(), created_by="alice", role="viewer")
        requester = User.objects.create_user("rita")
        inquiry = Content(kind=Kind.CUSTOMER_INQUIRY, side=Side.OPERATIONS, title="Where are the points?")
        acts.file_request(requester, Actor(), inquiry, About(project_id=world.project.id), ask=True)
        world.close()
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder / STATE_FILE


@pytest.fixture(autouse=True)
def furnished(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has a folder of its own; nothing is sent over the network."""
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
def test_every_page_answers_a_visitor_as_the_table_says(visitor: str) -> None:
    make_client, expected = VISITORS[visitor]
    client = make_client()

    answers = {name: client.get(line.path) for name, line in TABLE.items()}

    assert _statuses(answers) == {name: expected(line)[0] for name, line in TABLE.items()}
    _assert_led_to_sign_in(answers, visitor)


@pytest.mark.parametrize("visitor", VISITORS)
def test_every_form_refuses_a_visitor_as_the_table_says(visitor: str) -> None:
    """What is refused changes nothing, so all forms are sent to one server."""
    make_client, expected = VISITORS[visitor]
    client = make_client()
    lines = {name: line for name, line in TABLE.items() if _is_refused(expected(line)[1], visitor)}

    answers = {name: client.post(line.path, FIELDS) for name, line in lines.items()}

    assert _statuses(answers) == {name: expected(line)[1] for name, line in lines.items()}
    _assert_led_to_sign_in(answers, visitor)


POWERFUL = ("viewer", "developer", "operator", "admin")
TAKEN = [
    pytest.param(name, visitor, id=f"{name}-{visitor}")
    for visitor in POWERFUL
    for name, line in TABLE.items()
    if VISITORS[visitor][1](line)[1] not in REFUSALS
]


@pytest.mark.parametrize(("name", "visitor"), TAKEN)
def test_a_form_takes_from_a_visitor_what_the_table_says(name: str, visitor: str) -> None:
    make_client, expected = VISITORS[visitor]
    line = TABLE[name]

    assert make_client().post(line.path, FIELDS).status_code == expected(line)[1]


ON_ISSUES = {"inbox-decide", "inbox-resolve", "inbox-assign"}
"""Acts on the issues that their form names, and on nothing else."""
ABOUT_ITS_TEAM = ("/issues/1/", "/teams/1/", "/handlings/1/")


def test_an_issue_s_number_in_a_form_opens_nothing_but_acts_on_that_issue() -> None:
    """Vera reads everywhere and is administrator of the team that issue 1 belongs to."""
    client = _viewer()
    put_member(1, User.objects.get(username="vera").pk, role="admin", now_ms=0)
    assign(Actor(), [1], team_id=1)
    refused = {
        name: line
        for name, line in TABLE.items()
        if line.viewer[1] == 403 and not any(part in line.path for part in ABOUT_ITS_TEAM)
    }

    for more in ({}, {"issue": "1"}):
        answers = {name: client.post(line.path, FIELDS | more) for name, line in refused.items()}
        opened = {name for name, answer in answers.items() if answer.status_code != 403}
        assert opened == (ON_ISSUES if more else set())


def test_nothing_that_is_sent_counts_without_the_forms_token() -> None:
    client = _admin()
    client.handler.enforce_csrf_checks = True
    forms = {name: line for name, line in TABLE.items() if not name.startswith("api-")}

    answers = {name: client.post(line.path, FIELDS) for name, line in forms.items()}

    assert _statuses(answers) == dict.fromkeys(forms, 403)


def _is_refused(status: int, visitor: str) -> bool:
    return visitor not in POWERFUL or status in REFUSALS


def _statuses(answers: Mapping[str, Any]) -> dict[str, int]:
    return {name: answer.status_code for name, answer in answers.items()}


def _assert_led_to_sign_in(answers: Mapping[str, Any], visitor: str) -> None:
    if visitor not in POWERFUL:
        closed = {name for name, line in TABLE.items() if line.anonymous == (SIGN_IN, SIGN_IN)} & set(answers)
        assert {answers[name]["Location"].partition("?")[0] for name in closed} == {"/sign-in/"}


def test_a_switched_off_account_loses_its_open_session_at_once() -> None:
    client = _viewer()
    before = client.get("/issues/").status_code

    User.objects.filter(username="vera").update(is_active=False)

    assert (before, client.get("/issues/").status_code) == (200, SIGN_IN)
