"""The inbox: what waits for a decision, deciding one and many, undoing it, and who may not."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from web_world import POINTS, World, chain, exception, frame

from mukiau.stores.audit import Actor
from mukiau.stores.people import set_role
from mukiau.stores.queries.rows import own_connection
from mukiau.stores.work.saved_views import MAX_VIEWS
from mukiau.stores.work.teams import add_team
from mukiau.web.inbox import acts
from mukiau.web.inbox.acts import assign


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


def test_what_is_refused_among_many_leaves_each_issue_whole_and_is_said(
    dora: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "HELD_MS", 0)  # a transaction for each
    waiting = needed()
    issues = [waiting[0], 999, *waiting[1:]]

    told = dora.post(
        "/inbox/decide/",
        {"issue": issues, "decision": "handle_batch"},
        headers={"accept": "application/json"},
    ).json()

    assert needed() == waiting[1:]
    assert (told["is_part"], len(told["lines"])) == (True, 1)
    assert "1 issue: Handle in batches." in told["said"]
    assert "The others stay as they were: Issue #999 is not there any more." in told["said"]
    assert rows("SELECT count(*) FROM audit_entry WHERE action = 'issue_decided'") == [(1,)]
    assert rows("SELECT count(*) FROM handling") == [(1,)]


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


def listed(client: Client, query: str) -> list[int]:
    page = client.get(f"/inbox/?{query}").content.decode()
    return sorted(int(number) for number in re.findall(r'data-row="(\d+)"', page))


def test_the_list_is_narrowed_by_service_customer_purpose_environment_and_team(dora: Client, world: World) -> None:
    world.send(POINTS | {"environment": "minato-stg", "message": "other", "exception": None})
    assign(Actor(), [1], team_id=add_team("Points", time_zone="UTC", now_ms=0))
    waiting = listed(dora, "view=all")

    assert waiting == [1, 2, 3, 4]
    assert listed(dora, "view=all&customer=acme") == [1, 2, 3]
    assert listed(dora, "view=all&environment=minato-stg") == [4]
    assert listed(dora, "view=all&purpose=staging") == [4]
    assert listed(dora, "view=all&purpose=staging&customer=acme") == []
    assert listed(dora, "view=all&service=point-service") == [1, 4]
    assert listed(dora, "view=all&team=1") == [1]
    assert listed(dora, "view=all&team=0") == [2, 3, 4]
    assert "No issue fits the filter" in dora.get("/inbox/?view=all&service=nobody").content.decode()


def test_the_numbers_of_the_views_are_those_within_the_filter(dora: Client) -> None:
    page = dora.get("/inbox/?service=point-service").content.decode()

    assert "view=needed&amp;project=1&amp;service=point-service" in page
    assert re.search(r'aria-current="page">Needs decision\s*<span class="n">1<', page)


def test_a_view_is_saved_replaced_and_deleted_and_can_be_saved_again(dora: Client, otto: Client) -> None:
    view = "view=all&project=1&team=0"
    saved = dora.post("/inbox/views/", {"name": "  Nobody's  work ", "query": view}, follow=True).content.decode()
    dora.post("/inbox/views/", {"name": "Nobody's work", "query": view + "&service=shop"})
    foreign = otto.post("/inbox/views/1/delete/").status_code
    deleted = dora.post("/inbox/views/1/delete/", follow=True).content.decode()

    assert "The view is saved." in saved
    assert "Nobody&#x27;s work</a>" in saved
    assert "Nobody" not in otto.get("/inbox/").content.decode()
    assert foreign == 404
    assert "The view is deleted. It can be saved again below." in deleted
    assert 'value="Nobody&#x27;s work"' in deleted
    assert rows("SELECT count(*) FROM saved_view") == [(0,)]


def test_a_view_without_a_name_and_one_too_many_are_refused(dora: Client) -> None:
    answers = [dora.post("/inbox/views/", {"name": name, "query": "view=all"}, follow=True) for name in (" ", "x" * 61)]
    for number in range(MAX_VIEWS + 1):
        full = dora.post("/inbox/views/", {"name": f"view {number}", "query": "view=all"}, follow=True)

    assert ["A view needs a name" in answer.content.decode() for answer in answers] == [True, True]
    assert "delete one first" in full.content.decode()
    assert rows("SELECT count(*) FROM saved_view") == [(MAX_VIEWS,)]


def test_a_saved_view_leads_nowhere_but_to_the_inbox(dora: Client) -> None:
    answer = dora.post("/inbox/views/", {"name": "x", "query": "//evil.example/\r\nX: y"})

    assert answer["Location"].startswith("/inbox/?")
    assert "\n" not in answer["Location"]


def test_what_a_decision_would_open_is_said_before_it_is_made(dora: Client, world: World) -> None:
    world.send(POINTS)
    issues = "&".join(f"issue={issue}" for issue in needed())

    before = dora.get(f"/inbox/effect/?{issues}").json()["said"]
    done = dora.post("/inbox/decide/", {"issue": needed(), "decision": "handle_each"}, follow=True).content.decode()

    opened = rows("SELECT count(*), sum(occurrence_count) FROM handling")[0]
    assert before == f"{opened[1]} occurrences wait ({opened[0]} to handle)."
    assert f"{opened[0]} handlings opened" in done
    assert dora.get(f"/inbox/effect/?{issues}").json() == {"said": "Nothing waits that came before."}


def test_more_rows_need_no_more_questions_to_the_store(dora: Client, world: World) -> None:
    def asked() -> int:
        queries: list[str] = []
        own_connection().set_trace_callback(queries.append)
        dora.get("/inbox/")
        own_connection().set_trace_callback(None)
        return sum(query.startswith(("SELECT", "\nSELECT")) for query in queries)

    asked()
    few = asked()
    world.send(*(chain(exception("Lost", "x", frame(f"step_{n}")), environment=f"c{n}-prod") for n in range(20)))

    assert 5 < asked() <= few
