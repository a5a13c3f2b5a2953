"""A message as grouping reads it: its first line, its words without stack lines, the values it names."""

import re
from functools import lru_cache

from mukiau.core.templates import MAX_TEMPLATE_CHARS

_STACK_LINE = re.compile(
    r"\s{0,40}(?:at |from |in |#\d{1,4} |\d{1,4}: 0x|File \"|\[stacktrace\]|stack backtrace:|\"?\}?$"
    r"|[\w./\\-]{1,200}:\d{1,7}:in )"
)
_PAIR = re.compile(
    r"([^\s=:,;(){}\[\]\"'<>|&?]{1,40})=(?:\"([^\"\n]{0,200})\"|'([^'\n]{0,200})'|([^\s,;(){}\[\]|&「」\"'、。]{1,200}))"
    r"|\\?\"([^\"\\\n]{1,40})\\?\"\s{0,4}:\s{0,4}(?:\\?\"([^\"\\\n]{0,200})\\?\"|([A-Za-z0-9_.+-]{1,200}))"
)


def first_line(text: str) -> str:
    """Return the first line that is not blank, "" when there is none."""
    return next((line for line in text.splitlines() if line and not line.isspace()), "")


def without_frames(message: str) -> str:
    """Return the message without its stack lines; the first line always stays."""
    first, *rest = message[: 4 * MAX_TEMPLATE_CHARS].splitlines() or [""]
    return "\n".join([first, *(line for line in rest if not _STACK_LINE.match(line))])


@lru_cache(maxsize=1024)
def values_in(message: str) -> dict[str, str]:
    """Return the values that a message names, by their keys; of a key that comes again the first.

    >>> values_in('refused user="a b" code=7 {"reason": "late"}')
    {'user': 'a b', 'code': '7', 'reason': 'late'}
    """
    found: dict[str, str] = {}
    for match in _PAIR.finditer(message[:MAX_TEMPLATE_CHARS]):
        key, *values = (group for group in match.groups() if group is not None)
        found.setdefault(key, "".join(values))
    return found
