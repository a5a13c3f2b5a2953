"""A few merges teach one rule, the smallest that would have made them."""

import pytest

from mukiau.core.grouping.explanation import Part, hash_of
from mukiau.core.grouping.suggestion import RuleKind, joined_by, rewritten, suggest_rule
from mukiau.core.grouping.wording import matches, pattern_of


def log_call(template: str, *, logger: str = "shop.orders", service: str = "shop") -> Part:
    parts = (Part(name="logger", value=logger), Part(name="template", value=template))
    return Part(name="event", parts=(Part(name="service", value=service), Part(name="log_call", parts=parts)))


def link(name: str, *leaves: tuple[str, str]) -> Part:
    parts = (Part(name="type", value=name), *(Part(name=kind, value=value) for kind, value in leaves))
    return Part(name="exception", parts=parts)


def crash(*links: Part, way_in: str = "", service: str = "shop") -> Part:
    more = (Part(name="way_in", value=way_in),) if way_in else ()
    return Part(
        name="event",
        parts=(Part(name="service", value=service), Part(name="exceptions", parts=(*links, *more))),
    )


NAMES = [log_call(f"{name} was not found") for name in ("Tanaka", "Suzuki", "Mori")]


def test_a_name_in_running_text_becomes_a_variable_of_that_template_and_logger() -> None:
    suggestion = suggest_rule([NAMES])

    assert suggestion is not None
    (rule,) = suggestion.rules
    assert (rule.kind, rule.pattern) == (RuleKind.VARIABLE_WORDS, "{word} was not found")
    assert (rule.service, rule.logger) == ("shop", "shop.orders")
    assert not rule.touches_codes
    assert len({hash_of(rewritten(tree, suggestion.rules)) for tree in NAMES}) == 1


def test_the_rule_generalises_and_says_what_else_it_would_join() -> None:
    suggestion = suggest_rule([NAMES[:2]])
    assert suggestion is not None
    issues = {
        1: log_call("Abe was not found"),
        2: log_call("Ueda was not found"),
        3: log_call("Abe was not found", logger="shop.stock"),
        4: log_call("Abe was found"),
        5: log_call("Abe was not found", service="stock"),
    }

    assert joined_by(suggestion.rules, issues) == ((1, 2),)


@pytest.mark.parametrize(
    ("templates", "pattern"),
    [
        (["会員田中さんの住所が不正です", "会員鈴木さんの住所が不正です"], "{word}さんの住所が不正です"),
        (["konto von Meyer gesperrt", "konto von van Dyk gesperrt"], "konto von {words} gesperrt"),
        (["send to <num> peers failed", "send to <num> peers failed (again)"], "send to <num> peers failed {words}"),
        (["パン屋アリスが休みです", "パン屋ボブが休みです"], "パン屋{word}が休みです"),
    ],
)
def test_patterns_keep_what_is_common_in_every_language(templates: list[str], pattern: str) -> None:
    found = pattern_of(templates)

    assert found is not None
    assert found[0] == pattern
    assert all(matches(pattern, template) for template in templates)


def test_templates_with_nothing_in_common_have_no_pattern() -> None:
    assert pattern_of(["disk full", "cable pulled"]) is None


def test_a_code_that_was_joined_by_hand_is_marked() -> None:
    suggestion = suggest_rule([[log_call("refused with E4031 by carrier"), log_call("refused with E5002 by carrier")]])

    assert suggestion is not None
    assert suggestion.rules[0].touches_codes


def test_a_wrapper_that_only_some_have_is_seen_through() -> None:
    root = link("IOException", ("function", "Store read"))
    wrapped = link("RetryException", ("function", "Retry call"))

    suggestion = suggest_rule([[crash(wrapped, root), crash(root)]])

    assert suggestion is not None
    assert [(rule.kind, rule.value) for rule in suggestion.rules] == [(RuleKind.SEEN_THROUGH, "RetryException")]


def test_a_renamed_function_or_way_in_no_longer_counts_for_that_root_cause() -> None:
    trees = [crash(link("IOException", ("function", name)), way_in="Api") for name in ("Store read", "Store fetch")]
    ways = [crash(link("IOException", ("function", "Store read")), way_in=way) for way in ("Api post", "Job run")]

    function, way_in = suggest_rule([trees]), suggest_rule([ways])

    assert function is not None
    assert way_in is not None
    assert [(rule.kind, rule.root_type) for rule in function.rules] == [(RuleKind.FUNCTION, "IOException")]
    assert [rule.kind for rule in way_in.rules] == [RuleKind.WAY_IN]


def test_messages_in_two_languages_from_one_place_stop_counting() -> None:
    trees = [
        crash(link("IOException", ("function", "Store read"), ("template", text)))
        for text in ("disk full", "空き容量なし")
    ]

    suggestion = suggest_rule([trees])

    assert suggestion is not None
    assert [rule.kind for rule in suggestion.rules] == [RuleKind.TEMPLATE]


def test_only_the_code_that_differs_stops_counting() -> None:
    trees = [
        crash(link("Refused", ("code", f"reason={value}"), ("code", "status=422"))) for value in ("late", "closed")
    ]

    suggestion = suggest_rule([trees])

    assert suggestion is not None
    assert [(rule.kind, rule.value) for rule in suggestion.rules] == [(RuleKind.CODE, "reason")]


def test_two_differences_need_two_rules_and_no_more() -> None:
    trees = [
        crash(link("IOException", ("function", f"Store {name}"), ("template", f"{person} left the shop")))
        for name, person in (("read", "Mori"), ("fetch", "Abe"))
    ]

    suggestion = suggest_rule([trees])

    assert suggestion is not None
    assert {rule.kind for rule in suggestion.rules} == {RuleKind.VARIABLE_WORDS, RuleKind.FUNCTION}


def test_the_rule_that_explains_most_merges_is_suggested() -> None:
    odd = [log_call("disk full"), log_call("cable pulled", logger="other")]

    suggestion = suggest_rule([NAMES[:2], [log_call("Abe was not found"), log_call("Ota was not found")], odd])

    assert suggestion is not None
    assert suggestion.rules[0].pattern == "{word} was not found"
    assert suggestion.joined >= 2


def test_merges_of_different_services_teach_nothing() -> None:
    assert suggest_rule([[log_call("disk full"), log_call("disk full", service="stock")]]) is None


def test_the_order_of_issues_and_merges_changes_nothing() -> None:
    groups = [NAMES, [log_call("a b c"), log_call("a d c")]]
    turned = [list(reversed(group)) for group in reversed(groups)]

    assert suggest_rule(groups) == suggest_rule(turned)
