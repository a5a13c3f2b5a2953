"""No pattern takes long on a text that is made to keep it busy: runs of one or two characters, each with something before and
behind. A repeat inside of a repeat over the same characters takes longer than the universe has."""

import pkgutil
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from itertools import product
from types import FrameType

import pytest

import mukiau.core
import mukiau.intake

MAX_SECONDS = 0.5
RUN_CHARS = 240
UNITS = (
    *"_a0A.:/-= \t\"'\\([{<>,;#@$",
    "a_", "a.", "A.", "a:", "a::", "a-", "a/", "a ", "a=", "0.", "0:", "0-", " :", " [", "ab", "a,", "A_", "[]", "()", "a(", "'a", '"a',
    "あ", "\n", "\\n", "at ", ": ", "a: ",
)  # fmt: skip
BEFORE = ("", "a", "[", "at ")
BEHIND = ("!", ":")
TEXTS = tuple(
    before + unit * (RUN_CHARS // len(unit)) + behind for before, unit, behind in product(BEFORE, UNITS, BEHIND)
)


class _TooLong(Exception):  # noqa: N818 - says what it was
    pass


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise where the block takes more of the processor's time; `re` looks for signals now and then."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def patterns_of(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
        yield value
    elif isinstance(value, tuple | list | frozenset):
        for one in value:
            yield from patterns_of(one)
    elif isinstance(value, dict):
        yield from patterns_of(tuple(value.values()))


def modules_with_patterns() -> dict[str, dict[str, re.Pattern[str]]]:
    found: dict[str, dict[str, re.Pattern[str]]] = {}
    for room in (mukiau.core, mukiau.intake):
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            for name, value in vars(import_module(module.name)).items():
                for pattern in patterns_of(value):
                    found.setdefault(module.name, {})[f"{name}: {pattern.pattern[:80]}"] = pattern
    return found


MODULES = modules_with_patterns()


def test_there_are_patterns_to_try() -> None:
    assert sum(map(len, MODULES.values())) > 100


@pytest.mark.parametrize("module", MODULES)
def test_no_pattern_takes_long(module: str) -> None:
    slow = []
    for name, pattern in MODULES[module].items():
        for text in TEXTS:
            try:
                with at_most(MAX_SECONDS):
                    pattern.match(text)
                    pattern.search(text)
            except _TooLong:
                slow.append((name, text[:12], text[-2:]))
                break

    assert slow == []
