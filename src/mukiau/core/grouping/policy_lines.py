"""On which line of a TOML text every key and every entry of a list stands.

`tomllib` gives values without their places; a mistake in a policy has to point at its line. The text is one that tomllib
has read, so that nothing here needs to find mistakes of its own.
"""

import re
from collections.abc import Iterator

Path = tuple[str | int, ...]
"""Keys and, from 0, places in lists: `("rules", 1, "when", "service")`."""

_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\[\s\S]|"(?!""))*"{3,5}|'
    r"'''(?:[^']|'(?!''))*'{3,5}|"
    r'"(?:[^"\\\n]|\\.)*"|'
    r"'[^'\n]*'|"
    r"#[^\n]*|[ \t\r]+|\n|[\[\]{}=,.]|[^\s\[\]{}=,.#\"']+"
)
_QUOTES = "\"'"


def lines_of(text: str) -> dict[Path, int]:
    """Return the line (from 1) of every key, table and list entry.

    >>> lines_of('a = 1\\n[[b]]\\nc.d = ["x",\\n "y"]')[("b", 0, "c", "d", 1)]
    4
    """
    return _Reading(text).lines


class _Reading:
    """One pass over the tokens of a text."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {}
        self._tokens = [*_tokens_of(text), ("", 0)]
        self._at = 0
        self._counts: dict[Path, int] = {}
        """Tables of an array of tables, so far."""
        table: Path = ()
        while opening := self._skip("\n"):
            if opening == "[":
                table = self._header()
            else:
                self._pair(table)

    def _token(self) -> str:
        return self._tokens[self._at][0]

    def _skip(self, *tokens: str) -> str:
        while self._token() in tokens and self._token():
            self._at += 1
        return self._token()

    def _header(self) -> Path:
        """Go behind `[table]` or `[[table]]` and return its path."""
        line = self._tokens[self._at][1]
        brackets = 2 if self._tokens[self._at + 1][0] == "[" else 1
        self._at += brackets
        path: Path = ()
        for key in self._keys():
            path += (*self._last(path), key)
        if brackets == 2:
            self._counts[path] = self._counts.get(path, 0) + 1
        path += self._last(path)
        self._at += brackets
        self.lines[path] = line
        return path

    def _last(self, path: Path) -> Path:
        return (self._counts[path] - 1,) if path in self._counts else ()

    def _keys(self) -> Iterator[str]:
        """Yield the parts of a dotted key and go on behind it."""
        while True:
            token = self._token()
            self._at += 1
            yield token[1:-1] if token[:1] in _QUOTES else token
            if self._token() != ".":
                return
            self._at += 1

    def _pair(self, table: Path) -> None:
        line = self._tokens[self._at][1]
        path = table
        for key in self._keys():
            path += (key,)
            self.lines.setdefault(path, line)
        self._at += 1
        self._value(path)

    def _value(self, path: Path) -> None:
        self.lines.setdefault(path, self._tokens[self._at][1])
        opening = self._token()
        self._at += 1
        if opening == "[":
            self._entries(path)
        elif opening == "{":
            while self._skip(",", "\n") != "}":
                self._pair(path)
            self._at += 1
        else:
            while self._token() not in {"\n", ",", "]", "}", ""}:
                self._at += 1

    def _entries(self, path: Path) -> None:
        number = 0
        while self._skip(",", "\n") != "]":
            self._value((*path, number))
            number += 1
        self._at += 1


def _tokens_of(text: str) -> Iterator[tuple[str, int]]:
    """Yield tokens and their lines, without blanks and comments."""
    line = 1
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token[0] not in "# \t\r":
            yield token, line
        line += token.count("\n")
