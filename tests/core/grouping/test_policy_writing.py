"""Rules that become text: what is written is sound, stands first, and does what was meant."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_fingerprint import EVENT, MESSAGE, ROOT, TOP

from mukiau.core.event import Event
from mukiau.core.grouping.default_text import DEFAULT_TEXT
from mukiau.core.grouping.distinguish import find_distinctions
from mukiau.core.grouping.fingerprint import fingerprint_of
from mukiau.core.grouping.policy import Policy
from mukiau.core.grouping.policy_text import parse_policy
from mukiau.core.grouping.policy_writing import render_rule, rules_of_suggestion, with_rule
from mukiau.core.grouping.suggestion import suggest_rule


def policy(text: str) -> Policy:
    parsed = parse_policy(text)
    assert parsed.mistakes == ()
    assert parsed.policy is not None
    return parsed.policy


def message(text: str) -> Event:
    return replace(MESSAGE, message=text)


def test_a_new_rule_stands_before_all_others_with_their_comments() -> None:
    old = 'defaults = 1\n\n# why it is there\n[[rules]]\nname = "old"\nwhen.service = "a"\n'
    rule = render_rule("new", when={"service": "b"}, changes={"also": ["tag:x"]})

    text = with_rule(old, rule)

    assert [one.name for one in policy(text).rules] == ["new", "old"]
    assert text.endswith('also = ["tag:x"]\n\n# why it is there\n[[rules]]\nname = "old"\nwhen.service = "a"\n')
    assert [one.name for one in policy(with_rule(DEFAULT_TEXT, rule)).rules] == ["new"]


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp", "Cs"]), min_size=1, max_size=40))
def test_whatever_a_text_holds_it_is_read_as_it_was_written(text: str) -> None:
    title = f"a{text}".replace("{", "(").replace("}", ")").strip()
    rule = render_rule("name", when={"service": "b"}, changes={"title": title})

    parsed = parse_policy(with_rule("defaults = 1\n", rule))

    if parsed.policy is None:  # an invisible character
        assert [mistake.kind for mistake in parsed.mistakes] == ["wrong_type"]
        return
    shown = parsed.policy.rules[0].title
    assert shown is not None
    assert shown.pieces == (title,)


@pytest.mark.parametrize(
    "joined",
    [
        [message("Sato was not found"), message("Mori was not found")],
        [message("mail not sent"), replace(message("mail not sent"), logger="shop.Other")],
        [replace(EVENT, exceptions=(replace(TOP, message=f"order code={code}"), ROOT)) for code in ("E4031", "E5002")],
        [EVENT, replace(EVENT, exceptions=(TOP, replace(TOP, type="a.Retry", parent=0), replace(ROOT, parent=1)))],
        [EVENT, replace(EVENT, exceptions=(TOP, replace(ROOT, message="something else entirely")))],
        [replace(message("Sato was not found"), logger="a"), replace(message("Mori was not found"), logger="b")],
    ],
)
def test_the_rule_that_a_merge_teaches_joins_what_was_merged(joined: list[Event]) -> None:
    suggestion = suggest_rule([[fingerprint_of(event).explanation for event in joined]])

    assert suggestion is not None
    text = "defaults = 1\n"
    for rule in rules_of_suggestion(suggestion, name="merged"):
        text = with_rule(text, rule)
    assert len({fingerprint_of(event).hash for event in joined}) == 2
    assert len({fingerprint_of(event, policy(text)).hash for event in joined}) == 1


def test_a_rule_for_the_fingerprint_of_an_issue_splits_it_by_what_tells_its_events_apart() -> None:
    events = [replace(MESSAGE, tags=(("carrier", name),)) for name in ("yama", "saga", "yama")]
    found = find_distinctions(events)[0]

    rule = render_rule("by hand", when={"hash": fingerprint_of(events[0]).hash}, changes={"also": [str(found.source)]})

    in_force = policy(with_rule("defaults = 1\n", rule))
    assert [fingerprint_of(event, in_force).hash for event in events[::2]] == [
        fingerprint_of(events[0], in_force).hash
    ] * 2
    assert fingerprint_of(events[1], in_force).hash != fingerprint_of(events[0], in_force).hash
