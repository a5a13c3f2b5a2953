r"""Variables of a runbook's text: `{{ order_id }}`, or `{{ order_id|match:^ORD-\d+$ }}` for values of one shape only.

Before Markdown reads a text its variables are taken out, and a mark of two private characters around a number stands for
each: Markdown would read emphasis, table cells and escapes into patterns. Whatever else stands between double braces
(`{{.ID}}` of other tools' templates) is no variable and stays.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import re2

from mukiau.work.runbooks.problems import ProblemKind, TextProblem, problem

OPEN, CLOSE = "\ue000", "\ue001"
MARK = re.compile(f"{OPEN}([0-9]{{1,6}}){CLOSE}")
"""Stands for the variable of that number."""
MAX_PATTERN_CHARS = 200
_PRIVATE = re.compile(f"[{OPEN}{CLOSE}]")
_NAME = r"\s*([^\W\d][\w.-]{0,99})\s*"
_VARIABLE = re.compile(r"\{\{" + _NAME + r"(?:\}\}|\|\s*match:\s*([^\n]{0,400}?)(?:\s+\}\}|\}\}(?!\})))")
"""A pattern may end in a brace: blanks before the double ones tell, or that no third one follows."""
_BRACES = re.compile(r"\{\{[^\n]{0,400}?\}\}")
_MAX_MEMORY_BYTES = 1 << 20
"""Of a compiled pattern; re2 refuses what would need more."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One place of the text where a value goes."""

    name: str
    pattern: str = ""
    """What the whole value has to look like; empty: anything."""
    line: int = 1
    """Of the text the variables were taken from, from 1."""

    @property
    def written(self) -> str:
        """As it stands in the text, without its pattern."""
        return "{{ " + self.name + " }}"

    def accepts(self, value: str) -> bool:
        """Say whether a value has the shape asked for. A pattern that cannot be read accepts nothing."""
        if not self.pattern:
            return True
        compiled = _compile(self.pattern)
        # Surrogates cannot be handed to re2, and are in no pattern that a person writes.
        return compiled is not None and value.isprintable() and compiled.fullmatch(value) is not None


@dataclass(frozen=True, slots=True)
class Lifted:
    """A text with marks in the places of its variables."""

    text: str
    variables: tuple[Variable, ...]


def lift(text: str) -> Lifted:
    """Take the variables out of a text.

    >>> lift("id {{ order_id }}, {{.ID}}").variables
    (Variable(name='order_id', pattern='', line=1),)
    """
    found: list[Variable] = []
    pieces: list[str] = []
    end = line = 0
    for match in _VARIABLE.finditer(text):
        line += text.count("\n", end, match.start())
        pieces += [_PRIVATE.sub("\ufffd", text[end : match.start()]), f"{OPEN}{len(found)}{CLOSE}"]
        end = match.end()
        found.append(Variable(match[1], match[2] or "", line + 1))
    pieces.append(_PRIVATE.sub("\ufffd", text[end:]))
    return Lifted("".join(pieces), tuple(found))


def variables_in(text: str) -> tuple[Variable, ...]:
    """Return the variables of a text, in order."""
    return lift(text).variables


def pattern_problems(text: str) -> Iterator[TextProblem]:
    """Yield what is wrong with the variables themselves, wherever they stand."""
    for number, line in enumerate(_VARIABLE.sub("", text).split("\n"), 1):
        for match in _BRACES.finditer(line):
            yield problem(ProblemKind.BAD_VARIABLE, number, match[0])
    for variable in variables_in(text):
        if variable.pattern and _compile(variable.pattern) is None:
            yield problem(ProblemKind.BAD_PATTERN, variable.line, variable.pattern)


def _compile(pattern: str) -> "re2._Regexp[str] | None":
    if len(pattern) > MAX_PATTERN_CHARS:
        return None
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY_BYTES
    try:
        return re2.compile(pattern, options=options)
    except (re2.error, UnicodeEncodeError):
        return None
