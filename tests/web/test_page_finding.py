"""The page that finds a runbook for a pasted error, suggestions on an issue, and proposals answered one by one."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from web_world import POINTS, World, message, read

from mukiau.stores.audit import AuditFilter, read_lines
from mukiau.stores.people import set_role
from mukiau.stores.sqlite import Connection
from mukiau.stores.state_file import changing
from mukiau.stores.work.known_runbooks import KnownRunbooks
from mukiau.stores.work.runbooks import Author, create_runbook, publish, save_version
from mukiau.stores.work.suggestions import find_proposals, record_proposals

BY = Author(id=9, name="zoe", at_ms=1)
SAID = "在庫 KNB-16055 を引き当てられません"


@pytest.fixture
def carol(bob: Client) -> Client:
    """A developer."""
    set_role(User.objects.get(username="bob").pk, "developer")
    return bob


def runbook(world: World, title: str, *, url: str = "", more: str = "") -> int:
    text = f'---\ntitle: "{title}"\nservices: [order-api]\n{f"url: {url}" if url else ""}\n{more}---\nLook.\n'
    with changing(world.folder) as connection:
        saved = create_runbook(connection, text, prefix="ORD", by=BY)
        publish(connection, saved.id, number=1, by=BY)
    return saved.id


def propose(world: World, runbook_id: int) -> None:
    with changing(world.folder) as connection:
        record_proposals(connection, _found(connection, runbook_id), at_ms=world.now_ms)


def _found(connection: Connection, runbook_id: int):
    return find_proposals(connection, [runbook_id], known=KnownRunbooks(), since_ms=0)


def test_a_pasted_error_finds_a_runbook_and_tells_the_words_they_share(bob: Client, world: World) -> None:
    runbook(world, "在庫を引き当てられません", url="https://wiki.example/stock")
    runbook(world, "Disk full")

    shown = read(bob.post("/runbooks/find/", {"text": "ERROR 在庫 XYZ-1 を引き当てられません (3 ms)"}))

    assert shown.index("ORD-1") < shown.index("引き当てられません</span>")
    assert '<a class="small" href="https://wiki.example/stock" rel="noopener noreferrer">' in shown
    assert "Disk full" not in shown


def test_a_rule_that_holds_is_told(bob: Client, world: World) -> None:
    runbook(world, "Printers", more='match:\n- {message: "*引き当てられません*"}\n')

    shown = read(bob.post("/runbooks/find/", {"text": SAID}))

    assert "A match rule holds" in shown


def test_short_words_may_stand_in_the_address(bob: Client, world: World) -> None:
    runbook(world, "Disk full")

    assert "ORD-1" in read(bob.get("/runbooks/find/?q=disk"))


def test_nothing_found_is_said(bob: Client, world: World) -> None:
    assert "No runbook has words of this error" in read(bob.post("/runbooks/find/", {"text": "zzz"}))
    assert "No runbook has words" not in read(bob.get("/runbooks/find/"))


def test_what_is_pasted_is_text_and_nothing_else(bob: Client, world: World) -> None:
    runbook(world, "<b>alert</b> stock")

    shown = read(bob.post("/runbooks/find/", {"text": "</textarea><script>alert(1)</script> stock"}))

    assert "<script>alert" not in shown
    assert "<b>alert</b>" not in shown


def test_an_issue_shows_what_is_suggested_and_who_may_answer_can(bob: Client, alice: Client, world: World) -> None:
    runbook(world, "在庫を引き当てられません")
    world.send(message(SAID))

    assert "Suggested runbooks" in read(bob.get("/issues/1/"))
    assert "Use it for errors like this" not in read(bob.get("/issues/1/"))
    assert "Use it for errors like this" in read(alice.get("/issues/1/"))


@pytest.mark.parametrize(
    ("answer", "told", "action"),
    [
        ("rule", "ORD-1 has the match rule from now on", "runbook_rule_added"),
        ("link", "ORD-1 answers this issue from now on", "runbook_linked"),
        ("decline", "ORD-1 is not suggested for this issue again", "runbook_declined"),
    ],
)
def test_an_answer_ends_the_suggestion(carol: Client, world: World, answer: str, told: str, action: str) -> None:
    one = runbook(world, "在庫を引き当てられません")
    world.send(message(SAID))

    shown = read(carol.post(f"/issues/1/runbooks/{one}/", {"answer": answer}, follow=True))

    assert told in shown
    assert "Suggested runbooks" not in shown
    assert [entry.action for entry in read_lines(AuditFilter(), limit=1)] == [action]


def test_an_answer_that_comes_too_late_does_nothing(carol: Client, world: World) -> None:
    one = runbook(world, "在庫を引き当てられません")
    world.send(message(SAID))
    carol.post(f"/issues/1/runbooks/{one}/", {"answer": "decline"})

    shown = read(carol.post(f"/issues/1/runbooks/{one}/", {"answer": "rule"}, follow=True))

    assert "not suggested for the issue any more" in shown


def test_changes_that_wait_are_not_published_along(carol: Client, world: World) -> None:
    one = runbook(world, "在庫を引き当てられません")
    world.send(message(SAID))
    with changing(world.folder) as connection:
        save_version(connection, one, "---\ntitle: Not yet\n---\n", expected=1, by=BY)

    shown = read(carol.post(f"/issues/1/runbooks/{one}/", {"answer": "rule"}, follow=True))

    assert "it holds once the changes that wait there are published" in shown


def test_proposals_are_accepted_one_by_one(carol: Client, world: World) -> None:
    one = runbook(world, "在庫を引き当てられません")
    world.send(message(SAID))
    propose(world, one)

    before = read(carol.get("/runbooks/proposals/"))
    after = read(carol.post("/runbooks/proposals/1/accept/", follow=True))

    assert "在庫 * を引き当てられません" in before
    assert "ORD-1 has the match rule from now on" in after
    assert "Nothing is proposed" in after


def test_a_declined_proposal_can_be_proposed_again(carol: Client, world: World) -> None:
    one = runbook(world, "在庫を引き当てられません")
    world.send(message(SAID))
    propose(world, one)

    declined = read(carol.post("/runbooks/proposals/1/decline/", follow=True))
    again = read(carol.post("/runbooks/proposals/1/reconsider/", follow=True))

    assert "declined by bob" in declined
    assert "Nothing is proposed" in declined
    assert "Accept the rule" in again
    assert "Nothing is proposed" not in again


def test_a_proposal_answered_meanwhile_is_told(carol: Client, world: World) -> None:
    shown = read(carol.post("/runbooks/proposals/7/accept/", follow=True))

    assert "Somebody has answered it" in shown


def test_the_palette_finds_runbooks_by_name_and_by_words(bob: Client, world: World) -> None:
    runbook(world, "在庫を引き当てられません")
    runbook(world, "100% full")

    by_title, by_code = read(bob.get("/palette/?q=引き当て")), read(bob.get("/palette/?q=ord-2"))
    escaped = read(bob.get("/palette/?q=0%25 f"))

    assert "ORD-1" in by_title
    assert "Find a runbook with these words" in by_title
    assert "100% full" in by_code
    assert "ORD-2" in escaped
    assert "ORD-1" not in escaped


def test_a_new_runbook_takes_over_what_the_issue_says(carol: Client, world: World) -> None:
    world.send(POINTS)

    shown = read(carol.get("/runbooks/new/?issue=1"))

    assert "## Examples" in shown
    assert "PointGrantError: ポイント付与に失敗しました（注文 ORD-20481） UniqueViolation: duplicate key" in shown
    assert "type: UniqueViolation" in shown
