"""Front matter: what is written is read again, mistakes are told with their line, and no text makes reading fail."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mukiau.work.runbooks.front_matter import (
    MAX_MINUTES,
    MAX_TEXT_CHARS,
    PROPOSALS,
    FrontMatter,
    RunbookText,
    add_rule,
    parse_runbook,
    write_runbook,
)
from mukiau.work.runbooks.problems import BARRING, ProblemKind
from mukiau.work.runbooks.rules import Aspect, Condition, MatchRule, rule_of

TEXT = """---
title: Orders cannot be saved
services: [orders, order-api]
url: https://wiki.example/orders
match:
  - service: orders
    type: [SaveError, TimeoutException]
  - code: ORD-*
proposes: handle_each
key: order_id
minutes: 15
owner: order team
review_by: 2027-03-31
---
## Steps

1. Look.
"""


def test_every_key_is_read() -> None:
    parsed = parse_runbook(TEXT)

    assert parsed.problems == ()
    assert parsed.front == FrontMatter(
        title="Orders cannot be saved",
        services=("orders", "order-api"),
        url="https://wiki.example/orders",
        rules=(rule_of(service="orders", type=("SaveError", "TimeoutException")), rule_of(code="ORD-*")),
        proposes="handle_each",
        key="order_id",
        minutes=15,
        owner="order team",
        review_by=date(2027, 3, 31),
    )
    assert parsed.body == "## Steps\n\n1. Look.\n"
    assert TEXT.split("\n")[parsed.body_line - 1] == "## Steps"


def _is_barred(parsed: RunbookText) -> bool:
    """Whether something keeps it from being published."""
    return any(one.kind in BARRING for one in parsed.problems)


def test_a_text_without_front_matter_is_called_by_its_first_heading() -> None:
    parsed = parse_runbook("Some words\n\n# 受注が保存できない #\n\ntext")

    assert parsed.front.title == "受注が保存できない"
    assert not _is_barred(parsed)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("titel: x", ProblemKind.UNKNOWN_KEY),
        ("proposes: ignore", ProblemKind.NOT_ALLOWED),
        ("minutes: soon", ProblemKind.BAD_MINUTES),
        ("minutes: 0", ProblemKind.BAD_MINUTES),
        ("minutes: ٣", ProblemKind.BAD_MINUTES),
        ("review_by: 2027-02-30", ProblemKind.BAD_DATE),
        ("url: javascript:alert(1)", ProblemKind.BAD_ADDRESS),
        ("match: [{service: ''}]", ProblemKind.EMPTY_RULE),
        ("match: [{}]", ProblemKind.EMPTY_RULE),
        ("match: [words]", ProblemKind.EMPTY_RULE),
        ("match: [{service: '*', type: '**'}]", ProblemKind.WIDE_RULE),
        ("match: [{servce: orders, type: X}]", ProblemKind.NOT_ALLOWED),
        (f"match: [{{type: {'x' * 300}}}]", ProblemKind.TOO_LONG),
        ("services: [[a]]", ProblemKind.NOT_ALLOWED),
        ("match: [", ProblemKind.NOT_YAML),
        ("a: &x [1]\nmatch: *x", ProblemKind.NOT_YAML),
        ("match: [[[[[[[[[[1]]]]]]]]]]", ProblemKind.NOT_YAML),
        ("minutes: 1441", ProblemKind.BAD_MINUTES),
        ("minutes: -1", ProblemKind.BAD_MINUTES),
        ("minutes: 0000000019999", ProblemKind.BAD_MINUTES),
        (f"minutes: 000000001{'9' * 5_000}", ProblemKind.BAD_MINUTES),
        ("review_by: 99999-01-01", ProblemKind.BAD_DATE),
        ("review_by: 0000-01-01", ProblemKind.BAD_DATE),
        ('title: "\\UFFFFFFFF"', ProblemKind.NOT_YAML),
        ('title: "\\U00110000"', ProblemKind.NOT_YAML),
        ('title: "\\ud800"', ProblemKind.NOT_ALLOWED),
        ('title: "x\\udfff"', ProblemKind.NOT_ALLOWED),
        ('url: "https://a.example/\\ud800"', ProblemKind.NOT_ALLOWED),
        ('match: [{type: "\\ud800"}]', ProblemKind.NOT_ALLOWED),
        ('"\\ud800": x', ProblemKind.UNKNOWN_KEY),
        ("title: \ud800", ProblemKind.NOT_ALLOWED),
        ("title: \x01", ProblemKind.NOT_YAML),
        (f"%YAML {'9' * 5_000}.1", ProblemKind.NOT_YAML),
    ],
)
def test_a_mistake_is_told_with_its_line(line: str, kind: ProblemKind) -> None:
    parsed = parse_runbook(f"---\ntitle: x\n{line}\n---\n")

    assert kind in {one.kind for one in parsed.problems}
    assert all(one.line in (3, 4) for one in parsed.problems if one.kind is kind)
    assert _is_barred(parsed) is (kind is not ProblemKind.UNKNOWN_KEY)


def test_a_rule_with_a_mistake_matches_nothing_instead_of_more() -> None:
    parsed = parse_runbook("---\ntitle: x\nmatch:\n  - {service: orders, typ: X}\n  - {service: billing}\n---\n")

    assert parsed.front.rules == (rule_of(service="billing"),)


def test_front_matter_without_an_end_is_a_mistake() -> None:
    assert parse_runbook("---\ntitle: x\n").problems[0].kind is ProblemKind.NOT_CLOSED


def test_a_text_that_is_too_long_is_cut_and_not_published() -> None:
    parsed = parse_runbook("---\ntitle: x\n---\n" + "y" * MAX_TEXT_CHARS)

    assert _is_barred(parsed)
    assert len(parsed.body) < MAX_TEXT_CHARS


def test_a_rule_is_added_without_touching_the_rest() -> None:
    before, after = parse_runbook(TEXT), parse_runbook(add_rule(TEXT, rule_of(logger="shop.**")))

    assert after.front.rules == (*before.front.rules, rule_of(logger="shop.**"))
    assert (after.body, after.front.title, after.front.review_by) == (
        before.body,
        before.front.title,
        date(2027, 3, 31),
    )


_WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20)
_CONDITIONS = st.dictionaries(
    st.sampled_from(list(Aspect)), st.lists(_WORDS, min_size=1, max_size=3, unique=True), min_size=1
)
_RULES = _CONDITIONS.map(lambda given: MatchRule(tuple(Condition(one, tuple(words)) for one, words in given.items())))
_FRONTS = st.builds(
    FrontMatter,
    title=_WORDS,
    services=st.lists(_WORDS, max_size=3, unique=True).map(tuple),
    url=st.just("https://wiki.example/x"),
    rules=st.lists(_RULES.filter(lambda rule: not rule.is_wide), max_size=3).map(tuple),
    proposes=st.sampled_from(("", *PROPOSALS)),
    key=st.just("") | _WORDS,
    minutes=st.none() | st.integers(1, 1440),
    owner=st.just("") | _WORDS,
    review_by=st.none() | st.dates(),
)


@given(_FRONTS, st.text(alphabet="ab#-\n "))
def test_what_is_written_is_read_again(front: FrontMatter, body: str) -> None:
    parsed = parse_runbook(write_runbook(front, body))

    assert parsed.front == front
    assert parsed.body == body
    assert parsed.problems == ()


@given(st.text(), st.text(alphabet="-:[]{}&*!|>'\"#%@`?, \n\tab"))
def test_no_text_makes_reading_fail(text: str, yaml: str) -> None:
    for one in (text, f"---\n{yaml}\n---\n{text}"):
        parsed = parse_runbook(one)

        assert all(1 <= problem.line <= one.count("\n") + 2 for problem in parsed.problems)


_ESCAPES = st.builds('"\\\\U{:08x}"'.format, st.integers(0, 0xFFFFFFFF)) | st.builds(
    '"a\\\\u{:04x}"'.format, st.integers(0, 0xFFFF)
)
_SCALARS = (
    st.integers().map(str)
    | st.integers(0, 6_000).map(lambda count: "0" * (count % 9) + "9" * count)
    | _ESCAPES
    | st.text(st.characters(exclude_characters="\r"), max_size=20)
    | st.sampled_from(
        ["!!int x", "!!binary =", "!!timestamp 1", "1e999", ".inf", "2027-W60-1", "20270331", "&a b", "? x", "|"]
    )
)
_KEYS = st.sampled_from("title services keywords url match proposes key minutes owner review_by".split()) | _ESCAPES
_LINES = st.builds("{}: {}".format, _KEYS, _SCALARS) | st.builds("%YAML {}.{}\n---".format, _SCALARS, _SCALARS)


@given(st.lists(_LINES, max_size=5).map("\n".join), st.text(st.characters(), max_size=20))
def test_no_value_of_a_key_makes_reading_fail(front: str, body: str) -> None:
    text = f"---\n{front}\n---\n{body}"

    parsed = parse_runbook(text)

    assert parsed.front.minutes is None or 0 < parsed.front.minutes <= MAX_MINUTES
    assert all(1 <= problem.line <= text.count("\n") + 1 for problem in parsed.problems)
    write_runbook(parsed.front, parsed.body).encode()
    "".join(problem.given for problem in parsed.problems).encode()


def test_a_version_of_yaml_that_is_no_number_is_a_mistake() -> None:
    parsed = parse_runbook(f"---\n%YAML {'9' * 5_000}.1\n---\n")

    assert [(one.kind, one.line) for one in parsed.problems][:1] == [(ProblemKind.NOT_YAML, 2)]


def test_half_a_character_in_the_text_is_a_mistake_at_its_line() -> None:
    parsed = parse_runbook("---\ntitle: x\n---\na\nb\ud800\n")

    assert [(one.kind, one.line, one.given) for one in parsed.problems] == [(ProblemKind.NOT_ALLOWED, 5, "\\ud800")]
    assert parsed.body == "a\nb\ufffd\n"
    assert _is_barred(parsed)
