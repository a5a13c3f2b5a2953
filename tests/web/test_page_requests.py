"""The pages of requests: three people carry one through, and nobody does what they may not."""

import re
from contextlib import closing
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from web_world import POINTS, World, read

from mukiau.stores.people import set_role
from mukiau.stores.queries.requests import find_request, list_places
from mukiau.stores.sqlite import connect
from mukiau.stores.work.handlings import Occurrence, Opening
from mukiau.stores.work.request_rows import FoundRequest
from mukiau.stores.work.teams import add_team, put_member
from mukiau.web.accounts.roles import RIGHTS, Right, Role
from mukiau.work.handling import Kind as HandlingKind
from mukiau.work.requests import Act, State, person_in_role

STATEMENT = "UPDATE grants SET points = 10\n WHERE order_id = 'ORD-17';"
CORRECTION = {
    "kind": "data_correction",
    "title": "Grant the points again",
    "statement": STATEMENT,
    "expected_rows": "1",
    "rollback": "UPDATE grants SET points = 0 WHERE order_id = 'ORD-17';",
    "environment": "acme-prod",
}
HOSTILE = "<script>alert(1)</script>{{ 7|add:7 }}\"'=1+1"


def somebody(name: str, role: str) -> Client:
    user, is_new = User.objects.get_or_create(username=name)
    if is_new:
        set_role(user.pk, role)
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


@pytest.fixture
def otto(world: World) -> Client:
    """Otto is an operator."""
    return somebody("otto", "operator")


@pytest.fixture
def olga(world: World) -> Client:
    """Olga is another operator."""
    return somebody("olga", "operator")


@pytest.fixture
def dora(world: World) -> Client:
    """Dora is a developer."""
    return somebody("dora", "developer")


def now(request_id: int = 1) -> FoundRequest:
    found = find_request(request_id)
    assert found is not None
    return found


def file(client: Client, **fields: str) -> Any:
    return client.post("/requests/new/", {**CORRECTION, **fields})


def act(client: Client, name: str, **said: str) -> Any:
    fields = {"act": name, "version": str(now().version), **said}
    return client.post("/requests/1/act/", fields)


def test_a_correction_is_asked_approved_by_another_run_reported_and_verified(otto: Client, olga: Client) -> None:
    assert file(otto)["Location"] == "/requests/1/"
    assert "You asked for this yourself" in read(otto.get("/requests/1/"))
    assert 'value="approve"' in read(olga.get("/requests/1/"))

    answers = [
        act(olga, "approve"),
        act(otto, "start"),
        act(otto, "report", result="UPDATE 1", actual_rows="1"),
        act(otto, "verify"),
    ]

    assert [answer.status_code for answer in answers] == [302] * 4
    assert (now().state, now().approver, now().executor, now().result) == (State.DONE, "olga", "otto", "UPDATE 1")
    html = read(otto.get("/requests/1/"))
    assert "Approved by olga exactly as it stands here" in html
    assert "the request is closed" in html


def test_nobody_approves_their_own_and_no_developer_what_touches_production(
    otto: Client, dora: Client, alice: Client
) -> None:
    file(otto)

    refused = act(otto, "approve"), act(dora, "approve")

    assert [answer.status_code for answer in refused] == [409, 409]
    assert now().state is State.ASKED
    assert "only operators approve" in read(dora.get("/requests/1/"))
    assert act(alice, "approve").status_code == 302


def test_an_administrator_does_not_approve_their_own(alice: Client, otto: Client) -> None:
    file(alice)

    assert act(alice, "approve").status_code == 409
    assert act(alice, "start").status_code == 409
    assert now().state is State.ASKED


def test_who_approves_what_was_changed_meanwhile_is_told_and_approves_nothing(otto: Client, olga: Client) -> None:
    file(otto)
    read_version = str(now().version)
    otto.post("/requests/1/edit/", {**CORRECTION, "statement": "DELETE FROM grants;", "version": read_version})

    answer = olga.post("/requests/1/act/", {"act": "approve", "version": read_version})

    assert answer.status_code == 409
    assert "otto changed this request meanwhile" in read(answer)
    assert (now().state, now().approver_id) == (State.DRAFT, None)


