"""No pattern that reads outside text can take time beyond measure: no unbounded repetition of what repeats itself.

`(a+)*` and its like try every way to split a text. A repetition within a repetition is let through only when each round
must begin or end with something the inner one cannot take, so that there is one way only.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

import mukiau.core
from mukiau.core.scrub import Scrubber, ScrubPolicy

MANY = 64
"""Rounds from which on a repetition counts as unbounded."""
REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT)
SAMPLE = [chr(code) for code in range(128)] + ["é", "あ", "\u2028"]


def _patterns() -> dict[str, re.Pattern[str]]:
    """Return every compiled pattern of the core by its place; equal ones once."""
    found: dict[str, re.Pattern[str]] = {}
    for module in pkgutil.walk_packages(mukiau.core.__path__, "mukiau.core."):
        for name, value in vars(importlib.import_module(module.name)).items():
            _collect(value, f"{module.name}.{name}", found)
    _collect(vars(Scrubber(ScrubPolicy(japan=True, email=True))), "scrubber", found)
    return {place: pattern for place, pattern in found.items() if isinstance(pattern.pattern, str)}


def _collect(value: Any, place: str, found: dict[str, re.Pattern[str]]) -> None:
    if isinstance(value, re.Pattern):
        found.setdefault(place, value)
    elif isinstance(value, (tuple, list)):
        for index, entry in enumerate(value):
            _collect(entry, f"{place}[{index}]", found)
    elif isinstance(value, dict) and len(value) < 1_000:
        for key, entry in value.items():
            _collect(entry, f"{place}[{key}]", found)
    elif hasattr(type(value), "__dataclass_fields__") and not isinstance(value, type):
        for key in type(value).__dataclass_fields__:
            _collect(getattr(value, key, None), f"{place}.{key}", found)


def _inner(kind: Any, argument: Any) -> list[Any]:
    """Return the parts of one element of a parsed pattern."""
    if kind in (*REPEATS, op.POSSESSIVE_REPEAT):
        return [argument[2]]
    if kind is op.SUBPATTERN:
        return [argument[3]]
    if kind is op.BRANCH:
        return list(argument[1])
    return [argument] if kind is op.ATOMIC_GROUP else []


def _takes(kind: Any, argument: Any) -> set[str]:
    """Return the characters of the sample that an element of one character takes."""
    if kind is op.LITERAL:
        return {chr(argument)}
    if kind is op.NOT_LITERAL:
        return set(SAMPLE) - {chr(argument)}
    if kind is op.ANY:
        return set(SAMPLE) - {"\n"}
    if kind is op.IN:
        tree = parser.SubPattern(parser.State())
        tree.data = [(kind, argument)]
        compiled = importlib.import_module("re._compiler").compile(_as_text(argument))
        return {char for char in SAMPLE if compiled.fullmatch(char)}
    return set()


_CLASSES = {op.CATEGORY_DIGIT: r"\d", op.CATEGORY_NOT_DIGIT: r"\D", op.CATEGORY_SPACE: r"\s",
            op.CATEGORY_NOT_SPACE: r"\S", op.CATEGORY_WORD: r"\w", op.CATEGORY_NOT_WORD: r"\W"}  # fmt: skip


def _as_text(items: Any) -> str:
    parts = []
    for kind, argument in items:
        if kind is op.NEGATE:
            parts.append("^")
        elif kind is op.LITERAL:
            parts.append(re.escape(chr(argument)))
        elif kind is op.RANGE:
            parts.append(f"{re.escape(chr(argument[0]))}-{re.escape(chr(argument[1]))}")
        else:
            parts.append(_CLASSES[argument])
    return f"[{''.join(parts)}]"


def _all_taken(tree: Any) -> set[str]:
    taken: set[str] = set()
    for kind, argument in tree:
        taken |= _takes(kind, argument)
        for part in _inner(kind, argument):
            taken |= _all_taken(part)
    return taken


def _unbounded(tree: Any) -> Iterator[Any]:
    """Yield the bodies of the unbounded repetitions in a pattern, those within others too."""
    for kind, argument in tree:
        if kind in REPEATS and argument[1] >= MANY:
            yield argument[2]
        for part in _inner(kind, argument):
            yield from _unbounded(part)


def _ambiguous(tree: Any) -> bool:
    """Say whether some text can be split into rounds in several ways."""
    for body in _unbounded(tree):
        inner = set[str]().union(*(_all_taken(part) for part in _unbounded(body)))
        if inner and not _has_separator(body, inner):
            return True
    return False


def _has_separator(body: Any, inner: set[str]) -> bool:
    """Say whether each round must hold a character that the repetitions within it cannot take."""
    for kind, argument in body:
        if kind is op.BRANCH and all(
            not any(True for _ in _unbounded(part)) or _has_separator(part, inner) for part in argument[1]
        ):
            return True
        if kind is op.SUBPATTERN and _has_separator(argument[3], inner):
            return True
        if (taken := _takes(kind, argument)) and not taken & inner:
            return True
        if kind in REPEATS and argument[0] > 0 and (taken := _all_taken(argument[2])) and not taken & inner:
            return True
    return False


PATTERNS = _patterns()


@pytest.mark.parametrize("place", PATTERNS)
def test_no_pattern_can_split_a_text_in_many_ways(place: str) -> None:
    assert not _ambiguous(parser.parse(PATTERNS[place].pattern, PATTERNS[place].flags)), PATTERNS[place].pattern


@pytest.mark.parametrize("pattern", ["(a+)*b", r"(\w+\s?)+$", "(a|b+)*c", "(.*,)*x", '([^"]*a*)*'])
def test_the_check_finds_what_it_is_for(pattern: str) -> None:
    assert _ambiguous(parser.parse(pattern))


@pytest.mark.parametrize("pattern", [r"(?:,\d+)*", r"(?:\.\w+)+", "a*b*", r'(?:"[^"]*",)*'])
def test_the_check_lets_through_what_is_bounded(pattern: str) -> None:
    assert not _ambiguous(parser.parse(pattern))
