"""A text as what is compared of it: words, and grams of characters.

A word is what says most, and two writers rarely choose the same one: `timeout` and `timed out`, 失敗しました and 失敗した. So a
text is compared by its grams as well: of words in Latin letters by three characters each, of Japanese, which has no
blanks, by two. Before that everything is one width and case (NFKC), and what varies between two occurrences is gone:
templates put a placeholder in its place. The codes a template keeps (`code=E4031`, `HTTP 502`) are words.

Endings in hiragana are in every Japanese sentence; their grams count little.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from mukiau.core.templates import MAX_TEMPLATE_CHARS, template_of

MAX_TEXT_CHARS = 20_000
"""Of one text; a runbook's Meaning is some hundred characters, a trace some thousand."""
GRAM_WEIGHT = 0.25
"""Of three letters, where a word counts 1: a word of seven letters is as much again by its grams."""
PAIR_WEIGHT = 0.6
HIRAGANA_WEIGHT = 0.1
PART_WEIGHT = 0.5
"""Of a part of a name: `Timeout` in `SocketTimeoutException`."""

_PLACEHOLDER = re.compile(r"<[a-z]{2,8}((?: [^<>\n]{0,80})?)>")
_SAID_IN_JSON = re.compile(
    r"\\{0,6}\"(?:[A-Za-z_]{0,20}(?:[Mm]essage|[Ee]rror|[Dd]etail|[Rr]eason|[Dd]escription)|msg|title)\\{0,6}\"\s{0,4}:\s{0,4}"
    r"\\{0,6}\"([^\"\\\n]{3,300})"
)
"""Sentences in JSON, which a template has no word of."""
_TOKEN = re.compile(r"[A-Za-z0-9_$]{2,80}|[\u30a0-\u30ff]{2,40}|[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff々]{2,200}")
_RUN = re.compile(r"[\u30a1-\u30ffー]{3,40}|[\u3400-\u9fff\uf900-\ufaff々]{3,40}")
"""Katakana and kanji that stand together are mostly one word."""
_PARTS = re.compile(r"[A-Z]{2,40}(?![a-z])|[A-Z]?[a-z]{2,40}|\d{3,8}")
_CODE = re.compile(r"(?<![A-Za-z0-9_-])(?:[A-Z]{1,8}[-_]?\d{2,7}|[45]\d\d)(?![A-Za-z0-9_-])")
_HIRAGANA = re.compile(r"[\u3040-\u309fー]+")
_STOP_WORDS = frozenset(
    "the an of to in on at is was are be been for and or not with by from as it its this that has have had will would "
    "can could after before than then when while if into out no so do does did there which who what".split()
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a text, or one stretch of Japanese."""

    shown: str
    terms: tuple[tuple[str, float], ...]
    """What is compared of it, in order, and what each weighs."""

    @property
    def is_japanese(self) -> bool:
        return not self.shown.isascii()


@lru_cache(maxsize=2_048)
def tokens_of(text: str) -> tuple[Token, ...]:
    """Return the words of a text that tell something, in order, without what varies between two occurrences.

    >>> [token.shown for token in tokens_of("ＨＴＴＰ 502 for order OD-20261 (12 ms): 在庫がない")]
    ['HTTP', '502', 'order', '在庫がない']
    """
    return tuple(_token(shown) for shown in _words(_without_variables(text)))


def codes_in(text: str) -> tuple[Token, ...]:
    """Return what looks like an error code, also where a template would take it for an id: what a person wrote by hand
    (`E4031: address is wrong`) is none."""
    found = _CODE.findall(unicodedata.normalize("NFKC", text[:MAX_TEXT_CHARS]))
    return tuple(_token(shown) for shown in dict.fromkeys(found))


def is_ending(piece: str) -> bool:
    """Say whether a piece of Japanese is hiragana alone: an ending or a particle, which tells nobody anything."""
    return _HIRAGANA.fullmatch(piece) is not None


def _without_variables(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text[:MAX_TEXT_CHARS])
    lines = [line[:MAX_TEMPLATE_CHARS] for line in folded.splitlines() if line.strip()]
    said = [sentence for line in lines for sentence in _SAID_IN_JSON.findall(line)]
    return "\n".join(_PLACEHOLDER.sub(r"\1 ", template_of(line)) for line in (*lines, *said))


def _words(text: str) -> Iterator[str]:
    for word in _TOKEN.findall(text):
        if word.lower() not in _STOP_WORDS:
            yield word


@lru_cache(maxsize=32_768)
def _token(shown: str) -> Token:
    found: dict[str, float] = {}
    for term, weight in _japanese_terms(shown) if not shown.isascii() else _latin_terms(shown):
        found[term] = max(weight, found.get(term, 0.0))
    return Token(shown, tuple(found.items()))


def _latin_terms(word: str) -> Iterator[tuple[str, float]]:
    whole = word.lower().strip("_$")
    yield whole, 1.0
    parts = [part.lower() for part in _PARTS.findall(word)]
    if len(parts) > 1:
        yield from ((part, PART_WEIGHT) for part in parts if part not in _STOP_WORDS)
    for part in parts:
        padded = f" {part} "
        yield from ((f"~{padded[at : at + 3]}", GRAM_WEIGHT) for at in range(len(padded) - 2))


def _japanese_terms(stretch: str) -> Iterator[tuple[str, float]]:
    yield from ((run, 1.0) for run in _RUN.findall(stretch))
    for at in range(len(stretch) - 1):
        pair = stretch[at : at + 2]
        yield pair, HIRAGANA_WEIGHT if _HIRAGANA.fullmatch(pair) else PAIR_WEIGHT
