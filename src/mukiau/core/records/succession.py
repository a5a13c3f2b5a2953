"""Which of several open entries a line continues, where threads of one container write at the same time.

No line says whose it is, so this is a weighing of what the lines themselves give away: numbered frames count on, a
Python frame wants its source line, and where another open entry has already printed the same trace, its lines teach
which line follows which. With nothing to tell them apart the entry written last goes on: writers print in bursts.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from mukiau.core.records.open_entry import OpenEntry

_NUMBERED = re.compile(r"\s{0,12}(?:#(\d{1,5})[ :]|(\d{1,5}): )")
_TOKEN = re.compile(r"[\w-]{6,80}")
_MAX_TAUGHT_LINES = 400


def choose(line: str, candidates: Sequence[OpenEntry]) -> OpenEntry:
    """Return the entry the line most likely continues; candidates are not empty."""
    if len(candidates) == 1:
        return candidates[0]
    taught = _followers(candidates)
    return max(candidates, key=lambda entry: (_fit(line, entry, taught), entry.touched))


def _fit(line: str, entry: OpenEntry, taught: dict[str, set[str]]) -> int:
    last = entry.last_line
    fit = _count_on(last, line)
    if last.lstrip().startswith('File "') and line.startswith("    "):
        fit += 3
    followers = taught.get(last)
    if followers is not None:
        fit += 2 if line in followers else -2
    return fit


def _count_on(last: str, line: str) -> int:
    number = _NUMBERED.match(line)
    if number is None:
        return 0
    before = _NUMBERED.match(last)
    value = int(number[1] or number[2])
    if before is None:
        return 1 if value == 0 else 0
    return 3 if value == int(before[1] or before[2]) + 1 else -3


def _followers(candidates: Sequence[OpenEntry]) -> dict[str, set[str]]:
    """Line → lines that came after it in any of the entries."""
    followers: dict[str, set[str]] = {}
    for entry in candidates:
        lines = entry.lines[-_MAX_TAUGHT_LINES:]
        for before, after in pairwise(lines):
            followers.setdefault(before, set()).add(after)
    return followers


def share_words(line: str, header: str) -> int:
    """Count the id-like words (six characters or more, a digit in them) both lines hold."""
    words = {word for word in _TOKEN.findall(line[:2_000]) if any(char.isdigit() for char in word)}
    return len(words & set(_TOKEN.findall(header[:2_000]))) if words else 0
