"""Cut traces and ids without digits come to the issue they belong to, in whatever order and batches events arrive; people
have the last word."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lab_files import NOON_MS, ONE_PER_SERVICE, applied, digest, replayed, shown, undone
from state_files import assert_counts_are_right, rows

from mukiau.core.event import Origin
from mukiau.core.grouping.kinship import Gathered
from mukiau.core.scrub import Scrubber, ScrubPolicy
from mukiau.digest.event_maker import EventMaker, RawEvent
from mukiau.stores.grouping_changes import By
from mukiau.stores.regrouping import merge, split_off, undo
from mukiau.stores.schema import STATE_FILE

HEAD = "com.acme.NotSaved: order 7\n\tat com.acme.Orders.save(Orders.java:1)\n"
CAUSES = {
    "": [],
    "too long": [("com.acme.SqlError", "too long", "insert")],
    "down": [("com.acme.Timeout", "late", "call")],
}
BY = By(actor="alice", at_ms=9)


def trace(number: int, cause: str = "", *, is_cut: bool = False) -> RawEvent:
    """A failure with one of the causes; cut, its cause has no frames."""
    chain = [("com.acme.NotSaved", "order 7 was not saved", "save"), *CAUSES[cause]]
    values = [
        {
            "type": name,
            "value": message,
            "stacktrace": {
                "frames": [] if is_cut and at else [{"function": function, "module": "com.acme.Orders", "in_app": True}]
            },
        }
        for at, (name, message, function) in enumerate(chain)
    ]
    end = "" if is_cut else "\t... 3 more"
    raw = HEAD + ("Caused by: x\n" if cause else "") + end if cause or is_cut else ""
    return made(number, {"exception": {"values": values[::-1]}}, raw)


def said(number: int, depot: str) -> RawEvent:
    return made(number, {"message": f"no calendar for depot {depot} yet", "logger": "plan"}, "")


def made(number: int, payload: dict[str, Any], raw: str) -> RawEvent:
    return RawEvent(
        payload={
            **payload,
            "environment": "acme-prod",
            "timestamp": NOON_MS / 1000 + 60 * number,
            "tags": {"service": "order"},
        },
        origin=Origin(project_id=1, source_id=1, language="java", raw=raw),
        event_id=f"{number:032x}",
        received_ms=NOON_MS + 60_000 * number,
    )


def issues_of(data: Path) -> dict[str, int]:
    return dict(shown(data)["events"])


def together(data: Path) -> set[frozenset[str]]:
    """The events of each issue."""
    found = issues_of(data)
    return {frozenset(event for event, issue in found.items() if issue == one) for one in found.values()}


@pytest.mark.parametrize("turned", [False, True])
def test_a_cut_trace_comes_to_the_issue_that_begins_like_it(data_folder: Path, turned: bool) -> None:
    raws = [trace(1, "too long"), trace(2, "down"), trace(3, "too long", is_cut=True)]

    for raw in reversed(raws) if turned else raws:
        digest(data_folder, raw)

    issues = list(issues_of(data_folder).values())
    assert issues[2] == issues[0] != issues[1]
    assert ("cut_trace",) in rows(data_folder, "SELECT joined_because FROM fingerprint")
    assert_counts_are_right(data_folder)


def test_the_first_event_and_the_latest_show_what_ids_look_like(data_folder: Path) -> None:
    digest(data_folder, said(1, "8X2X"), said(2, "12"))
    digest(data_folder, said(3, "KWXE"))
    digest(data_folder, said(4, "4711"))

    assert len(together(data_folder)) == 1


def test_a_cut_trace_leaves_when_a_second_failure_fits_it(data_folder: Path) -> None:
    digest(data_folder, trace(1, "too long"))
    digest(data_folder, trace(2, is_cut=True))
    assert len(together(data_folder)) == 1

    digest(data_folder, trace(3, "down"))

    assert len(together(data_folder)) == 3
    assert_counts_are_right(data_folder)


def test_what_turns_out_to_be_whole_is_a_failure_of_its_own(data_folder: Path) -> None:
    digest(data_folder, trace(1, "too long"), trace(2, is_cut=True))
    assert len(together(data_folder)) == 1

    digest(data_folder, trace(3))

    assert together(data_folder) == {frozenset({f"{1:032x}"}), frozenset({f"{2:032x}", f"{3:032x}"})}
    assert_counts_are_right(data_folder)


def test_the_late_rest_of_a_trace_takes_it_where_it_belongs(data_folder: Path) -> None:
    digest(data_folder, trace(1, "too long"), trace(2, is_cut=True))
    assert len(together(data_folder)) == 1

    digest(data_folder, replace(trace(2, "down"), revision=1))
    assert len(together(data_folder)) == 2
    assert len(rows(data_folder, "SELECT id FROM fingerprint")) == 2

    digest(data_folder, replace(trace(1, "down"), revision=1), trace(3, "too long"), trace(4, "too long", is_cut=True))
    assert together(data_folder) == {frozenset({f"{n:032x}" for n in pair}) for pair in ((1, 2), (3, 4))}
    assert_counts_are_right(data_folder)


def test_what_it_was_joined_to_may_go(data_folder: Path) -> None:
    digest(data_folder, trace(1, "too long"))

    digest(data_folder, trace(2, is_cut=True), replace(trace(1, "down"), revision=1))

    assert_counts_are_right(data_folder)


def test_what_people_moved_or_decided_stays_where_it_is(data_folder: Path) -> None:
    digest(data_folder, said(1, "8X2X"), said(2, "KWXE"))
    issue = issues_of(data_folder)[f"{1:032x}"]
    (fingerprint,) = rows(data_folder, "SELECT id FROM fingerprint WHERE joined_to_id > 0")[0]

    split_off(data_folder, issue, [fingerprint], by=BY)
    digest(data_folder, said(3, "9Z3Z"), said(4, "BEGN"))

    assert len(together(data_folder)) == 2
    assert issues_of(data_folder)[f"{4:032x}"] == issue
    assert_counts_are_right(data_folder)


def test_an_issue_that_was_merged_is_still_a_home_and_undoing_gives_all_back(data_folder: Path) -> None:
    digest(data_folder, trace(1, "too long"), trace(2, "too long", is_cut=True), said(3, "7"))
    before = shown(data_folder)
    issues = issues_of(data_folder)

    changed = merge(data_folder, [issues[f"{1:032x}"]], into=issues[f"{3:032x}"], by=BY)
    assert len(together(data_folder)) == 1
    undo(data_folder, changed.change_id, by=BY)

    assert shown(data_folder) == before


def test_under_another_policy_they_stay_together_and_taking_it_back_gives_everything_back(data_folder: Path) -> None:
    digest(data_folder, said(1, "8X2X"), said(2, "KWXE"), said(3, "yesterday"))
    before = shown(data_folder)

    run = applied(data_folder, replayed(data_folder, ONE_PER_SERVICE.replace("orders", "order")))
    assert len(together(data_folder)) == 1
    undone(data_folder, run)
    assert shown(data_folder) == before

    run = applied(data_folder, replayed(data_folder, "defaults = 1\n[count]\nlogger = false\n"))
    digest(data_folder, said(4, "BEGN"))
    assert len(together(data_folder)) == 2
    undone(data_folder, run)
    assert together(data_folder) == {frozenset({f"{n:032x}" for n in (1, 2, 4)}), frozenset({f"{3:032x}"})}
    assert_counts_are_right(data_folder)


KINDS = [
    *(
        lambda n, cause=cause, is_cut=is_cut: trace(n, cause, is_cut=is_cut)
        for cause in CAUSES
        for is_cut in (False, True)
    ),
    *(lambda n, depot=depot: said(n, depot) for depot in ("8X2X", "KWXE", "BEGN", "4Q4Q")),
]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=9),
    sizes=st.lists(st.integers(1, 4), min_size=9, max_size=9),
)
def test_the_order_and_the_batches_do_not_matter(
    migrated_state: Path, kinds: list[Any], sizes: list[int], tmp_path_factory: Any
) -> None:
    folder = tmp_path_factory.mktemp("doubtful")
    (folder / STATE_FILE).write_bytes(migrated_state.read_bytes())
    raws = [kind(number) for number, kind in enumerate(kinds, 1)]
    maker, gathered = EventMaker(Scrubber(ScrubPolicy())), Gathered()
    events = [maker.make(raw) for raw in raws]
    for one in events:
        gathered.add(one.event, one.fingerprint.hash, one.fingerprint.explanation)
    homes = gathered.homes()

    rest = list(raws)
    for size in sizes:
        digest(folder, *rest[:size])
        rest = rest[size:]

    said_together: dict[str, set[str]] = {}
    for one in events:
        home = homes.get(one.fingerprint.hash)
        group = one.fingerprint.hash if home is None else str(home.known.issue)
        said_together.setdefault(group, set()).add(one.event.event_id)
    assert together(folder) == set(map(frozenset, said_together.values()))
    assert_counts_are_right(folder)
