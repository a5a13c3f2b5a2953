"""Where in a block of a language a variable may stand: only where a literal of its own is read as one.

Dialects differ in what a backslash, a `#`, a `$$` means, and nobody says which dialect a block is in. So a block is read in
every way there is, and a variable has to stand outside of quotes and comments in all of them. What is refused by mistake
costs an author a moment; what is let through by mistake, a database.

A shell reads some lines twice: what `ssh`, `eval` or `-c` get is a line of another shell, or of another language, which
knows nothing of the quotes of this one. No list of such programs is complete. So a variable that says nothing of its
values is given plain ones only, in every block of a shell; the list here is for those with `match:`, and goes for the
whole block: a line may set what another one has read again.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from mukiau.work.runbooks.literals import Language
from mukiau.work.runbooks.patterns import wildcards_at
from mukiau.work.runbooks.problems import ProblemKind
from mukiau.work.runbooks.variables import CLOSE, MARK, OPEN

MAX_CODE_CHARS = 20_000
"""Of a block with variables."""
MAX_RUNS = 200_000
"""Quotes and comments of a block in all ways of reading together: a second. SQL has some two hundred ways; a thousand
quotes are more than anybody writes between variables."""
MAX_VARIABLES = 200
"""Of a block: more than anybody reads before pressing Enter."""
_QUOTES = "'\"`"
_SQL_NEIGHBOURS = "_$@#&:"
_READ_AGAIN = re.compile(
    r"(?:^|[\s;&|(){}/=!])(?:eval|ssh|rsh|su|sudo|source|xargs|watch|parallel|trap|exec|env|let|declare|typeset|unset|alias|at"
    r"|(?:ba|z|k|da|c|tc|fi|pw|mo|pd|ps|clu|cql|tcl)?sh|[gmn]?awk|sed|perl|python[\d.]*|ruby|node|php|lua|Rscript|groovy|jq"
    r"|psql|mysql|mariadb|sqlite3|sqlplus|sqlcmd|duckdb|clickhouse-client|mongo|mongosh|redis-cli|doas|runuser|scp|rsync|make"
    r"|powershell|cmd|tmux|screen|expect|ansible|salt|batch|crontab|ed|ex|vim?|\.)(?=[\s;]|$)"
    r"|(?:^|\s)-\w*[ce](?=\s|=|$)|--(?:command|exec|eval|execute)\b|\[\[|\(\("
)
_SUBSTITUTION = re.compile(r"<<|\$\(|\$\{|`|[<>]\(")
"""Behind one of these nobody can say what the quotes mean without being a shell."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a variable of a block stands."""

    number: int
    """Of the variable."""
    problem: ProblemKind | None
    """None where a literal may stand."""
    is_read_again: bool = False
    """A program of the block is known to read its words a second time."""
    wildcards: str = ""
    """What the value must not hold, because a pattern is read here."""


def places_in(language: Language, code: str) -> list[Place]:
    """Return the place of every variable of a block, in order; `code` has marks in their places."""
    marks = list(MARK.finditer(code))
    if len(marks) > MAX_VARIABLES:
        return [Place(int(mark[1]), ProblemKind.MANY_VARIABLES) for mark in marks]
    if len(code) > MAX_CODE_CHARS:
        return [Place(int(mark[1]), ProblemKind.VARIABLE_IN_QUOTES) for mark in marks]
    starts = [mark.start() for mark in marks]
    quoted, wildcards = _quoted(language, code, starts), wildcards_at(language, code, starts)
    is_read_again = language is Language.SHELL and _is_read_again(code)
    return [
        Place(int(mark[1]), _problem(language, code, mark, quoted), is_read_again, signs)
        for mark, signs in zip(marks, wildcards, strict=True)
    ]


def _problem(language: Language, code: str, mark: re.Match[str], quoted: set[int]) -> ProblemKind | None:
    if mark.start() in quoted:
        return ProblemKind.VARIABLE_IN_QUOTES
    before, after = code[mark.start() - 1 : mark.start()] if mark.start() else "", code[mark.end() : mark.end() + 1]
    return ProblemKind.VARIABLE_TOUCHES if _touches(language, before, after) else None


def _touches(language: Language, before: str, after: str) -> bool:
    if (before and before in _QUOTES + "$\\" + CLOSE) or (after and after in _QUOTES + OPEN):
        return True
    if language is Language.SHELL:
        return False
    return any(char.isalnum() or char in _SQL_NEIGHBOURS for char in before + after.replace(":", ""))


