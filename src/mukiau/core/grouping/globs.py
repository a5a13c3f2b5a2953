"""Globs over names and words, matched in linear time.

`?` is one character, `*` any run of them, `**` too; in names `*` stays within one element (between `.`, `/`, `\\`, `:`) and
`**` does not. Everything else stands for itself; upper and lower case differ.

No regular expression: a person writes these, and `*a*a*a*b` as one would try every way to split a text. Here all ways are
tried at once: the places in the pattern where the text so far may have come to are the bits of one number, which a
character moves on. A character costs the same whatever came before it.
"""

from dataclasses import dataclass, field
from enum import StrEnum

MAX_GLOB_CHARS = 200
MAX_KNOWN = 1_000
"""Names whose answers are remembered, of each list; a service has some hundred modules in its stacks."""
SEPARATORS = "./\\:"


class Wild(StrEnum):
    """What stands for other characters."""

    ONE = "?"
    RUN = "*"
    ANY = "**"


@dataclass(frozen=True, slots=True)
class Glob:
    """A compiled glob.

    >>> names = Glob("com.acme.**.*Client")
    >>> names.fits("com.acme.pay.http.Client"), names.fits("com.acme.pay.ClientPool")
    (True, False)
    """

    pattern: str
    in_names: bool = True
    """`*` stays within one element of a dotted name or a path."""
    _moving: dict[str, int] = field(init=False, repr=False, compare=False)
    """Character → the places it moves on from."""
    _everywhere: int = field(init=False, repr=False, compare=False)
    """The places any character moves on from."""
    _staying: tuple[int, int] = field(init=False, repr=False, compare=False)
    """The places where a run may go on: with a character that is no separator, with a separator."""
    _end: int = field(init=False, repr=False, compare=False)
    _literals: tuple[str, ...] = field(init=False, repr=False, compare=False)
    """What must be somewhere in the text: tells nearly all that do not fit."""

    def __post_init__(self) -> None:
        moving: dict[str, int] = {}
        everywhere = within = across = place = 0
        tokens = tokens_of(self.pattern, in_names=self.in_names)
        for token in tokens:
            bit = 1 << place
            if token is Wild.RUN or token is Wild.ANY:
                within |= bit
                across |= bit if token is Wild.ANY else 0
                continue
            if token is Wild.ONE:
                everywhere |= bit
            else:
                moving[token] = moving.get(token, 0) | bit
            place += 1
        object.__setattr__(self, "_moving", moving)
        object.__setattr__(self, "_everywhere", everywhere)
        object.__setattr__(self, "_staying", (within, across))
        object.__setattr__(self, "_end", 1 << place)
        literals = "".join("\0" if token in list(Wild) else token for token in tokens).split("\0")
        object.__setattr__(self, "_literals", tuple(filter(None, literals)))

    def fits(self, text: str) -> bool:
        """Say whether the glob stands for the whole text."""
        for literal in self._literals:
            if literal not in text:
                return False
        moving, everywhere = self._moving, self._everywhere
        within, across = self._staying
        places = 1
        for char in text:
            stays = across if char in SEPARATORS else within
            places = (places & (moving.get(char, 0) | everywhere)) << 1 | (places & stays)
            if not places:
                return False
        return bool(places & self._end)


def tokens_of(pattern: str, *, in_names: bool) -> list[str]:
    """Return the pattern's characters and what stands for others; runs that follow each other are one.

    >>> tokens_of("a*?**", in_names=True)
    ['a', <Wild.RUN: '*'>, <Wild.ONE: '?'>, <Wild.ANY: '**'>]
    """
    tokens: list[str] = []
    position = 0
    while position < len(pattern):
        end = position + 1
        if pattern[position] == "*":
            end = len(pattern) - len(pattern[position:].lstrip("*"))
            tokens.append(Wild.RUN if end - position == 1 and in_names else Wild.ANY)
        else:
            tokens.append(Wild.ONE if pattern[position] == "?" else pattern[position])
        position = end
    return tokens


@dataclass(frozen=True, slots=True)
class Globs:
    """Any of several; names without wildcards are looked up, and answers about names remembered, for they come again."""

    patterns: tuple[str, ...] = ()
    in_names: bool = True
    _exact: frozenset[str] = field(init=False, repr=False, compare=False)
    _globs: tuple[Glob, ...] = field(init=False, repr=False, compare=False)
    _known: dict[str, bool] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        wild = [pattern for pattern in self.patterns if "*" in pattern or "?" in pattern]
        object.__setattr__(self, "_exact", frozenset(self.patterns) - frozenset(wild))
        object.__setattr__(self, "_globs", tuple(Glob(pattern, self.in_names) for pattern in wild))
        object.__setattr__(self, "_known", {})

    def fit(self, text: str) -> bool:
        """Say whether one of them stands for the whole text."""
        if not self._globs or not self.in_names:
            return text in self._exact or any(glob.fits(text) for glob in self._globs)
        known = self._known.get(text)
        if known is None:
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            known = self._known[text] = text in self._exact or any(glob.fits(text) for glob in self._globs)
        return known

    def __bool__(self) -> bool:
        return bool(self.patterns)
