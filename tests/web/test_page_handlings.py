"""The queue of handlings and the page of one: what is to do, who does it, what two people at once see."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import StreamingHttpResponse
from django.test import Client
from django.utils import timezone
from web_world import POINTS, World, read

from mukiau import clock
from mukiau.stores.audit import AuditFilter, read_lines
from mukiau.stores.people import set_role
from mukiau.stores.queries.rows import read_rows
from mukiau.stores.state_file import changing
from mukiau.stores.tokens import make_token
from mukiau.stores.work import runbooks
from mukiau.web.api.door import Scope


@pytest.fixture
def queue(alice: Client, world: World) -> World:
    """Handlings 1 to 3 of issue 1, oldest first, the second and third of one environment."""
    world.send(POINTS)
    world.handle()
    world.send(POINTS | {"environment": "globex-prod"}, hours_ago=0.4)
    world.send(POINTS, hours_ago=0.3)
    world.send(POINTS, hours_ago=0.2)
    return world


def _act(client: Client, number: int, act: str, *, version: int | None = None, **fields: object) -> str:
    known = read_rows("SELECT version FROM handling WHERE id = %s", (number,))[0][0]
    given = {"act": act, "version": known if version is None else version, **fields}
    return read(client.post(f"/handlings/{number}/act/", given, follow=True))


def _states() -> list[str]:
    return [row[0] for row in read_rows("SELECT state FROM handling ORDER BY id")]


def _operator(client: Client, name: str = "bob") -> Client:
    set_role(User.objects.get(username=name).pk, "operator")
    return client


def test_the_queue_is_oldest_first_and_says_what_to_do_when_it_is_empty(alice: Client, world: World) -> None:
    assert "Nothing is to be handled" in read(alice.get("/handlings/"))

    world.send(POINTS)
    world.handle()
    world.send(POINTS, POINTS)
    html = read(alice.get("/handlings/"))

    assert html.index('href="/handlings/1/') < html.index('href="/handlings/2/')
    assert "2 handlings" in html


def test_a_handling_shows_its_occurrence_and_leads_to_it(alice: Client, queue: World) -> None:
    html = read(alice.get("/handlings/1/"))

    assert "ポイント付与に失敗しました（注文 ORD-20481）" in html
    assert "globex-prod" in html
    assert 'href="/issues/1/events/2/"' in html
    assert "point-service" in html


def test_who_finishes_one_goes_on_with_the_next_and_can_take_it_back(alice: Client, queue: World) -> None:
    html = _act(alice, 1, "finish", outcome="worked", minutes="5", note="as written", result="1 row")

    assert "#1 is handled." in html
    assert '<span class="mono">#2</span>' in html
    assert read_rows("SELECT state, minutes, outcome, note, result, closed_by FROM handling WHERE id = 1") == [
        ("done", 5, "worked", "as written", "1 row", "alice")
    ]
    _act(alice, 1, "reopen")
    assert _states() == ["in_progress", "open", "open"]


def test_a_typed_number_of_minutes_goes_before_the_tapped_one(alice: Client, queue: World) -> None:
    _act(alice, 1, "finish", minutes="5", minutes_typed="42")
    _act(alice, 2, "finish", minutes="5", minutes_typed="an hour")

    assert read_rows("SELECT minutes FROM handling ORDER BY id LIMIT 2") == [(42,), (None,)]


def test_the_second_of_two_people_is_told_and_keeps_what_was_typed(alice: Client, bob: Client, queue: World) -> None:
    seen = read_rows("SELECT version FROM handling WHERE id = 1")[0][0]
    _act(alice, 1, "take")

    answer = _operator(bob).post(
        "/handlings/1/act/", {"act": "finish", "version": seen, "minutes": "15", "note": "restarted <b>it</b>"}
    )

    assert answer.status_code == 409
    assert "Somebody else has changed this meanwhile." in read(answer)
    assert "restarted &lt;b&gt;it&lt;/b&gt;</textarea>" in read(answer)
    assert _states()[0] == "in_progress"


def test_nothing_is_needed_only_with_a_reason(alice: Client, queue: World) -> None:
    assert "Say why nothing is needed." in _act(alice, 1, "dismiss", note=" ")
    assert "#1 needs nothing." in _act(alice, 1, "dismiss", note="a test of theirs")
    assert _states()[0] == "not_needed"


def test_one_is_given_to_somebody_who_may_handle_it(alice: Client, bob: Client, queue: World) -> None:
    bob_id = User.objects.get(username="bob").pk
    assert "Choose somebody." in _act(alice, 1, "hand_over", to=bob_id, why="ask them")

    _operator(bob)
    assert "#1 is given to bob." in _act(alice, 1, "hand_over", to=bob_id, why="ask them")

    mine = read(bob.get("/handlings/?whose=mine"))
    assert "/handlings/1/" in mine
    assert "/handlings/2/" not in mine
    assert "alice → bob: ask them" in read(bob.get("/handlings/1/"))


def test_all_before_one_are_handled_and_open_again_by_one_click(alice: Client, queue: World) -> None:
    assert "1 earlier one of this issue" in read(alice.get("/handlings/3/"))

    html = read(alice.post("/handlings/3/before/", {"version": 1}, follow=True))
    closed = _states()
    line = read_rows("SELECT id FROM issue_history WHERE kind = 'handling_all_before'")[0][0]
    alice.post(f"/handlings/3/before/{line}/undo/")

    assert "All before this one are handled." in html
    assert (closed, _states()) == (["open", "done", "open"], ["open"] * 3)


def test_who_only_reads_sees_all_and_may_nothing(bob: Client, queue: World) -> None:
    html = read(bob.get("/handlings/1/")) + read(bob.get("/handlings/"))

    assert "Developers and operators handle this." in html
    assert 'method="post" action="/handlings/' not in html
    for address in ("act", "before", "before/1/undo"):
        assert bob.post(f"/handlings/1/{address}/", {"act": "finish", "version": 1}).status_code == 403
    assert _states() == ["open"] * 3


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("service=point-service", {1, 2, 3}),
        ("service=order-api", set()),
        ("environment=globex-prod", {1}),
        ("customer=acme", {2, 3}),
        ("customer=acme&whose=mine", {2}),
        ("whose=nobody", {1, 3}),
        ("whose=team-7", set()),
        ("issue=1", {1, 2, 3}),
        ("issue=2", set()),
        ("view=waiting", set()),
        ("view=closed", set()),
        ("view=nonsense&issue=x", {1, 2, 3}),
        ("key=ORD-1", set()),
    ],
)
def test_the_queue_is_filtered(alice: Client, queue: World, query: str, shown: set[int]) -> None:
    _act(alice, 2, "take")

    html = read(alice.get(f"/handlings/?{query}"))

    assert {
        number
        for number in (1, 2, 3)
        if f'href="/handlings/{number}/?' in html or f'href="/handlings/{number}/"' in html
    } == shown


def test_the_queue_by_issue_says_how_many_each_has(alice: Client, queue: World) -> None:
    html = read(alice.get("/handlings/?by=issue"))

    assert 'data-l="Handlings">3</td>' in html
    assert "issue=1" in html


def test_a_closed_one_is_listed_with_who_and_how_long_and_can_be_opened_again(alice: Client, queue: World) -> None:
    _act(alice, 2, "finish", minutes="15", outcome="did_not_work")

    closed, one = read(alice.get("/handlings/?view=closed")), read(alice.get("/handlings/2/"))

    assert '<td class="num" data-l="Minutes">15</td>' in closed
    assert "It did not work" in one
    assert "Open it again" in one


def test_the_queue_goes_on_where_the_page_before_ended(alice: Client, world: World) -> None:
    world.send(POINTS)
    world.handle(decision="handle_batch")
    for number in range(52):
        world.send(POINTS | {"environment": f"c{number}-prod"})

    first = read(alice.get("/handlings/"))
    address = first.partition('">Next page')[0].rpartition('href="')[2].replace("&amp;", "&")
    second = read(alice.get(address))

    assert (first.count("<tr data-row"), second.count("<tr data-row")) == (50, 2)
    assert "Next page" not in second


def test_every_act_is_in_the_audit_log(alice: Client, queue: World) -> None:
    _act(alice, 1, "take")
    _act(alice, 1, "finish", minutes="5")
    _act(alice, 1, "reopen")
    alice.post("/handlings/3/before/", {"version": 1})

    actions = [line.action for line in read_lines(AuditFilter())]

    assert actions[:4] == ["handlings_done_before", "handling_reopened", "handling_done", "handling_taken"]
    assert "To do → In progress" in read(alice.get("/audit-log/?action=handling_taken"))


def test_hostile_words_of_an_event_are_only_text(alice: Client, world: World) -> None:
    evil = POINTS | {"tags": {"order_id": "<img src=x onerror=alert(1)>", "service": "point-service"}}
    world.send(evil)
    world.handle(key="order_id")
    world.send(evil)

    for address in ("/handlings/", "/handlings/1/"):
        html = read(alice.get(address))
        assert "&lt;img src=x" in html
        assert "<img src=x" not in html


# --- The runbook that is followed ---------------------------------------------------------------------------------

RUNBOOK = """---
title: Points were not granted
match:
  - service: point-service
