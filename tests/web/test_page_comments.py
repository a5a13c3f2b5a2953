"""Comments on issues: who may write, edit and delete them, whom they name, and what a merge does to them."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from web_world import POINTS, World, message, read

from mukiau.stores import regrouping
from mukiau.stores.audit import AuditFilter, read_lines
from mukiau.stores.grouping_changes import By
from mukiau.stores.people import set_role
from mukiau.stores.queries.rows import own_connection
from mukiau.stores.work.comments import count_unseen_mentions, find_comment, load_comments, load_mentions

PAGE = "/issues/1/comments/"


@pytest.fixture(autouse=True)
def issue(world: World, bob: Client) -> None:
    """An issue; Bob is an operator."""
    world.send(POINTS)
    set_role(_id("bob"), "operator")


def _id(name: str) -> int:
    return User.objects.get(username=name).pk


def _write(client: Client, text: str, **fields: str) -> str:
    return read(client.post(f"{PAGE}write/", {"text": text, **fields}, follow=True))


def _texts(issue_id: int = 1) -> list[str]:
    return [comment.text for comment in load_comments(own_connection(), issue_id)]


def _unseen(name: str) -> int:
    return count_unseen_mentions(own_connection(), _id(name))


def test_what_is_written_stands_on_the_page_and_beside_the_event(alice: Client, bob: Client) -> None:
    empty = read(alice.get(PAGE))

    html = _write(bob, "**Twice** on <b>Friday</b>\nin `batch`")

    assert "Nobody has said anything yet" in empty
    assert "<p><strong>Twice</strong> on &lt;b&gt;Friday&lt;/b&gt;<br> in <code>batch</code></p>" in html
    assert "<strong>Twice</strong>" in read(alice.get("/issues/1/"))


def test_a_viewer_reads_and_writes_nothing(bob: Client) -> None:
    _write(bob, "seen")
    set_role(_id("bob"), "viewer")

    html = read(bob.get(PAGE))

    assert "<p>seen</p>" in html
    assert "<textarea" not in html
    assert bob.post(f"{PAGE}write/", {"text": "x"}).status_code == 403
    assert bob.post("/comments/1/edit/", {"text": "x", "version": "1"}).status_code == 403
    assert bob.post("/comments/1/deleted/", {"deleted": "1"}).status_code == 403
    assert _texts() == ["seen"]


@pytest.mark.parametrize(("text", "said"), [("  \n ", "A comment needs a text."), ("x" * 10_001, "at most 10000")])
def test_what_cannot_be_written_stays_in_the_form(bob: Client, text: str, said: str) -> None:
    html = _write(bob, text)

    assert said in html
    assert _texts() == []
    assert text.strip() in html


def test_who_is_named_finds_it_until_they_have_looked(alice: Client, bob: Client) -> None:
    _write(bob, "@alice please, @bob looked already")

    counts = _unseen("alice"), _unseen("bob")
    menu, mine = read(alice.get("/issues/")), read(alice.get("/mentions/"))
    alice.get(PAGE)

    assert counts == (1, 0)
    assert "1 mention</a>" in menu
    assert "@alice please" in mine
    assert f'href="{PAGE}#comment-1"' in mine
    assert _unseen("alice") == 0
    assert "1 mention</a>" not in read(alice.get("/issues/"))
    assert "@alice please" in read(alice.get("/mentions/"))


def test_somebody_is_named_without_typing(alice: Client, bob: Client) -> None:
    _write(bob, "look", person="alice")

    assert _texts() == ["@alice look"]
    assert _unseen("alice") == 1


def test_all_mentions_are_marked_as_seen_at_once(alice: Client, bob: Client) -> None:
    _write(bob, "@alice 1")
    _write(bob, "@alice 2")

    alice.post("/mentions/seen/")

    assert _unseen("alice") == 0


def test_somebody_who_is_switched_off_is_not_named(alice: Client, bob: Client) -> None:
    User.objects.create_user("carol", is_active=False)

    html = _write(bob, "@carol")

    assert 'class="mention"' not in html
    assert load_mentions(own_connection(), _id("carol"), limit=9) == ()


def test_an_edit_keeps_what_was_said_before_and_tells_nobody_twice(alice: Client, bob: Client) -> None:
    _write(bob, "@alice first")
    alice.get(PAGE)

    bob.post("/comments/1/edit/", {"text": "@alice second <i>", "version": "1"})
    html = read(bob.get(PAGE))

    assert _texts() == ["@alice second <i>"]
    assert "<pre>@alice first</pre>" in html
    assert "1 earlier text" in html
    assert _unseen("alice") == 0


def test_only_the_author_edits_and_an_administrator_may_delete(alice: Client, bob: Client) -> None:
    _write(bob, "mine")
    _write(alice, "hers")

    assert alice.post("/comments/1/edit/", {"text": "x", "version": "1"}).status_code == 403
    assert bob.post("/comments/2/deleted/", {"deleted": "1"}).status_code == 403
    assert alice.post("/comments/1/deleted/", {"deleted": "1"}).status_code == 302
    assert [comment.deleted_by for comment in load_comments(own_connection(), 1)] == ["alice", ""]


def test_a_deleted_comment_says_nothing_more_and_comes_back_by_one_click(alice: Client, bob: Client) -> None:
    _write(bob, "@alice secret plan")
    bob.post("/comments/1/deleted/", {"deleted": "1"})

    pages = [read(client.get(address)) for client in (alice, bob) for address in (PAGE, "/issues/1/", "/mentions/")]
    edited = bob.post("/comments/1/edit/", {"text": "new", "version": "1"})
    bob.post("/comments/1/deleted/", {"deleted": "0"})

    assert not any("secret plan" in page for page in pages)
    assert "Deleted by bob" in pages[0]
    assert "The comment was edited or deleted meanwhile." in read(edited)
    assert "secret plan" in read(alice.get(PAGE))


def test_of_two_windows_the_second_overwrites_nothing(bob: Client) -> None:
    _write(bob, "first")
    bob.post("/comments/1/edit/", {"text": "second", "version": "1"})

    html = read(bob.post("/comments/1/edit/", {"text": "third", "version": "1"}))

    assert _texts() == ["second"]
    assert "The comment was edited or deleted meanwhile." in html
    assert ">third</textarea>" in html


def test_comments_follow_a_merge_and_are_back_after_it_is_undone(alice: Client, bob: Client, world: World) -> None:
    world.send(message("another"))
    bob.post("/issues/2/comments/write/", {"text": "@alice on the second"})
    _write(bob, "on the first")
    by = By(actor="alice", at_ms=world.now_ms)

    changed = regrouping.merge(world.folder, [2], into=1, by=by)
    merged, moved = read(alice.get(PAGE)), alice.get("/issues/2/comments/")
    edited = bob.post("/comments/1/edit/", {"text": "edited here", "version": "1"})
    regrouping.undo(world.folder, changed.change_id, by=by)

    assert "on the second" in merged
    assert "written on #2" in merged
    assert moved["Location"] == PAGE
    assert edited["Location"] == f"{PAGE}#comment-1"
    assert (_texts(1), _texts(2)) == (["on the first"], ["edited here"])


def test_every_change_of_a_comment_is_on_record(alice: Client, bob: Client) -> None:
    _write(bob, "one")
    bob.post("/comments/1/edit/", {"text": "two", "version": "1"})
    bob.post("/comments/1/edit/", {"text": "two", "version": "2"})  # nothing changes
    alice.post("/comments/1/deleted/", {"deleted": "1"})
    alice.post("/comments/1/deleted/", {"deleted": "0"})

    lines = [line for line in reversed(read_lines(AuditFilter())) if line.action.startswith("comment")]
    assert [(line.actor, line.action, line.target[:2]) for line in lines] == [
        ("bob", "comment_written", "#1"),
        ("bob", "comment_edited", "#1"),
        ("alice", "comment_deleted", "#1"),
        ("alice", "comment_restored", "#1"),
    ]
    comment = find_comment(own_connection(), 1)
    assert comment is not None
    assert comment.version == 2