def test_a_second_change_of_the_same_request_shows_both_and_overwrites_nothing(otto: Client) -> None:
    file(otto, draft="1")
    read_version = str(now().version)
    first = {**CORRECTION, "title": "First", "version": read_version}
    otto.post("/requests/1/edit/", first)

    answer = otto.post("/requests/1/edit/", {**first, "title": "Second"})

    html = read(answer)
    assert answer.status_code == 409
    assert now().title == "First"
    assert 'value="Second"' in html
    assert '<pre class="told" dir="auto">First</pre>' in html


def test_a_pasted_result_is_not_lost_when_it_is_refused(otto: Client, olga: Client) -> None:
    file(otto)
    act(olga, "approve")
    act(olga, "start")

    answer = act(otto, "report", result="long output of the run")
    stale = olga.post("/requests/1/act/", {"act": "report", "version": "1", "result": "long output of the run"})

    assert answer.status_code == stale.status_code == 409
    assert "long output of the run</textarea>" in read(stale)
    assert now().result == ""


def test_what_is_missing_is_said_at_its_field_and_a_draft_may_lack_it(otto: Client) -> None:
    answer = file(otto, rollback="", expected_rows="")

    html = read(answer)
    assert answer.status_code == 200
    assert "Say how to take it back." in html
    assert "Say how many rows it should change." in html
    assert file(otto, rollback="", draft="1").status_code == 302
    assert now().state is State.DRAFT


def test_sending_back_says_why(otto: Client, olga: Client) -> None:
    file(otto)

    silent = act(olga, "send_back", note=" ")
    told = act(olga, "send_back", note="Which of the two orders?")

    assert (silent.status_code, told.status_code) == (409, 302)
    assert "Say why" in read(silent)
    assert "Which of the two orders?" in read(otto.get("/requests/1/"))
    assert now().state is State.SENT_BACK


def test_who_only_reads_files_an_inquiry_and_nothing_else(bob: Client, world: World) -> None:
    kinds = read(bob.get("/requests/new/"))
    refused = file(bob)
    filed = bob.post(
        "/requests/new/", {"kind": "customer_inquiry", "title": "Where are the points?", "side": "operations"}
    )

    assert re.findall(r'href="/requests/new/\?kind=(\w+)"', kinds) == ["customer_inquiry"]
    assert refused.status_code == 200
    assert filed.status_code == 302
    assert (now().kind, now().state, now().requester) == ("customer_inquiry", State.ASKED, "bob")


def test_every_act_of_every_role_that_is_not_allowed_changes_nothing(
    otto: Client, dora: Client, bob: Client, olga: Client
) -> None:
    file(otto)
    version = str(now().version)
    before = now()

    for client in (dora, bob):
        for name in set(Act) - {Act.EDIT}:
            fields = {"act": name, "version": version, "note": "n", "result": "r"}
            assert client.post("/requests/1/act/", fields).status_code == 409, name
        assert client.post("/requests/1/edit/", {**CORRECTION, "version": version}).status_code == 409

    assert now() == before
    assert olga.post("/requests/1/act/", {"act": "guess", "version": version}).status_code == 404


def test_the_form_begins_with_what_the_event_says(otto: Client, world: World) -> None:
    world.send(POINTS)

    html = read(otto.get("/requests/new/?kind=data_correction&issue=1&event=1"))
    filed = file(otto, issue="1", event="1")

    assert 'value="acme-prod"' in html
    assert 'value="point-service"' in html
    assert "ORD-20481" in html
    assert filed.status_code == 302
    assert 'href="/issues/1/events/1/"' in read(otto.get("/requests/1/"))
    assert 'href="/requests/1/"' in read(otto.get("/issues/1/"))


def test_a_step_of_a_runbook_leads_to_the_form_with_its_words(otto: Client, world: World) -> None:
    world.send(POINTS)
    with closing(connect(world.folder / "state.sqlite3")) as state:
        state.execute("UPDATE environment SET customer = 'Acme Ltd' WHERE name = 'acme-prod'")

    statement = quote("DELETE </textarea><script>alert(1)")
    address = f"/requests/new/?kind=data_correction&issue=1&event=1&expected_rows=2&title=Delete&statement={statement}"
    html = read(otto.get(address))

    assert "DELETE &lt;/textarea&gt;&lt;script&gt;alert(1)</textarea>" in html
    assert ('value="Delete"' in html, 'value="2"' in html, 'value="Acme Ltd"' in html) == (True, True, True)
    assert find_request(1) is None


