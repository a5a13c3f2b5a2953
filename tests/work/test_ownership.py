"""Whose an issue is: the first rule that fits, all three of its globs together."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mukiau.core.grouping.globs import Glob
from mukiau.work.ownership import OwnershipRule, owners_of

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


def _owner(rules: Sequence[OwnershipRule], *place: str) -> OwnershipRule | None:
    """Ask all three globs of one rule after the other."""
    service, environment, path = place
    fitting = (
        rule
        for rule in rules
        if _fits(rule.service, service)
        and _fits(rule.environment, environment)
        and _fits(rule.path, path, path.partition(" ")[0])
    )
    return next(fitting, None)


@given(rules=st.lists(RULES, max_size=6), places=st.lists(st.tuples(NAMES, NAMES, NAMES), max_size=8))
def test_the_first_rule_all_of_whose_globs_fit_owns_a_place(
    rules: list[OwnershipRule], places: list[tuple[str, str, str]]
) -> None:
    assert owners_of(rules, places) == tuple(_owner(rules, *place) for place in places)


@given(rules=st.lists(RULES, min_size=1, max_size=6), more=RULES, place=st.tuples(NAMES, NAMES, NAMES))
def test_a_rule_behind_the_others_changes_nothing_that_had_an_owner(
    rules: list[OwnershipRule], more: OwnershipRule, place: tuple[str, str, str]
) -> None:
    (before,) = owners_of(rules, [place])

    (after,) = owners_of([*rules, more], [place])

    assert before is None or after is before


@given(place=st.tuples(NAMES, NAMES, NAMES))
def test_an_empty_rule_owns_everything_and_no_rules_nothing(place: tuple[str, str, str]) -> None:
    everything = OwnershipRule(team_id=1)

    assert owners_of([everything], [place]) == (everything,)
    assert owners_of([], [place]) == (None,)


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

    assert rule.fits_path(place)
    assert not rule.fits_path("elsewhere.module run")