def _is_read_again(code: str) -> bool:
    """Say whether a part of the block is read a second time. Lines that go on are one."""
    return _READ_AGAIN.search(MARK.sub("x", code.replace("\\\n", "  "))) is not None


# --- Quotes and comments ----------------------------------------------------------------------------------------------

_CLOSING = {"[": "]", "{": "}", "(": ")", "<": ">"}
_COMMENT_BOUND = re.compile(r"/\*|\*/")
_DOLLAR, _ORACLE = r"\$\w*\$", r"[qQ]'\S"


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to read a block."""

    openers: re.Pattern[str]
    """What begins a quote or a comment."""
    escaping: str
    """The quotes within which a backslash takes the meaning from the next character."""
    is_nesting: bool = False
    """Block comments hold block comments."""

    def runs(self, code: str) -> Iterator[tuple[int, int]]:
        """Yield begin and end of every quote and comment; one that is not closed goes to the end."""
        end = 0
        while (opener := self.openers.search(code, end)) is not None:
            end = max(self._end(code, opener), opener.end())
            yield opener.start(), end

    def _end(self, code: str, opener: re.Match[str]) -> int:
        text = opener[0]
        if text == "/*":
            return self._end_of_comment(code, opener.end())
        if text[0] in "-#/":
            return _found(code, "\n", opener.end())
        if text == "\\":
            return opener.end() + 1
        if text == "$'" or (len(text) == 1 and text in _QUOTES):
            has_escapes = text == "$'" or text in self.escaping
            return _end_of_quote(code, text[-1], opener.end(), has_escapes=has_escapes)
        if text[0] in "qQ":
            return _found(code, _CLOSING.get(text[2], text[2]) + "'", opener.end())
        return _found(code, _CLOSING.get(text, text), opener.end())

    def _end_of_comment(self, code: str, start: int) -> int:
        depth = 1
        for bound in _COMMENT_BOUND.finditer(code, start):
            depth += 0 if bound[0] == "/*" and not self.is_nesting else 1 if bound[0] == "/*" else -1
            if not depth:
                return bound.end()
        return len(code)


def _found(code: str, closing: str, start: int) -> int:
    at = code.find(closing, start)
    return len(code) if at < 0 else at + len(closing)


def _end_of_quote(code: str, quote: str, start: int, *, has_escapes: bool) -> int:
    if not has_escapes:
        return _found(code, quote, start)
    bounds = re.compile(r"\\.|" + quote, re.DOTALL).finditer(code, start)
    return next((bound.end() for bound in bounds if bound[0] == quote), len(code))


def _openers(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(filter(None, patterns)))


def _sql_ways() -> Iterator[_Way]:
    switches = product(
        (_QUOTES, ""), (True, False), ("", "#"), ("", _DOLLAR), ("", r"\["), ("", _ORACLE), ("--", r"--(?=\s)", "")
    )
    for escapes, nesting, hashes, dollars, brackets, oracle, comments in switches:
        openers = _openers(oracle, "'", '"', "`", r"/\*", hashes, dollars, brackets, comments)
        yield _Way(openers, escaping=escapes, is_nesting=nesting)


_SHELL_QUOTES = (r"\\", "'", '"', "`")
_ANSI_QUOTE, _SHELL_COMMENT = r"\$'", r"(?:^|(?<=[\s;&|()]))#"
_SHELL_WAYS = tuple(
    _Way(_openers(*more, *_SHELL_QUOTES), escaping='"`')
    for more in ((), (_ANSI_QUOTE,), (_SHELL_COMMENT,), (_ANSI_QUOTE, _SHELL_COMMENT))
)
_WAYS: dict[Language, tuple[_Way, ...]] = {
    Language.SQL: tuple(_sql_ways()),
    Language.SHELL: _SHELL_WAYS,
    Language.JSON: (
        _Way(_openers('"'), escaping=_QUOTES),
        _Way(_openers('"', "'", "//", r"/\*", "#"), escaping=_QUOTES),
    ),
}


def _quoted(language: Language, code: str, starts: Sequence[int]) -> set[int]:
    """Return which of the places (sorted) are within a quote or a comment in one way of reading at least.

    All of them, when there is more to read than anybody waits for.
    """
    found: set[int] = set()
    runs = (run for way in (_WAYS[language] if starts else ()) for run in way.runs(code))
    for count, (begin, end) in enumerate(runs):
        if count >= MAX_RUNS:
            return set(starts)
        found.update(starts[bisect_left(starts, begin) : bisect_left(starts, end)])
    if language is Language.SHELL and (substitution := _SUBSTITUTION.search(code)) is not None:
        found.update(starts[bisect_left(starts, substitution.end()) :])
    return found
