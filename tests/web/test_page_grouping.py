"""Why events are one issue, splitting and merging them from the pages, and taking it back."""

import re
from contextlib import closing

import pytest
from django.test import Client
from web_world import POINTS, World, chain, exception, frame, message, read

from mukiau.stores.audit import AuditFilter, read_lines
from mukiau.stores.grouping_changes import By, ChangeKind, Move, move_fingerprints, record_change
from mukiau.stores.issue_rows import insert_issue
from mukiau.stores.queries.grouping_history import read_changes_of_issue
from mukiau.stores.queries.issue import find_issue, read_fingerprints
from mukiau.stores.queries.rows import read_rows
from mukiau.stores.regrouping import merge
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import connect, transaction

BY = By(actor="alice", at_ms=7_000, reason="one cause")


@pytest.fixture
def pair(world: World) -> World:
    """Issue 1 (alpha, event 1) and issue 2 (beta, events 2 and 3)."""
    world.send(message("alpha went wrong for order 7"))
    world.send(message("beta went wrong"), message("beta went wrong"), hours_ago=0.2)
    return world


@pytest.fixture
def merged(pair: World) -> World:
    """Issue 1 with both fingerprints."""
    merge(pair.folder, [2], into=1, by=BY)
    return pair


# --- Why ----------------------------------------------------------------------------------------------------------


def test_the_page_says_in_plain_words_what_the_events_have_in_common(bob: Client, world: World) -> None:
    world.send(POINTS)

    page = read(bob.get("/issues/1/grouping/"))

    assert re.findall(r"<dt>(.*?)</dt><dd><code>(.*?)</code>", page)[:3] == [
        ("Service", "point-service"),
        ("Root cause", "UniqueViolation"),
        ("Fails in", "shop.orders append_grant"),
    ]
    assert "Wrapped in the exception" in page


def test_the_event_page_leads_to_its_grouping(bob: Client, pair: World) -> None:
    assert 'href="/issues/1/grouping/"' in read(bob.get("/issues/1/"))


def test_an_issue_of_one_kind_shows_what_would_tell_its_events_apart_with_the_rule(bob: Client, world: World) -> None:
    world.send(*(message("refused", tags={"carrier": name}) for name in ("kuroneko", "sagawa", "sagawa")))

    page = read(bob.get("/issues/1/grouping/"))

    assert "<b>Tag carrier</b>" in page
    assert "would make 2 issues" in page
    assert "also = [&quot;tag:carrier&quot;]" in page


def test_a_lone_event_has_nothing_to_split(bob: Client, pair: World) -> None:
    assert "With one event there is nothing to split." in read(bob.get("/issues/1/grouping/"))


# --- Splitting ----------------------------------------------------------------------------------------------------


def test_a_merged_issue_lists_its_fingerprints_with_boxes_to_split(alice: Client, bob: Client, merged: World) -> None:
    page = read(alice.get("/issues/1/grouping/"))

    assert re.findall(r'name="f" value="(\d+)"', page) == ["2", "1"]
    assert "Split off…" in page
    assert 'name="f"' not in read(bob.get("/issues/1/grouping/"))


def test_splitting_previews_the_counts_then_makes_a_new_issue(alice: Client, merged: World) -> None:
    preview = read(alice.get("/issues/1/split/?f=2"))
    assert re.findall(r'<p class="fig"><b>(\d+)</b>', preview) == ["2", "1"]

    answer = alice.post("/issues/1/split/confirm/", {"f": ["2"], "reason": "two causes"})

    assert answer["Location"] == "/issues/3/grouping/?done=2"
    assert [(one.id, one.event_count) for one in read_fingerprints(3)] == [(2, 2)]
    assert "This issue was split off from another one" in read(alice.get(answer["Location"]))
    history = read(alice.get("/issues/1/grouping/")).partition('id="history"')[2]
    assert "two causes" in history
    assert "<li>beta went wrong</li>" in history


@pytest.mark.parametrize("chosen", [[], ["1", "2"], ["77"]])
def test_a_split_of_nothing_or_of_all_is_refused_in_a_sentence(alice: Client, merged: World, chosen: list[str]) -> None:
    answer = alice.post("/issues/1/split/confirm/", {"f": chosen}, follow=True)

    assert "Choose some of the fingerprints to split off, and leave at least one." in read(answer)
    assert len(read_fingerprints(1)) == 2


# --- Merging ------------------------------------------------------------------------------------------------------


def test_a_merge_is_previewed_with_counts_and_why_the_issues_were_apart(alice: Client, pair: World) -> None:
    page = read(alice.get("/issues/merge/?issue=1&issue=2&into=2"))

    assert "<b>After the merge</b> 3 events · 2 fingerprints" in page
    assert "Why #1 is not #2 today" in page
    assert re.search(r'value="2" checked', page)
    assert "beta went wrong" in page


