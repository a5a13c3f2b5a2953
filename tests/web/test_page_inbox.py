"""The inbox: what waits for a decision, deciding one and many, undoing it, and who may not."""

from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from web_world import POINTS, World, chain, exception, frame

from mukiau.stores.people import set_role


def somebody(name: str, role: str) -> Client:
    user, is_new = User.objects.get_or_create(username=name)
    if is_new:
        set_role(user.pk, role)
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


@pytest.fixture
def dora(world: World) -> Client:
    """Dora is a developer; three issues wait for a decision."""
    others = [
        chain(exception("Timeout", "no answer", frame(name)), environment="acme-prod") for name in ("pay", "ship")
    ]
    world.send(POINTS, *others)
    return somebody("dora", "developer")


@pytest.fixture
def otto(world: World) -> Client:
    """Otto is an operator."""
    return somebody("otto", "operator")


def rows(query: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


def needed() -> list[int]:
    return [row[0] for row in rows("SELECT issue_id FROM issue_work WHERE needs_decision ORDER BY issue_id")]


def test_what_needs_a_decision_is_in_the_inbox_and_leaves_it_when_decided(dora: Client) -> None:
    waiting = needed()
    assert waiting
    page = dora.get("/inbox/").content.decode()
    assert [f'data-row="{issue}"' in page for issue in waiting] == [True] * len(waiting)

    answer = dora.post("/inbox/decide/", {"issue": waiting[0], "decision": "handle_batch"}, follow=True)

    assert needed() == waiting[1:]
    page = answer.content.decode()
    assert f'data-row="{waiting[0]}"' not in page
    assert "1 issue: Handle in batches." in page
    assert 'action="/inbox/undo/"' in page


def test_many_are_decided_at_once_and_undone_at_once(dora: Client) -> None:
    waiting = needed()
    told = dora.post(
        "/inbox/decide/",
        {"issue": waiting, "decision": "watch", "reason": "a partner's", "per_hour": "20"},
        headers={"accept": "application/json"},
    ).json()
    assert needed() == []
    assert rows("SELECT DISTINCT decision, watch, reason FROM issue_work WHERE issue_id = %s", waiting[0]) == [
        ("watch", '{"per_hour": 20}', "a partner's")
    ]

    dora.post("/inbox/undo/", {"line": told["lines"]})

    assert needed() == waiting


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"decision": "watch", "per_hour": "5"}, "Watching needs a reason"),
        ({"decision": "watch", "reason": "known"}, "Give a condition"),
        ({"decision": "watch", "reason": "known", "until": "2020-01-01"}, "in the future"),
        ({"decision": "handle_each", "scoped": "1"}, "at least one purpose"),
        ({"decision": "none_yet"}, "Choose at least one issue"),
        ({}, "Choose at least one issue"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_decided(dora: Client, form: dict[str, str], said: str) -> None:
    waiting = needed()

    page = dora.post("/inbox/decide/", {"issue": waiting[0], **form}, follow=True).content.decode()

    assert said in page
    assert needed() == waiting


def test_the_second_of_two_people_is_told_and_overwrites_nothing(dora: Client) -> None:
    issue = needed()[0]
    dora.post("/inbox/decide/", {"issue": issue, "decision": "handle_each", "version": "1"})

    page = somebody("dan", "developer").post(
        "/inbox/decide/", {"issue": issue, "decision": "handle_batch", "version": "1"}, follow=True
    )

    assert "Somebody has changed issue" in page.content.decode()
    assert rows("SELECT decision FROM issue_work WHERE issue_id = %s", issue) == [("handle_each",)]


def test_an_operator_decides_nothing_and_undoes_no_decision_but_takes_issues(dora: Client, otto: Client) -> None:
    issue = needed()[0]
    told = dora.post(
        "/inbox/decide/", {"issue": issue, "decision": "handle_each"}, headers={"accept": "application/json"}
    ).json()

    assert otto.post("/inbox/decide/", {"issue": issue, "decision": "watch"}).status_code == 403
    assert otto.post("/inbox/undo/", {"line": told["lines"]}).status_code == 403
    taken = otto.post("/inbox/assign/", {"issue": issue, "person": "me"}, headers={"accept": "application/json"}).json()

    otto_id = User.objects.get(username="otto").pk
    assert rows("SELECT assignee_id FROM issue_work WHERE issue_id = %s", issue) == [(otto_id,)]
    assert f'data-row="{issue}"' in otto.get("/inbox/?view=mine").content.decode()
    assert otto.post("/inbox/undo/", {"line": taken["lines"]}).status_code == 302
    assert rows("SELECT assignee_id FROM issue_work WHERE issue_id = %s", issue) == [(None,)]


def test_an_issue_is_resolved_in_a_release_and_opened_again(dora: Client) -> None:
    issue = needed()[0]

    dora.post("/inbox/resolve/", {"issue": issue, "release": "2.0.0"})

    page = dora.get(f"/issues/{issue}/").content.decode()
    assert "Awaiting deploy" in page
    assert issue not in needed()
    dora.post("/inbox/resolve/", {"issue": issue, "reopen": "1"})
    assert rows("SELECT count(*) FROM issue_state WHERE issue_id = %s", issue) == [(0,)]


@pytest.mark.parametrize(
    ("view", "said"),
    [
        ("needed", "Nothing waits for a decision"),
        ("mine", "No issue is yours"),
        ("waiting", "Nothing waits for a request"),
        ("watched", "Nothing is watched"),
        ("all", "No errors have arrived yet"),
        ("nonsense", "Nothing waits for a decision"),
    ],
)
def test_every_view_says_what_to_do_when_it_is_empty(world: World, view: str, said: str) -> None:
    page = somebody("dora", "developer").get(f"/inbox/?view={view}").content.decode()

    assert said in page


def test_a_way_back_leads_nowhere_else(dora: Client) -> None:
    answer = dora.post(
        "/inbox/decide/", {"issue": needed()[0], "decision": "handle_each", "next": "https://evil.example/"}
    )

    assert answer["Location"].startswith("/inbox/")
