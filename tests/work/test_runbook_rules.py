"""What match rules say of an error: all conditions of a rule, one of several rules, the heaviest first."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mukiau.core.event import Event, ExceptionInfo, Origin
from mukiau.core.grouping.title import title_of
from mukiau.work.runbooks.facts import MAX_VALUE_CHARS, MAX_VALUES, facts_of
from mukiau.work.runbooks.rules import (
    Aspect,
    Condition,
    MatchRule,
    find_match,
    rule_from_json,
    rule_of,
    rules_to_json,
)

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
FACTS = {
    Aspect.SERVICE: ("orders",),
    Aspect.TYPE: ("com.acme.SaveError", "java.net.SocketTimeoutException"),
    Aspect.CODE: ("ORD-1042",),
    Aspect.MESSAGE: ("Order <num> could not be saved", "Read timed out"),
    Aspect.LOGGER: ("com.acme.orders.Writer",),
    Aspect.FINGERPRINT: ("ab12",),
}


@pytest.mark.parametrize(
    "rule",
    [
        rule_of(service="orders"),
        rule_of(type="java.net.SocketTimeoutException"),
        rule_of(type="SocketTimeoutException"),
        rule_of(type="java.**.*Exception"),
        rule_of(code="ORD-*"),
        rule_of(message="*timed out"),
        rule_of(logger="com.acme.**"),
        rule_of(fingerprint="ab12"),
        rule_of(service=("billing", "orders"), code="ORD-*", type="*Timeout*"),
    ],
)
def test_a_rule_holds_when_all_its_conditions_do(rule: MatchRule) -> None:
    reasons = rule.find_reasons(FACTS)

    assert reasons is not None
    assert [reason.aspect for reason in reasons] == [one.aspect for one in rule.conditions]
    assert all(reason.value in FACTS[reason.aspect] for reason in reasons)


@pytest.mark.parametrize(
    "rule",
    [
        rule_of(service="billing"),
        rule_of(service="orders", type="NullPointerException"),
        rule_of(type="java.*Exception"),
        rule_of(logger="com.*"),
        rule_of(fingerprint="ab1"),
        rule_of(message="timed out"),
    ],
)
def test_a_rule_fails_with_one_of_its_conditions(rule: MatchRule) -> None:
    assert rule.find_reasons(FACTS) is None


def test_the_heaviest_of_a_runbooks_rules_tells_why() -> None:
    rules = (rule_of(service="orders"), rule_of(service="orders", code="ORD-1042"), rule_of(service="o*", code="ORD-*"))

    found = find_match(rules, FACTS)

    assert found is not None
    assert found.position == 1


def test_a_fingerprint_outweighs_every_other_rule() -> None:
    wordy = rule_of(
        service="orders", type="com.acme.SaveError", code="ORD-1042", message="Order <num> could not be saved"
    )

    assert rule_of(fingerprint="ab12").weight > wordy.weight


@given(
    st.dictionaries(st.sampled_from(list(Aspect)), st.lists(st.text(min_size=1), min_size=1, max_size=3), min_size=1)
)
def test_a_rule_that_is_kept_comes_back_as_it_was(conditions: dict[Aspect, list[str]]) -> None:
    rule = MatchRule(tuple(Condition(aspect, tuple(patterns)) for aspect, patterns in conditions.items()))

    assert [rule_from_json(kept) for kept in rules_to_json([rule])] == [rule]


@given(st.dictionaries(st.sampled_from(list(Aspect)), st.sampled_from(["orders", "ORD-*", "*timed*", "nothing"])))
def test_another_condition_never_makes_a_rule_hold_for_more(conditions: dict[Aspect, str]) -> None:
    every = [Condition(aspect, (pattern,)) for aspect, pattern in conditions.items()]
    for end in range(1, len(every)):
        narrower, wider = MatchRule(tuple(every[: end + 1])), MatchRule(tuple(every[:end]))

        assert narrower.find_reasons(FACTS) is None or wider.find_reasons(FACTS) is not None


def _event(**fields: object) -> Event:
    return Event(event_id="0" * 32, origin=Origin(), occurred_at=NOON, received_at=NOON, **fields)  # type: ignore[arg-type]


def test_facts_name_every_type_and_every_code_of_an_event() -> None:
    chain = (
        ExceptionInfo(type="com.acme.SaveError", message="order 7 lost"),
        ExceptionInfo(type="java.net.SocketTimeoutException", message="ORA-00060: deadlock", parent=0),
    )
    event = _event(
        service="orders", logger="w", message="save of 12 failed", exceptions=chain, tags=(("error.code", "E7"),)
    )

    facts = facts_of(event, template=title_of(event).template, fingerprint_hash="ab")

    assert facts[Aspect.TYPE] == ("com.acme.SaveError", "java.net.SocketTimeoutException")
    assert facts[Aspect.CODE][0] == "E7"
    assert "ORA-00060" in facts[Aspect.CODE]
    assert facts[Aspect.FINGERPRINT] == ("ab",)
    assert len(facts[Aspect.MESSAGE]) == 3


def test_facts_are_bounded_whatever_an_event_holds() -> None:
    chain = tuple(ExceptionInfo(type=f"T{number}" + "x" * 1_000) for number in range(100))

    facts = facts_of(_event(exceptions=chain), template="", fingerprint_hash="")

    assert len(facts[Aspect.TYPE]) == MAX_VALUES
    assert max(map(len, facts[Aspect.TYPE])) == MAX_VALUE_CHARS
