"""Shapes of variables in a message, as a person writes them: `SKU-{digits}`, `shard {letters}`, `pool:{any}`.

A shape is text with placeholders. It becomes a regular expression that never goes back: every placeholder takes all it
can, at most so many characters, and never the character that is written behind it. So one position of a text costs no
more than the shape is long, and no text can make it slow. What is taken must stand alone: `SKU-{digits}` is not in
`XSKU-7` nor in `SKU-7x`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_SHAPE_CHARS = 100
MAX_PLACEHOLDERS = 8
MAX_TAKEN_CHARS = 64
"""By one placeholder; ids and hashes have up to 64."""

VARIABLE = "<var>"
"""Stands in a template for what a shape takes."""

PLACEHOLDERS = {
    "digits": "0-9",
    "letters": "A-Za-z",
    "hex": "0-9A-Fa-f",
    "word": "A-Za-z0-9_",
    "any": "",
}
"""Name → the characters it takes, as a class; `any` takes everything but blanks."""
_PARTED = frozenset({("digits", "letters"), ("letters", "digits")})
"""Placeholders that may follow each other: the first cannot take what the second needs."""
_PART = re.compile(r"\{([^{}]{0,100})\}")
_ALNUM = re.compile(r"[A-Za-z0-9_]")


class ShapeError(ValueError):
    """A text that is no shape; the message is a sentence for who wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shapes:
    """What a policy says of the variables in messages.

    >>> list(Shapes(variables=("SKU-{digits}",)).pieces_of("no SKU-77 and XSKU-7"))
    [('no ', ''), ('', '<var>'), (' and XSKU-7', '')]
    """

    variables: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    """What is never a variable; where both fit at a place, it wins."""
    _pattern: re.Pattern[str] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Raises ShapeError."""
        both = [
            *(f"(?P<kept_{i}>{_compiled(shape)})" for i, shape in enumerate(self.kept)),
            *map(_compiled, self.variables),
        ]
        object.__setattr__(self, "_pattern", re.compile("|".join(both)) if both else None)

    def pieces_of(self, line: str) -> Iterator[tuple[str, str]]:
        """Yield a line in pieces: text that no shape knows as (text, ""), else ("", what stands for it in a template)."""
        position = 0
        for match in self._pattern.finditer(line) if self._pattern is not None else ():
            yield line[position : match.start()], ""
            yield "", match.group() if match.lastgroup else VARIABLE
            position = match.end()
        yield line[position:], ""

    def __bool__(self) -> bool:
        return self._pattern is not None


def check_shape(shape: str) -> None:
    """Raise ShapeError where a text is no shape."""
    _compiled(shape)


def _compiled(shape: str) -> str:
    """Return a shape as a regular expression that cannot go back; raises ShapeError."""
    parts = _parts_of(shape)
    pieces = []
    for (text, name), (next_text, next_name) in zip(parts, [*parts[1:], ("", "")], strict=True):
        if not name:
            pieces.append(re.escape(text))
            continue
        if next_name and (name, next_name) not in _PARTED:
            raise ShapeError(
                f"{{{name}}} takes all that {{{next_name}}} could: write something between them, such as a dash."
            )
        pieces.append(_class(name, without=next_text[:1]) + f"{{1,{MAX_TAKEN_CHARS}}}+")
    head, tail = parts[0], parts[-1]
    before = r"(?<![A-Za-z0-9_])" if head[1] or _ALNUM.match(head[0]) else ""
    after = r"(?![A-Za-z0-9_])" if tail[1] not in {"", "any"} or _ALNUM.match(tail[0][-1:]) else ""
    return f"{before}{''.join(pieces)}{after}"


def _parts_of(shape: str) -> list[tuple[str, str]]:
    """Return a shape's parts: (text, "") or ("", name of a placeholder)."""
    if len(shape) > MAX_SHAPE_CHARS:
        raise ShapeError(f"A shape has at most {MAX_SHAPE_CHARS} characters; this one has {len(shape)}.")
    pieces = _PART.split(shape)
    parts = [("", piece) if index % 2 else (piece, "") for index, piece in enumerate(pieces) if piece or index % 2]
    names = [name for index, name in enumerate(pieces) if index % 2]
    allowed = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    if unknown := [name for name in names if name not in PLACEHOLDERS]:
        raise ShapeError(f"There is no {{{unknown[0]}}}; allowed are {allowed}.")
    if len(names) > MAX_PLACEHOLDERS:
        raise ShapeError(f"A shape has at most {MAX_PLACEHOLDERS} placeholders.")
    if not any(text.strip() for text, _ in parts):
        raise ShapeError(
            f"A shape needs some text beside its placeholders, such as SKU-{{digits}}; allowed are {allowed}."
        )
    return parts


def _class(name: str, *, without: str) -> str:
    """Return the class of the characters that a placeholder takes, without the one that is written behind it."""
    if name == "any":
        return rf"[^\s{re.escape(without)}]"
    kept = rf"(?!{re.escape(without)})" if without else ""
    return f"(?:{kept}[{PLACEHOLDERS[name]}])"