def test_the_third_request_of_the_same_kind_proposes_a_lasting_fix(otto: Client, world: World) -> None:
    world.send(POINTS)
    for order in range(3):
        file(otto, issue="1", statement=f"DELETE FROM t WHERE id = {order}")

    pages = [read(otto.get(f"/requests/{one}/")) for one in (1, 2, 3)]

    assert ["like this within" in html for html in pages] == [False, True, True]
    assert "Request number 3 like this within 30 days." in pages[2]
    assert 'href="/requests/new/?kind=fix&amp;issue=1"' in pages[2]
    assert "lasting fix" not in pages[1]


@pytest.mark.parametrize("address", ["/requests/", "/requests/?view=list", "/requests/1/", "/requests/1/edit/"])
def test_texts_of_people_and_events_are_shown_as_text(otto: Client, world: World, address: str) -> None:
    hostile = dict.fromkeys(("title", "statement", "rollback", "body", "evidence", "customer", "environment"), HOSTILE)
    file(otto, **hostile)

    html = otto.get(address).content.decode()

    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "{{ 7|add:7 }}" in html


def test_a_statement_with_an_invisible_character_is_refused_at_its_field(otto: Client) -> None:
    answer = file(otto, statement="DELETE FROM t \u202e WHERE 1=1")

    assert answer.status_code == 200
    assert "U+202E" in read(answer)
    assert find_request(1) is None


def test_the_exported_file_holds_no_formula(otto: Client) -> None:
    file(otto, title='=HYPERLINK("https://evil.example")', customer="@acme", statement="-1")

    lines = b"".join(otto.get("/requests/csv/").streaming_content).decode()  # type: ignore[attr-defined]

    assert "'=HYPERLINK" in lines
    assert "'@acme" in lines
    assert "'-1" in lines
    assert not re.search(r'(^|,)"?[=@+-]', lines.partition("\n")[2], re.MULTILINE)


def test_the_list_shows_what_waits_for_whoever_looks(otto: Client, olga: Client, dora: Client) -> None:
    file(otto)

    def waiting(client: Client) -> bool:
        return "Grant the points again" in read(client.get("/requests/?mine=1"))

    asked = [waiting(client) for client in (otto, olga, dora)]
    act(olga, "approve")
    approved = [waiting(client) for client in (otto, olga, dora)]
    act(otto, "start")
    running = [waiting(client) for client in (otto, olga, dora)]

    assert asked == [False, True, False]
    assert approved == [True, True, False]
    assert running == [True, False, False]


def test_the_list_is_paged_and_filtered(otto: Client, world: World) -> None:
    for number in range(52):
        file(otto, title=f"Request {number:02}", customer="acme" if number % 2 else "minato")

    first = read(otto.get("/requests/?view=list"))
    following = re.search(r'href="(\?view=list[^"]+after=[^"]+)"', first)
    assert following is not None
    second = read(otto.get("/requests/" + following[1].replace("&amp;", "&")))

    assert (first.count('class="lead"'), second.count('class="lead"')) == (50, 2)
    assert read(otto.get("/requests/?view=list&customer=acme")).count('class="lead"') == 26
    assert "No request matches" in read(otto.get("/requests/?customer=nobody"))


def test_an_empty_board_says_what_to_do(otto: Client) -> None:
    html = read(otto.get("/requests/"))

    assert "Nothing was asked yet" in html
    assert 'href="/requests/new/"' in html


def test_what_people_do_with_requests_is_in_the_audit_log(otto: Client, olga: Client, alice: Client) -> None:
    file(otto)
    act(olga, "approve")

    html = read(alice.get("/audit-log/"))

    assert "Request filed" in html
    assert "Request approved" in html
    assert "#1 Grant the points again" in html


@pytest.mark.parametrize("address", ["/requests/1/", "/requests/", "/requests/?view=list"])
def test_more_requests_need_no_more_questions_to_the_store(otto: Client, address: str) -> None:
    file(otto)
    with CaptureQueriesContext(connection) as few:
        otto.get(address)
    for number in range(9):
        file(otto, title=f"Request {number}")

    with CaptureQueriesContext(connection) as many:
        otto.get(address)

    assert len(many) == len(few) <= 16


