"""The search index of fingerprints, and so of their issues: finds words of any script from one character on, and parts of words.

SQLite's own trigram tokens find nothing shorter than three characters, but Japanese words often have two. So the grams
are made here and the FTS5 table only keeps them: two characters each where the script writes no spaces (kanji, kana,
hangul), three elsewhere, overlapping, and at the end of a word the shorter tails too. A term is then a phrase of its
own grams (adjacent and overlapping, hence exactly a substring), and one that is shorter than a gram is the prefix of
one; the tails see to it that the end of a word begins a gram as well.

A gram of letters is written as hexadecimal bytes with a letter for its script in front, so that no tokenizer can take
it apart or fold it.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from mukiau.stores.sqlite import Connection

MAX_INDEXED_CHARS = 4_000
MAX_QUERY_CHARS = 200

_CJK = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_WORDS = re.compile(rf"(?P<wide>[{_CJK}]+)|(?P<narrow>[^\W_{_CJK}]+)")
_WIDE_CHARS, _NARROW_CHARS = 2, 3


class SearchIndex:
    """The index of one state file; joins the transaction of its connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, fingerprint_id: int, text: str) -> None:
        """Make a fingerprint's issue findable by a text, in place of what it was found by."""
        self.drop(fingerprint_id)
        insert = "INSERT INTO fingerprint_search (rowid, grams) VALUES (?, ?)"
        self._connection.execute(insert, (fingerprint_id, grams_of(text)))

    def drop(self, fingerprint_id: int) -> None:
        self._connection.execute("DELETE FROM fingerprint_search WHERE rowid = ?", (fingerprint_id,))

    def find(self, query: str, *, limit: int = 1_000) -> list[int]:
        """Return ids of fingerprints that hold every word of the query, newest first; none for an empty query."""
        expression = match_expression(query)
        if expression is None:
            return []
        rows = self._connection.execute(
            "SELECT rowid FROM fingerprint_search WHERE fingerprint_search MATCH ? ORDER BY rowid DESC LIMIT ?",
            (expression, limit),
        )
        return [row[0] for row in rows]


def grams_of(text: str) -> str:
    """Return the grams of a text, separated by spaces; words are kept apart by a token that no query has.

    >>> [bytes.fromhex(gram[1:]).decode() for gram in grams_of("決済API").split() if gram != "x"]
    ['決済', '済', 'api', 'pi', 'i']
    """
    return " x ".join(" ".join(_grams(kind, word)) for kind, word in _words(text[:MAX_INDEXED_CHARS]))


def match_expression(query: str) -> str | None:
    """Return the FTS5 expression `fingerprint_search MATCH` takes for a query; None when the query holds no word."""
    terms = [_term(kind, word) for kind, word in _words(query[:MAX_QUERY_CHARS])]
    return " AND ".join(terms) or None


def _words(text: str) -> Iterator[tuple[str, str]]:
    for found in _WORDS.finditer(unicodedata.normalize("NFKC", text).casefold()):
        yield found.lastgroup or "narrow", found.group()


def _grams(kind: str, word: str) -> Iterable[str]:
    size = _size(kind)
    return (_gram(kind, word[at : at + size]) for at in range(len(word)))


def _term(kind: str, word: str) -> str:
    size = _size(kind)
    if len(word) < size:
        return f"{_gram(kind, word)}*"
    grams = (_gram(kind, word[at : at + size]) for at in range(len(word) - size + 1))
    return '"' + " ".join(grams) + '"'


def _size(kind: str) -> int:
    return _WIDE_CHARS if kind == "wide" else _NARROW_CHARS


def _gram(kind: str, characters: str) -> str:
    return kind[0] + characters.encode("utf-8", "replace").hex()
