r"""Variables of a runbook's text: `{{ order_id }}`, or `{{ order_id|match:^ORD-\d+$ }}` for values of one shape only.

Before Markdown reads a text its variables are taken out, and a mark of two private characters around a number stands for
each: Markdown would read emphasis, table cells and escapes into patterns. Whatever else stands between double braces
(`{{.ID}}` of other tools' templates) is no variable and stays.

Private characters of the text itself are replaced first, but Markdown makes new ones of `&#xE000;`. So the numbers begin
at the text's own digest: no text can hold its own marks, and a number that is not of this text stands for nothing.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import re2

from mukiau.work.runbooks.problems import ProblemKind, TextProblem, problem

OPEN, CLOSE = "\ue000", "\ue001"
MARK = re.compile(f"{OPEN}([0-9]{{1,30}}){CLOSE}")
"""Stands for the variable of that number."""
MAX_PATTERN_CHARS = 200
MAX_PATTERNS = 100
"""Different ones in a text: one of the worst takes eight milliseconds to compile, and a page waits for all of them."""
_PRIVATE = re.compile(f"[{OPEN}{CLOSE}]")
_DIGEST_BYTES = 10
"""25 digits: nobody searches for a text that holds its own."""
_HEAD = re.compile(r"\{\{\s{0,40}([^\W\d][\w.-]{0,99})\s{0,40}(?:\}\}|(\|)\s{0,40}match:)")
"""All of a variable, or all before its pattern. Everything is bounded: texts of nothing but beginnings are read in no time."""
_MAX_BETWEEN_CHARS = 400
"""From double braces, or from `match:`, to the double braces that close them."""
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
    is_one_too_many: bool = False
    """The text had MAX_PATTERNS before this one, which therefore is not read."""

    @property
    def written(self) -> str:
        """As it stands in the text, without its pattern."""
        return "{{ " + self.name + " }}"

    def accepts(self, value: str) -> bool:
        """Say whether a value has the shape asked for. A pattern that cannot be read accepts nothing."""
        if not self.pattern:
            return True
        compiled = self.compiled()
        # Surrogates cannot be handed to re2, and are in no pattern that a person writes.
        return compiled is not None and value.isprintable() and compiled.fullmatch(value) is not None

    def compiled(self) -> "re2._Regexp[str] | None":
        """Return the pattern to be matched; None where it cannot be read."""
        return None if self.is_one_too_many else _compile(self.pattern)


@dataclass(frozen=True, slots=True)
class Lifted:
    """A text with marks in the places of its variables."""

    text: str
    variables: tuple[Variable, ...]
    first_number: int
    """Of the first variable's mark; the next ones follow."""

    def find(self, number: int) -> Variable | None:
        """Return the variable of a mark; None for a mark that is not of this text."""
        index = number - self.first_number
        return self.variables[index] if 0 <= index < len(self.variables) else None

    def only_own(self, text: str) -> str:
        """Return a piece of the text as Markdown left it, with every mark of its own and no other private character."""
        pieces = MARK.split(text)
        return "".join(self._own(pieces, position) for position in range(len(pieces)))

    def _own(self, pieces: list[str], position: int) -> str:
        if position % 2 and self.find(int(pieces[position])) is not None:
            return f"{OPEN}{pieces[position]}{CLOSE}"
        return _PRIVATE.sub("\ufffd", pieces[position])


def lift(text: str) -> Lifted:
    """Take the variables out of a text.

    >>> lift("id {{ order_id }}, {{.ID}}").variables
    (Variable(name='order_id', pattern='', line=1),)
    """
    found: list[Variable] = []
    pieces: list[str] = []
    end = line = 0
    first, patterns = _first_number(text), {""}
    for head, pattern, after in _find_variables(text):
        line += text.count("\n", end, head.start())
        pieces += [_PRIVATE.sub("\ufffd", text[end : head.start()]), f"{OPEN}{first + len(found)}{CLOSE}"]
        end = after
        if len(patterns) <= MAX_PATTERNS:
            patterns.add(pattern)
        found.append(Variable(head[1], pattern, line + 1, is_one_too_many=pattern not in patterns))
    pieces.append(_PRIVATE.sub("\ufffd", text[end:]))
    return Lifted("".join(pieces), tuple(found), first)


def _find_variables(text: str) -> Iterator[tuple[re.Match[str], str, int]]:
    """Yield the head, the pattern and the end of every variable."""
    head = _HEAD.search(text)
    while head is not None:
        close = _find_close(text, head.end()) if head[2] else head.end() - 2
        if close >= 0:
            yield head, text[head.end() : close].strip(), close + 2
        head = _HEAD.search(text, close + 2 if close >= 0 else head.start() + 1)


def _find_close(text: str, start: int) -> int:
    """Return where the double braces behind a pattern are, on its line; -1 when they are not.

    A pattern may end in a brace: blanks before the double ones tell, or that no third one follows.
    """
    limit = start + _MAX_BETWEEN_CHARS
    line_end = text.find("\n", start, limit)
    limit = limit if line_end < 0 else line_end
    close = text.find("}}", start, limit)
    while close >= 0 and text[close + 2 : close + 3] == "}" and not text[close - 1].isspace():
        close = text.find("}}", close + 1, limit)
    return close


def _first_number(text: str) -> int:
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES)
    return int.from_bytes(digest.digest())


def pattern_problems(text: str) -> Iterator[TextProblem]:
    """Yield what is wrong with the variables themselves, wherever they stand."""
    lifted = lift(text)
    for number, line in enumerate(MARK.sub("", lifted.text).split("\n"), 1):
        for given in _braces_in(line):
            yield problem(ProblemKind.BAD_VARIABLE, number, given)
    for variable in lifted.variables:
        if variable.pattern and variable.compiled() is None:
            yield problem(ProblemKind.BAD_PATTERN, variable.line, variable.pattern)


def _braces_in(line: str) -> Iterator[str]:
    """Yield double braces and what is between them; those too far apart do not belong together."""
    begin = line.find("{{")
    while begin >= 0 and (close := line.find("}}", begin + 2)) >= 0:
        is_near = close - begin <= _MAX_BETWEEN_CHARS + 2
        if is_near:
            yield line[begin : close + 2]
        begin = line.find("{{", close + 2 if is_near else max(begin + 1, close - _MAX_BETWEEN_CHARS - 2))


@lru_cache(maxsize=MAX_PATTERNS)
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