def test_a_handling_waits_for_the_request_that_is_filed_from_it(otto: Client, world: World) -> None:
    world.send(POINTS, POINTS)
    with closing(connect(world.folder / "state.sqlite3")) as state:
        opening = Opening(state, world.now_ms)
        for event_pk in (1, 2):
            opening.answer(_occurrence(event_pk), HandlingKind.BATCH, "2026-10-05")
        opening.write()
        handling = state.execute("SELECT id FROM handling").fetchone()[0]

        html = read(otto.get(f"/requests/new/?kind=data_correction&handling={handling}"))
        file(otto, handling=str(handling))

        assert f'name="handling" value="{handling}"' in html
        assert 'value="acme"' in html
        assert state.execute("SELECT state FROM handling").fetchall() == [("waiting",)]
    assert read(otto.get("/requests/1/")).count('href="/issues/1/events/') == 2
    page = read(otto.get(f"/handlings/{handling}/"))
    assert 'href="/requests/1/"' in page
    assert f'href="/requests/new/?handling={handling}"' in page
    issue = read(otto.get("/issues/1/"))
    assert "#1 asked for it" in issue
    assert "Handling waits for a request" in issue


def _occurrence(event_pk: int) -> Occurrence:
    return Occurrence(
        event_pk=event_pk,
        project_id=1,
        issue_id=1,
        fingerprint_id=1,
        environment="acme-prod",
        service="point-service",
        occurred_ms=event_pk,
    )


@pytest.mark.parametrize("role", Role)
def test_what_a_role_may_with_requests_is_what_its_rights_say(role: Role) -> None:
    person = person_in_role(1, role)

    assert (person.may_ask, person.may_approve) == (Right.ASK in RIGHTS[role], Right.APPROVE in RIGHTS[role])
    assert person.is_admin == (role is Role.ADMIN)


def test_a_role_in_a_team_counts_for_requests_about_the_issues_of_that_team(otto: Client, world: World) -> None:
    world.send(POINTS)
    carla = somebody("carla", "viewer")
    team_id = add_team("Points", time_zone="UTC", now_ms=0)
    put_member(team_id, User.objects.get(username="carla").pk, role="operator", now_ms=0)
    look = {"kind": "investigate", "side": "operations", "statement": ""}
    file(otto, issue="1", title="Of the team", **look)
    file(otto, title="Of nobody", **look)
    file(otto, issue="1", title="In production")

    before = act(carla, "approve").status_code, read(carla.get("/requests/?mine=1")).count("/requests/1/")
    with closing(connect(world.folder / "state.sqlite3")) as state:
        state.execute("UPDATE issue_work SET team_id = ? WHERE issue_id = 1", (team_id,))
    mine = read(carla.get("/requests/?mine=1"))
    after = act(carla, "approve").status_code
    others = [
        carla.post(f"/requests/{one}/act/", {"act": "approve", "version": str(now(one).version)}).status_code
        for one in (2, 3)
    ]

    assert before == (409, 0)
    assert [title in mine for title in ("Of the team", "Of nobody", "In production")] == [True, False, False]
    assert (after, others) == (302, [409, 409])
    assert (now(1).approver, now(2).state) == ("carla", State.ASKED)


def test_a_column_of_the_board_that_is_longer_than_a_screen_leads_to_the_list(otto: Client, olga: Client) -> None:
    for number in range(13):
        file(otto, title=f"Request {number:02}")
    act(olga, "approve")

    board = read(otto.get("/requests/"))
    file(otto, title="One more")
    longer = read(otto.get("/requests/"))

    assert "All in the list" not in board
    assert longer.count("<article") == 13
    assert 'href="/requests/?view=list&amp;&amp;state=asked"' in longer
    assert read(otto.get("/requests/?view=list&&state=asked")).count('class="lead"') == 13


def test_the_filters_offer_each_customer_and_environment_once(otto: Client) -> None:
    for customer in ("acme", "minato", "acme", ""):
        file(otto, customer=customer, environment=f"{customer or 'shared'}-prod")

    assert list_places() == (("acme", "minato"), ("acme-prod", "minato-prod", "shared-prod"))
