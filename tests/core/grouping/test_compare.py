"""Two events side by side, what would tell events apart, and what another policy does to issues."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from test_fingerprint import CRASH, EVENT, LIBRARY, MESSAGE, ROOT, TOP, links

from mukiau.core.event import Event, Relation
from mukiau.core.grouping.compare import Comparison, Verdict, compare
from mukiau.core.grouping.distinguish import find_distinctions
from mukiau.core.grouping.effect import ChangeKind, effect_of
from mukiau.core.grouping.fingerprint import fingerprint_of
from mukiau.core.grouping.policy_text import parse_policy


def compared(first: Event, second: Event) -> Comparison:
    return compare(fingerprint_of(first).explanation, fingerprint_of(second).explanation)


def test_two_issues_are_apart_by_what_counts_and_differs() -> None:
    other = replace(EVENT, exceptions=(TOP, replace(ROOT, frames=(LIBRARY, replace(CRASH, function="pay")))))

    found = compared(EVENT, other)

    assert not found.together
    assert [(part.path, part.first, part.second) for part in found.apart_by] == [
        (("exceptions", "exception", "function"), "com.shop.Cart total", "com.shop.Cart pay")
    ]


def test_one_issue_is_together_by_what_counts_whatever_else_differs() -> None:
    other = replace(EVENT, exceptions=(replace(TOP, message="order refused"), ROOT))

    found = compared(EVENT, other)

    assert found.together
    assert found.apart_by == ()
    assert [part.path[-1] for part in found.together_by] == [
        "service",
        "type",
        "function",
        "type",
        "function",
        "template",
    ]
    assert [(part.first, part.second) for part in found.different_anyway] == [
        ("order <num> of 田中 failed", "order refused")
    ]


def test_a_link_that_was_put_in_is_the_only_difference() -> None:
    between = replace(TOP, type="com.shop.Retry", relation=Relation.CAUSE, parent=0)
    other = replace(EVENT, exceptions=(TOP, between, replace(ROOT, parent=1)))

    found = compared(EVENT, other)

    assert {(part.verdict, part.second) for part in found.apart_by} == {
        (Verdict.ONLY_SECOND, "com.shop.Retry"),
        (Verdict.ONLY_SECOND, "com.shop.Orders confirm"),
    }


chains = st.lists(links, max_size=3).map(tuple)


@given(chains, chains, st.sampled_from(["order", "cart"]))
def test_two_are_apart_exactly_where_something_that_counts_differs(one: tuple, other: tuple, service: str) -> None:
    found = compared(replace(EVENT, exceptions=one), replace(EVENT, exceptions=other, service=service))

    assert found.together is (found.apart_by == ())


def test_what_would_tell_events_apart_is_named_by_its_use() -> None:
    def event(number: int, code: str) -> Event:
        return replace(MESSAGE, message=f"mail not sent because={code}", tags=(("request", str(number)), ("env", "x")))

    events = [event(number, "late" if number % 3 else "lost") for number in range(9)]

    first, *_, last = find_distinctions(events)

    assert (str(first.source), first.groups, first.values) == ("value:because", 2, (("late", 6), ("lost", 3)))
    assert (str(last.source), last.groups, last.is_individual) == ("tag:request", 9, True)


def test_deeper_frames_are_named_where_they_tell_more() -> None:
    def event(*functions: str) -> Event:
        frames = tuple(replace(CRASH, function=name) for name in functions)
        return replace(EVENT, exceptions=(TOP, replace(ROOT, frames=frames)))

    events = [event("serve", way, "shared", "crash") for way in ("pay", "cancel", "pay")]

    assert [str(one.source) for one in find_distinctions(events)] == ["frames:3"]


@given(st.lists(st.sampled_from(["late", "lost", ""]), min_size=2, max_size=8))
def test_a_distinction_counted_by_a_policy_makes_as_many_issues_as_it_says(reasons: list[str]) -> None:
    events = [replace(MESSAGE, message="not sent", tags=(("why", reason),) if reason else ()) for reason in reasons]

    found = {str(one.source): one for one in find_distinctions(events)}

    policy = parse_policy('defaults = 1\nalso = "tag:why"').policy
    assert policy is not None
    issues = {fingerprint_of(event, policy).hash for event in events}
    assert len(issues) == (found["tag:why"].groups if "tag:why" in found else 1)


def test_a_split_a_merge_and_both_are_told_apart() -> None:
    flows = [("a", "x", 5), ("a", "y", 2), ("b", "z", 3), ("c", "z", 9), ("d", "p", 4), ("d", "q", 3), ("e", "q", 8), ("f", "r", 7)]  # fmt: skip

    effect = effect_of(flows)

    assert [(change.kind, change.moved) for change in effect.changes] == [
        (ChangeKind.REARRANGED, 3), (ChangeKind.MERGED, 3), (ChangeKind.SPLIT, 2),
    ]  # fmt: skip
    assert (effect.occurrences, effect.issues_before, effect.issues_after) == (41, 6, 6)
    assert (effect.moved, effect.new, effect.gone) == (8, 1, 1)


names = st.sampled_from("abcdef")


@given(st.lists(st.tuples(names, names, st.integers(min_value=1, max_value=9)), max_size=12))
def test_every_occurrence_stays_with_an_heir_or_has_moved(flows: list[tuple[str, str, int]]) -> None:
    effect = effect_of([(before, after.upper(), count) for before, after, count in flows])
    back = effect_of([(after.upper(), before, count) for before, after, count in flows])

    for change in effect.changes:
        heirs = dict(change.heirs)
        assert len(set(heirs.values())) == len(heirs)
        assert sum(n for one, other, n in change.flows if heirs.get(one) != other) == change.moved
        assert sum(n for _, n in change.before) == sum(n for _, n in change.after)
    assert (effect.moved, effect.new, effect.gone) == (back.moved, back.gone, back.new)
    assert effect.issues_after == effect.issues_before + effect.new - effect.gone