minutes: 15
---
# Meaning
The order has its points twice.

# Steps
- [ ] Count the grants
  ```sql
  SELECT * FROM grants WHERE order_id = {{ order_id }};
  ```
- [ ] Tell {{ customer }} (needs privilege)
"""


def _publish(folder: Path, text: str) -> None:
    by = runbooks.Author(id=1, name="alice", at_ms=1)
    with changing(folder) as connection:
        saved = runbooks.create_runbook(connection, text, prefix="PNT", by=by)
        runbooks.publish(connection, saved.id, number=1, by=by)
        runbooks.link_issue(connection, 1, saved.id, by=by)


@pytest.fixture
def guided(alice: Client, world: World) -> World:
    """Handling 1 with a runbook; its occurrence carries hostile words."""
    evil = POINTS | {"tags": {"order_id": "ORD-1'; DROP TABLE x; --", "service": "point-service"}}
    world.send(evil)
    _publish(world.folder, RUNBOOK)
    world.handle()
    world.send(evil)
    return world


def test_the_steps_are_filled_in_and_ticked_without_javascript(alice: Client, guided: World) -> None:
    html = read(alice.get("/handlings/1/"))
    ticked = _act(alice, 1, "", tick="1", note="counted 2")

    assert "0 of 2 steps" in html
    assert "ORD-1&#x27;&#x27;; DROP" in html or "ORD-1''; DROP" in html
    assert 'name="minutes" value="15" checked' in html
    assert "1 of 2 steps" in ticked
    assert 'name="untick" value="1"' in ticked
    assert "counted 2</textarea>" in ticked
    assert "1 of 2 steps" not in _act(alice, 1, "", untick="1")
    assert "?kind=data_correction&amp;handling=1&amp;body=Tell" in html
    assert [line.action for line in read_lines(AuditFilter())][:2] == ["handling_ticked"] * 2


def test_what_did_not_help_is_told_with_its_step_and_leads_back(alice: Client, guided: World) -> None:
    html = read(alice.get("/handlings/1/"))
    fields = {"number": "1", "kind": "did_not_help", "step": "2", "text": "It is gone.", "next": "/handlings/1/"}
    answer = alice.post("/runbooks/PNT-1/comments/", fields)
    elsewhere = alice.post("/runbooks/PNT-1/comments/", fields | {"next": "https://evil.example/"})

    assert "Something here did not help" in html
    assert answer["Location"] == "/handlings/1/"
    assert elsewhere["Location"] == "/runbooks/PNT-1/#comments"
    assert "Step 2: It is gone." in read(alice.get("/runbooks/PNT-1/"))


def test_htmx_gets_the_steps_and_the_version_for_what_comes_next(alice: Client, guided: World) -> None:
    def tick(step: int, version: int) -> str:
        given = {"tick": step, "version": version}
        return read(alice.post("/handlings/1/act/", given, headers={"hx-request": "true"}))

    first = tick(1, 1)
    late = tick(2, 1)

    assert "<html" not in first
    assert '<input type="hidden" name="version" id="version" value="3" hx-swap-oob="true">' in first
    assert "Somebody else has changed this meanwhile." in late
    assert "hx-swap-oob" not in late
    assert "1 of 2 steps" in late


def test_a_later_version_of_the_runbook_changes_nothing_for_who_follows_the_earlier(
    alice: Client, guided: World
) -> None:
    _act(alice, 1, "take")
    by = runbooks.Author(id=1, name="alice", at_ms=2)
    with changing(guided.folder) as connection:
        runbooks.save_version(connection, 1, RUNBOOK.replace("Count the grants", "Count all"), expected=1, by=by)
        runbooks.publish(connection, 1, number=2, by=by)

    html = read(alice.get("/handlings/1/"))

    assert "Count the grants" in html
    assert "Count all" not in html
    assert "the version that is followed here" in html


# --- Beside the queue ---------------------------------------------------------------------------------------------


def test_an_issue_lists_its_occurrences_with_state_and_minutes(alice: Client, queue: World) -> None:
    assert "No occurrence was to be handled" in read(alice.get("/issues/1/handlings/?after=1&after_id=1"))
    _act(alice, 2, "finish", minutes="15")

    html = read(alice.get("/issues/1/handlings/"))

    assert html.count("<tr data-row") == 3
    assert '<td class="num" data-l="Minutes">15</td>' in html
    assert 'href="/handlings/3/?issue=1#before"' in html
    assert 'aria-current="page">Occurrences</a>' in html


def test_the_file_of_a_period_holds_what_was_closed_in_it_and_no_formula(
    bob: Client, alice: Client, queue: World
) -> None:
    _act(alice, 1, "finish", minutes="5", note="=HYPERLINK(1)")
    today = timezone.localdate()

    def lines(query: str) -> list[str]:
        answer = bob.get(f"/handlings/csv/?{query}")
        assert isinstance(answer, StreamingHttpResponse)
        return b"".join(answer).decode().splitlines()[1:]  # type: ignore[arg-type]

    (line,) = lines(f"from={today}&to={today}")

    assert "'=HYPERLINK(1)" in line
    assert line.startswith("1,1,")
    assert lines("issue=1") == [line]
    assert lines(f"to={today - timedelta(days=1)}") == lines(f"from={today + timedelta(days=1)}") == []
    assert lines("from=9999-99-99&to=9999-12-31") == [line]


def test_handlings_are_found_by_an_extracted_id(alice: Client, world: World) -> None:
    tags = {"tags": {"order_id": "ORD-7", "service": "point-service"}}
    world.send(POINTS)
    world.handle(key="order_id")
    world.send(POINTS | tags, POINTS | {"tags": {"order_id": "ORD-8", "service": "point-service"}})

    assert "1 handling" in read(alice.get("/handlings/?key=ORD-7"))


def _token(name: str) -> Client:
    now = clock.unix_ms()
    user = User.objects.get(username=name)
    scopes = (Scope.READ, Scope.WORK_WRITE)
    token, _ = make_token(user.pk, name="bot", scopes=scopes, now_ms=now, expires_ms=now + 60_000)
    return Client(headers={"authorization": f"Bearer {token}"})


def _ask(client: Client, address: str, body: dict[str, object] | None = None) -> tuple[int, Any]:
    path = f"/api/v1/handlings{address}"
    answer = client.get(path) if body is None else client.post(path, body, content_type="application/json")
    return answer.status_code, answer.json()


def test_a_program_lists_reads_and_closes_handlings(bob: Client, queue: World) -> None:
    _operator(bob)
    bot = _token("bob")

    listed = _ask(bot, "?service=point-service")[1]
    done = _ask(bot, "/1/finish", {"version": listed["items"][0]["version"], "outcome": "worked", "minutes": 3})
    late = _ask(bot, "/1/reopen", {"version": 1})

    assert [one["id"] for one in listed["items"]] == [1, 2, 3]
    assert done[0] == 201
    assert (done[1]["state"], done[1]["minutes"], done[1]["closed_by"], done[1]["events"][0]["id"]) == (
        "done",
        3,
        "bob",
        2,
    )
    assert (late[0], late[1]["error"]["code"]) == (409, "conflict")
    assert _ask(bot, "/1")[1]["outcome"] == "worked"
    assert [one["id"] for one in _ask(bot, "?view=closed")[1]["items"]] == [1]
    assert [line.via.split()[0] for line in read_lines(AuditFilter(action="handling_done"))] == ["token"]


@pytest.mark.parametrize(
    ("act", "body", "status"),
    [
        ("finish", {}, 400),
        ("finish", {"version": 1, "minutes": -1}, 400),
        ("finish", {"version": 1, "minutes": 5000}, 400),
        ("finish", {"version": 1, "outcome": "perhaps"}, 400),
        ("dismiss", {"version": 1}, 400),
        ("tick", {"version": 1}, 409),
        ("reopen", {"version": 1}, 409),
        ("hand_over", {"version": 1}, 404),
        ("explode", {"version": 1}, 404),
    ],
)
def test_what_a_program_may_not_say_changes_nothing(
    alice: Client, queue: World, act: str, body: dict[str, object], status: int
) -> None:
    assert _ask(_token("alice"), f"/1/{act}", body)[0] == status
    assert _states() == ["open"] * 3


def test_a_viewers_program_may_read_alone(bob: Client, queue: World) -> None:
    bot = _token("bob")

    assert _ask(bot, "")[0] == 200
    assert _ask(bot, "/99")[0] == 404
    assert _ask(bot, "/1/take", {"version": 1})[0] == 403
