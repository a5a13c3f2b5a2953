"""What a policy changes: which parts count, for whom, by which rule; the service and the defaults stay what they are."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_fingerprint import CRASH, EVENT, LIBRARY, MESSAGE, ROOT, TOP, frames, links

from mukiau.core.event import Event, Level, Relation
from mukiau.core.grouping.explanation import Part, hash_of, leaves_of
from mukiau.core.grouping.fingerprint import fingerprint_of
from mukiau.core.grouping.policy import Policy
from mukiau.core.grouping.policy_text import parse_policy
from mukiau.core.grouping.title import title_of

WRAPPED = replace(EVENT, tags=(("carrier", "yama"), ("host", "a")))
OTHER_WORDS = replace(WRAPPED, exceptions=(replace(TOP, message="order refused by bank"), ROOT))


def policy(text: str, *, version: int = 7) -> Policy:
    parsed = parse_policy(f"defaults = 1\n{text}", version=version)
    assert parsed.mistakes == ()
    assert parsed.policy is not None
    return parsed.policy


def group(event: Event, text: str) -> str:
    return fingerprint_of(event, policy(text)).hash


def rule(when: str, changes: str) -> str:
    return f'[[rules]]\nname = "payments codes"\nwhen = {{ {when} }}\n{changes}\n'


def find(tree: Part, name: str) -> list[Part]:
    here = [tree] if tree.name == name else []
    return here + [part for child in tree.parts for part in find(child, name)]


def with_crash(*functions: str) -> Event:
    path = tuple(replace(CRASH, function=name, module="app") for name in functions)
    return replace(EVENT, exceptions=(replace(ROOT, parent=None, relation=Relation.TOP, frames=path),))


@given(st.lists(links, max_size=4), st.text(max_size=40))
def test_a_policy_that_says_nothing_groups_as_the_defaults(chain: list, text: str) -> None:
    event = replace(EVENT, exceptions=tuple(chain), message=text)

    assert fingerprint_of(event, policy("")) == replace(fingerprint_of(event), policy_version=7)


@pytest.mark.parametrize(
    ("text", "one", "other"),
    [
        ("[count]\nservice = false", EVENT, replace(EVENT, service="cart")),
        ('[count]\nlinks = "root"', EVENT, replace(EVENT, exceptions=(replace(TOP, type="b.Other"), ROOT))),
        ('[count]\nlinks = "outermost"', EVENT, replace(EVENT, exceptions=(TOP, replace(ROOT, type="b.Other")))),
        ("[count]\nframes = 0", EVENT, replace(EVENT, exceptions=(TOP, replace(ROOT, frames=(LIBRARY, replace(CRASH, module="b")))))),
        ("[count]\nway_in = false", with_crash("serve", "pay", "go"), with_crash("batch", "pay", "go")),
        ('[count]\nmessages = "none"', EVENT, replace(EVENT, exceptions=(TOP, replace(ROOT, message="y is null")))),
        ("[count]\nlogger = false", MESSAGE, replace(MESSAGE, logger="other")),
        ("[count]\nclient_fingerprint = false", EVENT, replace(EVENT, client_fingerprint=("a",))),
        ('[count]\nsee_through = ["com.**.OrderException"]', EVENT, replace(EVENT, exceptions=(replace(TOP, message="code=E77"), ROOT))),
        ('[templates]\nvariables = ["to {word}"]', MESSAGE, replace(MESSAGE, message="mail to tanaka@b.example not sent, result=21")),
        ('[in_app]\nexclude = ["com.shop.Cart"]', EVENT, replace(EVENT, exceptions=(TOP, replace(ROOT, frames=(CRASH, LIBRARY))))),
    ],
)  # fmt: skip
def test_what_a_policy_switches_off_makes_no_other_issue(text: str, one: Event, other: Event) -> None:
    if text.startswith("[templates]"):
        one = replace(one, message="mail to suzuki not sent, result=21")
        other = replace(other, message="mail to tanaka not sent, result=21")

    assert group(one, text) == group(other, text)
    assert "exclude" in text or group(one, "") != group(other, "")


@pytest.mark.parametrize(
    ("text", "one", "other"),
    [
        ('[count]\nmessages = "all"', WRAPPED, OTHER_WORDS),
        ("[count]\nframes = 2", with_crash("serve", "pay", "a", "go"), with_crash("serve", "pay", "b", "go")),
        ('also = "tag:carrier"', WRAPPED, replace(WRAPPED, tags=(("carrier", "sagawa"),))),
        ('also = ["level"]', WRAPPED, replace(WRAPPED, level=Level.FATAL)),
        ('also = "value:reason"', replace(MESSAGE, message="not sent reason2=a reason=late"), replace(MESSAGE, message="not sent reason2=a reason=lost")),
        ('also = "frames:3"', with_crash("serve", "pay", "a", "go"), with_crash("serve", "pay", "b", "go")),
        ('[templates]\nkeep = ["phase-{digits}"]', replace(MESSAGE, message="phase-1 failed"), replace(MESSAGE, message="phase-2 failed")),
        ('[in_app]\ninclude = ["org.apache.**"]', EVENT, replace(EVENT, exceptions=(TOP, replace(ROOT, frames=(CRASH, replace(LIBRARY, module="org.apache.B")))))),
    ],
)  # fmt: skip
def test_what_a_policy_adds_makes_another_issue(text: str, one: Event, other: Event) -> None:
    assert group(one, text) != group(other, text)
    if "reason" not in text:
        assert group(one, "") == group(other, "")


def test_the_order_of_the_chain_counts_only_where_the_policy_says_so() -> None:
    turned = replace(
        EVENT,
        exceptions=(
            replace(ROOT, relation=Relation.TOP, parent=None, message="code=E1"),
            replace(TOP, relation=Relation.CAUSE, parent=0, message="code=E1"),
        ),
    )
    straight = replace(EVENT, exceptions=(replace(TOP, message="code=E1"), replace(ROOT, message="code=E1")))
    nothing_else = '[count]\nmessages = "all"\norder = {}'

    assert group(straight, nothing_else.format("false")) == group(turned, nothing_else.format("false"))
    assert group(straight, nothing_else.format("true")) != group(turned, nothing_else.format("true"))


@pytest.mark.parametrize(
    "when",
    [
        'service = "ord*"', 'type = "OrderException"', 'type = ["x", "com.**"]', 'root_type = "Null"', 'level = "error"',
        'tag.carrier = "ya*"', 'message = "* is null"', 'platform = "other"', f'hash = "{fingerprint_of(WRAPPED).hash}"',
        'service = "order", tag = { carrier = ["b", "yama"] }',
    ],
)  # fmt: skip
def test_a_rule_acts_where_all_its_conditions_fit(when: str) -> None:
    text = rule(when, 'also = "tag:carrier"')

    explained = fingerprint_of(WRAPPED, policy(text)).explanation

    assert explained.reason == "rule:payments codes"
    assert find(explained, "tag") == [Part(name="tag", value="carrier=yama", reason="rule:payments codes")]


@pytest.mark.parametrize(
    "when",
    ['service = "cart"', 'type = "order*"', 'root_type = "com.**"', 'level = ["fatal"]', 'tag.carrier = "b"', 'message = "null"',
     'tag.missing = "*"', 'platform = "java"', f'hash = "{"0" * 32}"', 'logger = "?*"', 'service = "order", level = "info"'],
)  # fmt: skip
def test_a_rule_does_not_act_elsewhere(when: str) -> None:
    assert group(WRAPPED, rule(when, 'also = "tag:carrier"')) == fingerprint_of(WRAPPED).hash


def test_the_first_rule_that_fits_is_the_only_one_that_acts() -> None:
    first, second = rule('service = "order"', 'also = "level"'), rule('service = "*"', 'also = "tag:carrier"')
    both = first + second.replace("payments codes", "second")

    assert group(WRAPPED, both) == group(WRAPPED, first)


def test_a_rules_fingerprint_beats_the_clients_and_stays_below_the_service() -> None:
    text = rule('tag.carrier = "*"', 'fingerprint = ["carrier", "{{ tag:carrier }}/{{ root_type }}"]')
    client = replace(WRAPPED, client_fingerprint=("x",), exceptions=(ROOT,))

    values = [leaf.value for leaf in leaves_of(fingerprint_of(client, policy(text)).explanation)]

    assert values == ["order", "carrier", "yama/a.Null"]


def test_default_in_a_fingerprint_stands_for_what_would_count_without_it() -> None:
    text = rule('service = "order"', 'fingerprint = ["{{ tag:carrier }}", "{{ default }}"]')
    default = [(leaf.name, leaf.value) for leaf in leaves_of(fingerprint_of(WRAPPED).explanation)]

    found = [(leaf.name, leaf.value) for leaf in leaves_of(fingerprint_of(WRAPPED, policy(text)).explanation)]

    assert found == [default[0], ("given", "yama"), *default[1:]]


def test_what_a_policy_changed_says_so_in_the_explanation() -> None:
    text = "[count]\nframes = 0\nway_in = false\n" + rule('level = "fatal"', "count.frames = 2")
    plain, fatal = with_crash("serve", "pay", "go"), replace(with_crash("serve", "pay", "go"), level=Level.FATAL)

    switched_off = find(fingerprint_of(plain, policy(text)).explanation, "function")
    by_rule = find(fingerprint_of(fatal, policy(text)).explanation, "function")

    assert [(part.contributes, part.reason) for part in switched_off] == [(False, "policy")]
    assert [part.reason for part in by_rule] == ["", "rule:payments codes"]
    assert find(fingerprint_of(fatal, policy(text)).explanation, "way_in")[0].contributes is False


def test_a_rules_title_wins_where_it_has_words() -> None:
    text = rule('service = "order"', 'title = "{{ tag:carrier }}: {{ root_message }}"')
    nothing = rule('service = "order"', 'title = "{{ tag:missing }}"')

    assert title_of(WRAPPED, policy(text)).title == "yama: x is null"
    assert title_of(WRAPPED, policy(nothing)).title == title_of(WRAPPED).title


def test_frames_of_another_runtime_are_left_as_they_are() -> None:
    text = '[in_app.python]\nexclude = ["**"]\n[in_app.java]\ninclude = ["org.**"]'
    java = replace(EVENT, platform="java")

    assert group(EVENT, text) == fingerprint_of(EVENT).hash
    assert find(fingerprint_of(java, policy(text)).explanation, "function")[0].value == "com.shop.Orders confirm"
    assert group(replace(EVENT, platform="python"), text) != fingerprint_of(EVENT).hash


whole_policies = st.builds(
    "[count]\nlinks = {}\nmessages = {}\nframes = {}\norder = {}\nway_in = {}\ncodes = {}\nlogger = {}\n".format,
    st.sampled_from(['"all"', '"root"', '"outermost"']),
    st.sampled_from(['"root"', '"all"', '"none"']),
    st.integers(min_value=0, max_value=4),
    *[st.sampled_from(["true", "false"])] * 4,
)


@given(st.lists(links, max_size=4), st.text(max_size=30), whole_policies, frames)
def test_under_any_policy_services_stay_apart_and_the_hash_is_what_is_shown(
    chain: list, message: str, text: str, frame: object
) -> None:
    event = replace(EVENT, exceptions=tuple(chain), message=message)

    found = fingerprint_of(event, policy(text))

    assert found.hash == hash_of(found.explanation)
    assert found.policy_version == 7
    assert fingerprint_of(replace(event, service="other"), policy(text)).hash != found.hash
