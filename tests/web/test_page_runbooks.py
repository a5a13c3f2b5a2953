"""Runbooks in the browser's eyes: list, page, editor, versions, review, comments, links, and an issue's own runbook."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from web_world import World, chain, exception, frame, message, read

from mukiau.stores.people import set_role
from mukiau.stores.queries.runbooks import count_runbooks, find_runbook, list_comments, list_versions
from mukiau.web.views import runbooks

TEXT = """---
title: Orders cannot be saved
services: [order-api]
match:
  - service: order-api
    type: SaveError
minutes: 15
owner: order team
---
## Meaning

The database refuses {{ order_id }}.

## Steps

1. Look at the order.

   ```sql
   SELECT * FROM orders WHERE id = {{ order_id }};
   ```

2. Restart it (needs privilege)
"""
HOSTILE = "'; DROP TABLE orders; --<script>alert(1)</script>"


@pytest.fixture
def carol(folder: Path) -> Client:
    """Carol is a developer."""
    return _person("carol", "developer")


@pytest.fixture
def dan(folder: Path) -> Client:
    """Dan is an operator."""
    return _person("dan", "operator")


def _person(name: str, role: str) -> Client:
    user = User.objects.create_user(name)
    set_role(user.pk, role)
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def send(world: World, order_id: str = "ORD-7") -> None:
    world.send(chain(exception("SaveError", "no", frame("save")), tags={"order_id": order_id}))


def write(client: Client, text: str = TEXT, *, wish: str = "publish") -> None:
    answer = client.post("/runbooks/new/", {"text": text, "prefix": "ORD", "wish": wish})
    assert answer.status_code == 302, read(answer)


def test_an_empty_list_says_what_to_do(world: World, carol: Client, bob: Client) -> None:
    assert "There is no runbook yet" in read(carol.get("/runbooks/"))
    assert "/runbooks/new/" in read(carol.get("/runbooks/"))
    assert "/runbooks/new/" not in read(bob.get("/runbooks/"))


def test_a_published_runbook_is_filled_in_on_the_page_of_the_issue_it_answers(
    world: World, carol: Client, bob: Client
) -> None:
    send(world)
    write(carol)

    shown = read(bob.get("/issues/1/"))

    assert "ORD-1" in shown
    assert "It matches by its rule:" in shown
    assert "&#x27;ORD-7&#x27;" in shown or "'ORD-7'" in shown
    assert "needs privilege" in shown


def test_a_hostile_value_is_text_on_every_page(world: World, carol: Client) -> None:
    send(world, HOSTILE)
    write(carol)

    for address in ("/issues/1/", "/runbooks/ORD-1/?issue=1", "/runbooks/ORD-1/edit/"):
        shown = read(carol.get(address))
        assert "<script>alert" not in shown
        assert "'''; DROP TABLE orders; --" in shown


def test_an_issue_without_a_runbook_leads_to_writing_one_with_a_rule_that_matches_it(
    world: World, carol: Client, bob: Client
) -> None:
    send(world)

    assert "No runbook answers this issue" in read(carol.get("/issues/1/"))
    assert "/runbooks/new/?issue=1" in read(carol.get("/issues/1/"))
    assert "/runbooks/new/?issue=1" not in read(bob.get("/issues/1/"))
    shown = read(carol.get("/runbooks/new/?issue=1"))
    assert "type: SaveError" in shown
    assert "1 issue, 1 event in the last 30 days" in shown


def test_a_message_without_an_exception_gets_a_rule_that_matches_it(world: World, carol: Client) -> None:
    world.send(message("order 12 was lost (why?)"))

    shown = read(carol.get("/runbooks/new/?issue=1"))

    assert "1 issue, 1 event in the last 30 days" in shown


def test_a_link_goes_before_rules_and_can_be_taken_away(world: World, carol: Client) -> None:
    send(world)
    write(carol)
    write(carol, "---\ntitle: By hand\n---\nLook.\n")

    carol.post("/issues/1/runbook/link/", {"code": "https://mukiau.example/r/ord-2/"})
    linked = read(carol.get("/issues/1/"))
    carol.post("/issues/1/runbook/unlink/")
    by_rule = read(carol.get("/issues/1/"))

    assert "Somebody linked it to this issue." in linked
    assert "By hand" in linked
    assert "It matches by its rule:" in by_rule


def test_an_unknown_code_links_nothing_and_says_so(world: World, carol: Client) -> None:
    send(world)

    answer = carol.post("/issues/1/runbook/link/", {"code": "XYZ-9"}, follow=True)

    assert "There is no such runbook" in read(answer)


def test_the_second_to_save_sees_the_others_text_and_overwrites_nothing(
    world: World, carol: Client, dan: Client
) -> None:
    write(carol, wish="save")
    carol.post("/runbooks/ORD-1/edit/", {"text": TEXT + "\nBy Carol.\n", "expected": "1", "wish": "save"})

    answer = read(dan.post("/runbooks/ORD-1/edit/", {"text": TEXT + "\nBy Dan.\n", "expected": "1", "wish": "save"}))

    assert "carol has saved version 2 while you were writing" in answer
    assert "By Dan." in answer
    assert "<ins>By Carol.</ins>" in answer
    assert 'name="expected" value="2"' in answer
    runbook = find_runbook("ORD-1")
    assert runbook is not None
    assert [one.author for one in list_versions(runbook.id)] == ["carol", "carol"]


def test_a_text_with_a_mistake_is_kept_as_a_draft_and_not_put_in_force(world: World, carol: Client) -> None:
    broken = TEXT.replace("id = {{ order_id }}", "id = '{{ order_id }}'")

    answer = read(carol.post("/runbooks/new/", {"text": broken, "prefix": "ORD", "wish": "publish"}, follow=True))

    assert "Line 19 has to be mended first" in answer
    assert "Take yours away" in answer or "take yours away" in answer
    assert "This is a draft" in read(carol.get("/runbooks/ORD-1/"))


def test_the_editor_previews_and_adds_a_rule_without_javascript(world: World, carol: Client) -> None:
    send(world)

    shown = read(carol.post("/runbooks/new/", {"text": TEXT, "wish": "rule", "rule_logger": "shop.**"}))

    assert "logger: shop.**" in shown
    assert count_runbooks() == 0


def test_fragments_answer_preview_and_matches(world: World, carol: Client) -> None:
    send(world)
    write(carol)

    preview = read(carol.post("/runbooks/preview/", {"text": TEXT, "issue": "1"}))
    rules = read(carol.post("/runbooks/rules/", {"text": TEXT, "rule_service": "order-*", "runbook": ""}))

    assert "'ORD-7'" in preview
    assert "The rule being built" in rules
    assert "ORD-1" in rules  # the collision with what is in force


def test_nobody_reviews_their_own_version_and_another_person_does(world: World, carol: Client, dan: Client) -> None:
    write(carol)

    own = read(carol.post("/runbooks/ORD-1/review/", {"number": "1", "verdict": "approved"}, follow=True))
    other = read(
        dan.post("/runbooks/ORD-1/review/", {"number": "1", "verdict": "approved", "note": "Tried."}, follow=True)
    )

    assert "You wrote this version" in own
    assert "Tried." in other
    assert "Reviewed (dan)" in read(carol.get("/runbooks/ORD-1/"))


def test_comments_keep_the_version_they_were_made_on(world: World, carol: Client, dan: Client) -> None:
    write(carol)

    dan.post("/runbooks/ORD-1/comments/", {"text": "Step 2 is wrong.", "kind": "did_not_help", "number": "1"})
    shown = read(carol.get("/runbooks/ORD-1/"))

    assert "Step 2 is wrong." in shown
    assert "Did not help" in shown
    runbook = find_runbook("ORD-1")
    assert runbook is not None
    assert [(one.number, one.kind) for one in list_comments(runbook.id)] == [(1, "did_not_help")]


def test_retiring_takes_a_runbook_off_its_issues_and_the_list(world: World, carol: Client) -> None:
    send(world)
    write(carol)

    carol.post("/runbooks/ORD-1/retire/")

    assert "No runbook answers this issue" in read(carol.get("/issues/1/"))
    assert "ORD-1" not in read(carol.get("/runbooks/"))
    assert "ORD-1" in read(carol.get("/runbooks/?state=retired"))


def test_versions_show_what_changed(world: World, carol: Client) -> None:
    write(carol)
    carol.post(
        "/runbooks/ORD-1/edit/", {"text": TEXT + "\nMore.\n", "expected": "1", "wish": "save", "note": "said more"}
    )

    shown = read(carol.get("/runbooks/ORD-1/versions/2/"))

    assert "<ins>More.</ins>" in shown
    assert "said more" in shown
    assert "newer draft" in read(carol.get("/runbooks/ORD-1/"))


def test_the_list_finds_by_words_and_flags_what_answers_nothing(world: World, carol: Client) -> None:
    write(carol)
    write(carol, "---\ntitle: Payments are slow\nreview_by: 2020-01-01\n---\nLook.\n")

    every, found = read(carol.get("/runbooks/")), read(carol.get("/runbooks/?q=payments"))

    assert "answers nothing" in every
    assert "review is due" in every
    assert "Orders cannot be saved" not in found
    assert "No runbook matches" in read(carol.get("/runbooks/?q=nothing+like+it"))


def test_a_long_list_goes_on_where_the_page_before_ended(
    world: World, carol: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runbooks, "PAGE_ROWS", 2)
    for number in range(5):
        write(carol, TEXT.replace("title:", f"title: number {number}"))

    seen, address = [], "/runbooks/"
    for _ in range(3):
        html = read(carol.get(address))
        seen += re.findall(r"<span class=\"mono code\">([A-Z]+-\d)</span>", html)
        following = re.search(r'href="(\?q=&amp;state=&amp;after=[^"]+)"', html)
        address = "/runbooks/" + following[1].replace("&amp;", "&") if following else ""

    assert (len(seen), len(set(seen)), address) == (5, 5, "")


def test_the_short_address_leads_there_whatever_its_case(world: World, carol: Client) -> None:
    write(carol)

    assert carol.get("/r/ord-1/").headers["Location"] == "/runbooks/ORD-1/"
    assert carol.get("/r/ORD-2/").status_code == 404
