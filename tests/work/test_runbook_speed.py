"""Hostile texts are read in linear time: twice as long, not four times; here only that 200 kB take no minute."""

import time
from collections.abc import Callable

import pytest

from mukiau.work.finding.runbook_words import indexed_text
from mukiau.work.runbooks.front_matter import FrontMatter, RunbookText, first_heading, parse_runbook
from mukiau.work.runbooks.literals import Refusal
from mukiau.work.runbooks.problems import ProblemKind
from mukiau.work.runbooks.rendering import check_runbook, render_runbook
from mukiau.work.runbooks.sections import section_of, take_privilege
from mukiau.work.runbooks.variables import MAX_PATTERNS, lift, pattern_problems

MAX_SECONDS = 2.0
"""Each takes some hundredths of a second; what was quadratic took minutes."""
HOSTILE_CHARS = 200_000
MAX_PATTERN_SECONDS = 10.0
"""A hundred of the worst patterns take a second."""
_READERS: list[Callable[[str], object]] = [
    lift,
    lambda text: list(pattern_problems(text)),
    first_heading,
    parse_runbook,
    section_of,
    take_privilege,
    lambda text: indexed_text(RunbookText(front=FrontMatter(), body=text)),
]


@pytest.mark.parametrize(
    ("before", "piece"),
    [
        ("", "{{"),
        ("", "{{ "),
        ("", "{{a|match:"),
        ("", "{{a|match: "),
        ("", "{{" + "a" * 99 + " "),
        ("", "{{a}"),
        ("{{", "}"),
        ("{{ }}", "}"),
        ("{{a", " "),
        ("{{a|", " "),
        ("{{a|match:", " "),
        ("{{a|match:x", "\t"),
        ("{{a|match:", "}} "),
        ("# a", "#"),
        ("# a", " #"),
        ("#", " "),
        ("", "\n#  "),
        ("x", ":"),
        ("# x", "：　"),
        ("", "1. "),
        ("(", " "),
        ("", "( "),
        ("x", " "),
        ("", " (needs privilege"),
    ],
)
def test_hostile_text_takes_linear_time(before: str, piece: str) -> None:
    text = before + piece * (HOSTILE_CHARS // len(piece)) + "x"

    for reader in _READERS:
        started = time.monotonic()
        reader(text)
        assert time.monotonic() - started < MAX_SECONDS


def test_costly_patterns_are_read_a_hundred_times_and_no_more() -> None:
    text = "# t\n\n" + "".join(f"{{{{ a|match:(\\pL{{0,9}}){number} }}}} " for number in range(2_500))

    started = time.monotonic()
    problems, rendered = check_runbook(text), render_runbook(text, {"a": "x7"})

    assert time.monotonic() - started < MAX_PATTERN_SECONDS
    assert [one.kind for one in problems] == [ProblemKind.BAD_PATTERN] * (2_500 - MAX_PATTERNS)
    assert ">x7<" in "".join(part.html for part in rendered.sections[0].parts)
    assert [one.reason for one in rendered.problems] == [Refusal.NO_MATCH]


def test_one_pattern_may_stand_in_many_places() -> None:
    assert check_runbook("# t\n\n" + "{{ a|match:[a-z]+ }} " * 500) == ()
