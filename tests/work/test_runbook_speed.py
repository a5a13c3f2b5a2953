"""Hostile texts are read in linear time: twice as long, not four times; here only that 200 kB take no minute."""

import time
from collections.abc import Callable

import pytest

from mukiau.work.finding.runbook_words import indexed_text
from mukiau.work.runbooks.front_matter import FrontMatter, RunbookText, first_heading, parse_runbook
from mukiau.work.runbooks.sections import section_of, take_privilege
from mukiau.work.runbooks.variables import lift, pattern_problems

MAX_SECONDS = 2.0
"""Each takes some hundredths of a second; what was quadratic took minutes."""
HOSTILE_CHARS = 200_000
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
