"""Finding runbooks among many: the same as comparing an error with every rule."""

from hypothesis import given
from hypothesis import strategies as st

from mukiau.work.runbooks.rule_index import RuleIndex
from mukiau.work.runbooks.rules import Aspect, MatchRule, find_match, rule_of

_services = st.sampled_from(["orders", "points", "ord*", "*", "?oints"])
_patterns = st.fixed_dictionaries(
    {},
    optional={
        "service": st.one_of(_services, st.lists(_services, min_size=1, max_size=2).map(tuple)),
        "type": st.sampled_from(["TimeoutError", "*Error"]),
    },
).filter(bool)
_rules = st.dictionaries(
    st.integers(1, 9), st.lists(_patterns.map(lambda given_: rule_of(**given_)), min_size=1, max_size=3).map(tuple)
)
_facts = st.fixed_dictionaries(
    {
        Aspect.SERVICE: st.sampled_from([(), ("orders",), ("points",), ("ord*",), ("orders", "points")]),
        Aspect.TYPE: st.sampled_from([(), ("TimeoutError",), ("KeyError", "TimeoutError")]),
    }
)


@given(_rules, _facts)
def test_the_index_leaves_nothing_out(
    rules: dict[int, tuple[MatchRule, ...]], facts: dict[Aspect, tuple[str, ...]]
) -> None:
    one_by_one = {
        runbook: match for runbook, of_runbook in rules.items() if (match := find_match(of_runbook, facts)) is not None
    }

    assert dict(RuleIndex(rules).find(facts)) == one_by_one