def test_merging_is_confirmed_told_and_taken_back(alice: Client, pair: World) -> None:
    answer = alice.post("/issues/merge/confirm/", {"issue": ["1", "2"], "into": "1", "reason": "one cause"})
    assert answer["Location"] == "/issues/1/grouping/?done=1"
    told = read(alice.get(answer["Location"]))
    assert "1 issue was merged into this one" in told
    assert 'action="/issues/changes/1/undo/"' in told

    back = alice.post("/issues/changes/1/undo/", follow=True)

    assert "The change is undone" in read(back)
    assert [issue.event_count for one in (1, 2) if (issue := find_issue(one))] == [1, 2]
    assert read_changes_of_issue(1)[0].undone_by == "alice"


@pytest.mark.parametrize("typed", ["2", "#2", "https://mukiau.example.com/issues/2/", "/issues/2/events/3/"])
def test_the_other_issue_is_found_by_its_number_or_address(alice: Client, pair: World, typed: str) -> None:
    page = read(alice.get("/issues/merge/", {"issue": "1", "into": "1", "other": typed}))

    assert "<b>After the merge</b> 3 events" in page


def test_issues_are_selected_in_the_list_by_those_who_may_merge(alice: Client, bob: Client, pair: World) -> None:
    page = read(alice.get("/issues/"))

    assert re.findall(r'name="issue" value="(\d+)" form="pick"', page) == ["2", "1"]
    assert 'id="pick"' not in read(bob.get("/issues/"))
    assert 'form="pick"' not in read(bob.get("/issues/"))


def test_the_oldest_issue_stays_unless_one_of_them_is_named(alice: Client, pair: World) -> None:
    for given, stays in (("", "1"), ("into=2", "2"), ("into=99", "1")):
        page = read(alice.get(f"/issues/merge/?issue=2&issue=1&{given}"))

        assert re.findall(r'value="(\d+)" checked', page) == [stays]


def test_an_issue_that_was_merged_meanwhile_stands_for_where_it_went(alice: Client, merged: World) -> None:
    merged.send(message("gamma went wrong"))

    alice.post("/issues/merge/confirm/", {"issue": ["2", "3"], "into": "1"})

    assert [one.id for one in read_fingerprints(1)] == [2, 1, 3]


def test_an_other_issue_that_is_none_is_said_so(alice: Client, pair: World) -> None:
    page = read(alice.get("/issues/merge/", {"issue": "1", "into": "1", "other": "<beta>"}))

    assert "There is no issue “&lt;beta&gt;”" in page


def test_issues_of_two_projects_are_not_merged(alice: Client, pair: World) -> None:
    pair.send(message("gamma"), project=pair.another_project("Other"))

    answer = alice.post("/issues/merge/confirm/", {"issue": ["1", "3"], "into": "1"}, follow=True)

    assert "Issue #3 belongs to another project than #1" in read(answer)


def test_a_merge_shows_the_rule_that_would_do_it_and_what_else_it_joins(alice: Client, world: World) -> None:
    for thing in ("stock", "price", "label"):
        world.send(message(f"could not load {thing} from cache"))

    page = read(alice.get("/issues/merge/?issue=1&issue=2"))

    assert "These words of the message may vary" in page
    assert "templates.wordings" in page
    assert "It would also join:" in page
    assert 'href="/issues/3/"' in page


def test_an_undo_that_a_later_change_builds_on_is_refused(alice: Client, merged: World) -> None:
    alice.post("/issues/1/split/confirm/", {"f": ["2"]})

    answer = alice.post("/issues/changes/1/undo/", follow=True)

    assert "Change 2 came later and builds on this one; undo that one first." in read(answer)
    assert "A later change builds on this one" in read(alice.get("/issues/1/grouping/"))


@pytest.fixture
def by_policy(merged: World) -> World:
    """Change 2, by which another version of the policy made fingerprint 2 an issue of its own."""
    with closing(connect(merged.folder / STATE_FILE)) as connection, transaction(connection):
        new = insert_issue(connection, merged.project.id)
        moves = [Move(2, 1, new)]
        record_change(connection, merged.project.id, ChangeKind.POLICY, moves, details={"version": 2}, by=BY)
        move_fingerprints(connection, moves)
    return merged


def test_what_the_policy_changed_is_in_the_history_and_not_undone_there(alice: Client, by_policy: World) -> None:
    page = read(alice.get("/issues/3/grouping/"))

    assert "The grouping policy was changed" in page
    assert "/issues/changes/" not in page
    answer = alice.post("/issues/changes/2/undo/", follow=True)
    assert "This change came with the grouping policy" in read(answer)


def test_viewers_see_the_preview_and_change_nothing(bob: Client, merged: World) -> None:
    assert "Only administrators" in read(bob.get("/issues/1/split/?f=2"))
    sent = [
        bob.post("/issues/1/split/confirm/", {"f": ["2"]}),
        bob.post("/issues/merge/confirm/", {"issue": ["1", "2"], "into": "1"}),
        bob.post("/issues/changes/1/undo/"),
    ]

    assert [answer.status_code for answer in sent] == [403, 403, 403]
    assert read_rows("SELECT COUNT(*) FROM grouping_change WHERE undone_ms IS NULL") == [(1,)]


