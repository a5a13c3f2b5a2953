"""Whose an issue is: the first rule that fits, all three of its globs together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mukiau.core.grouping.globs import Glob
from mukiau.work.ownership import OwnershipRule, find_owner, owners_of

PATTERNS = st.sampled_from(["", "*", "**", "a", "a.*", "a.**", "b*", "?", "a.b", "a.b c"])
NAMES = st.sampled_from(["", "a", "b", "a.b", "a.b.c", "bb", "a.b c", "ab"])
RULES = st.builds(
    OwnershipRule,
    team_id=st.integers(1, 3),
    service=PATTERNS,
    environment=PATTERNS,
    path=PATTERNS,
    id=st.integers(0, 9),
)


def _fits(pattern: str, *texts: str) -> bool:
    return not pattern or any(Glob(pattern).fits(text) for text in texts)


@given(rules=st.lists(RULES, max_size=6), service=NAMES, environment=NAMES, path=NAMES)
def test_the_first_rule_all_of_whose_globs_fit_owns_it(
    rules: list[OwnershipRule], service: str, environment: str, path: str
) -> None:
    owner = find_owner(rules, service=service, environment=environment, path=path)

    fitting = [
        rule
        for rule in rules
        if _fits(rule.service, service)
        and _fits(rule.environment, environment)
        and _fits(rule.path, path, path.partition(" ")[0])
    ]
    assert owner is (fitting[0] if fitting else None)


@given(rules=st.lists(RULES, min_size=1, max_size=6), more=RULES, service=NAMES, environment=NAMES, path=NAMES)
def test_a_rule_behind_the_others_changes_nothing_that_had_an_owner(
    rules: list[OwnershipRule], more: OwnershipRule, service: str, environment: str, path: str
) -> None:
    before = find_owner(rules, service=service, environment=environment, path=path)

    after = find_owner([*rules, more], service=service, environment=environment, path=path)

    assert before is None or after is before


@given(rules=st.lists(RULES, max_size=6), places=st.lists(st.tuples(NAMES, NAMES, NAMES), max_size=8))
def test_many_places_are_answered_as_each_would_be(
    rules: list[OwnershipRule], places: list[tuple[str, str, str]]
) -> None:
    each = [find_owner(rules, service=place[0], environment=place[1], path=place[2]) for place in places]

    assert owners_of(rules, places) == tuple(each)


@given(service=NAMES, environment=NAMES, path=NAMES)
def test_an_empty_rule_owns_everything_and_no_rules_nothing(service: str, environment: str, path: str) -> None:
    everything = OwnershipRule(team_id=1)

    assert find_owner([everything], service=service, environment=environment, path=path) is everything
    assert find_owner([], service=service, environment=environment, path=path) is None


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("src/shop/*.py", "src/shop/orders.py confirm"),
        ("shop.**", "shop.orders.cart confirm"),
        ("shop.orders confirm", "shop.orders confirm"),
        ("github.com/acme/**", "github.com/acme/pay/retry.(*Client).Do"),
        ("**決済**", "src/決済/注文.py 確定"),
    ],
)
def test_a_path_is_the_file_or_module_or_that_with_the_function(path: str, place: str) -> None:
    rule = OwnershipRule(team_id=1, path=path)

    assert rule.fits(service="", environment="", path=place)
    assert not rule.fits(service="", environment="", path="elsewhere.module run")