def test_every_change_is_on_record(alice: Client, pair: World) -> None:
    alice.post("/issues/merge/confirm/", {"issue": ["1", "2"], "into": "1", "reason": "one cause"})
    alice.post("/issues/1/split/confirm/", {"f": ["2"]})
    alice.post("/issues/changes/2/undo/")

    lines = [line for line in reversed(read_lines(AuditFilter())) if line.action != "sign_in"]
    assert [line.action for line in lines] == ["issues_merged", "issue_split", "regrouping_undone"]
    assert lines[0].after == {"change": 1, "issues": "#2", "why": "one cause", "fingerprints": 1}
    assert "Issues merged" in read(alice.get("/audit-log/"))


# --- Alike --------------------------------------------------------------------------------------------------------


def fails_in(function: str, code: str) -> dict[str, object]:
    return chain(exception("TimeoutError", f"no answer, {code}", frame("call"), frame(function, 20)))


def test_similar_issues_are_named_with_reasons(alice: Client, world: World) -> None:
    world.send(fails_in("pay", "a"), hours_ago=3)
    world.send(fails_in("pay_later", "a"), hours_ago=2)
    world.send(message("quite another thing"))

    page = read(alice.get("/issues/1/grouping/"))

    similar = page.partition('id="similar"')[2]
    assert re.findall(r'href="/issues/(\d+)/"', similar)[0] == "2"
    assert "same root cause" in similar
    assert "fails in another function" in similar
    assert "/issues/merge/?issue=1&amp;issue=2&amp;into=1" in similar


def test_an_issue_that_came_later_or_was_merged_is_known_at_once(alice: Client, world: World) -> None:
    world.send(fails_in("pay", "a"), hours_ago=3)
    assert "much like this one" in read(alice.get("/issues/1/grouping/"))

    world.send(fails_in("pay_later", "a"), hours_ago=2)
    assert "same root cause" in read(alice.get("/issues/1/grouping/"))

    merge(world.folder, [2], into=1, by=BY)
    assert "much like this one" in read(alice.get("/issues/1/grouping/"))


# --- Comparing ----------------------------------------------------------------------------------------------------


def test_two_events_of_one_issue_are_compared_part_by_part(bob: Client, world: World) -> None:
    world.send(fails_in("pay", "a"), fails_in("pay", "a"))

    page = read(bob.get("/issues/compare/?event=1&event=2"))

    assert "One issue: everything that counts is the same" in page
    assert "TimeoutError" in page
    assert '<span class="sr">same</span>' in page


def test_two_issues_are_compared_by_what_counts_and_differs(bob: Client, world: World) -> None:
    world.send(fails_in("pay", "a"), fails_in("refund", "a"))

    page = read(bob.get("/issues/compare/?issue=1&issue=2"))

    assert "Two issues, because something that counts differs" in page
    apart = page.partition('id="h-apart"')[2].partition('id="h-same"')[0]
    assert "shop.orders pay" in apart
    assert "shop.orders refund" in apart
    assert '<span class="sr">different</span>' in apart


def test_events_that_were_merged_by_hand_are_said_to_be(bob: Client, merged: World) -> None:
    assert "because it was merged by hand" in read(bob.get("/issues/compare/?event=1&event=2"))


def test_one_event_is_offered_its_neighbours_and_a_box(bob: Client, pair: World) -> None:
    page = read(bob.get("/issues/compare/?event=3"))

    assert "?event=3&amp;event=2" in page
    assert 'name="event" required' in page


def test_an_event_to_compare_with_is_found_by_its_event_id(bob: Client, pair: World) -> None:
    event_id = read_rows("SELECT event_id FROM event WHERE id = 2")[0][0]

    assert "Two issues" in read(bob.get(f"/issues/compare/?event=1&event={event_id}"))


@pytest.mark.parametrize("query", ["", "?event=99&event=1", "?event=1&event=x", "?issue=99", "?issue=1&issue=99"])
def test_what_is_not_there_cannot_be_compared_and_is_said_so(bob: Client, pair: World, query: str) -> None:
    answer = bob.get(f"/issues/compare/{query}")

    assert answer.status_code == 200
    assert ("There is no such event" in read(answer)) is bool(query)


# --- Odd addresses ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "0", "9" * 30, "-1", "١", "<img src=x>", "x" * 3_000, "2' OR 1=1"])
def test_no_text_in_a_field_of_these_pages_makes_one_fail(alice: Client, merged: World, text: str) -> None:
    sent = [
        alice.get("/issues/1/grouping/", {"done": text}),
        alice.get("/issues/1/split/", {"f": text}),
        alice.get("/issues/merge/", {"issue": ["1", text], "into": text, "other": text}),
        alice.get("/issues/compare/", {"event": [text, "1"], "issue": text}),
        alice.post("/issues/1/split/confirm/", {"f": text}),
        alice.post("/issues/merge/confirm/", {"issue": ["1", text], "into": text}),
    ]

    assert [answer.status_code for answer in sent] == [200, 200, 200, 200, 302, 302]
    assert not any(b"<img src=x" in answer.content for answer in sent)
