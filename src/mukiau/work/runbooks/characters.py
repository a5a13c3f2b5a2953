"""Characters that cannot be seen, or look like others, made visible and told apart.

A value comes from an error, and so from whoever made the error happen. A bidi override can make a statement read as
another one, a zero-width character hides where a name ends, an escape sequence is obeyed by terminals.
"""

import unicodedata
from functools import lru_cache

MAX_SHOWN_CHARS = 1_000
"""As many as a value may have that is copied: what is cut on the page is never copied."""
_QUOTE_LIKE = frozenset(
    "'\"`\u00a8\u00b4\u02b9\u02ba\u02bb\u02bc\u02bd\u02c8\u02ca\u02cb\u02dd\u02ee\u02f4\u02f5\u02f6\u0300\u0301\u030e\u055a\u05f3\u05f4"
    "\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2032\u2033\u2035\u2036\u203e\u301d\u301e\u301f\ua78b\ua78c\uff07\uff02\uff40"
)
"""Databases and terminals with a narrow character set make an apostrophe, a double quote or a backtick of these (the
overline: a tilde): the best fits of Windows, the transliterations of iconv, and what looks the same."""
_BACKSLASH_LIKE = frozenset("\\\u00a5\u20a9\u20e5\u2216\u2572\u27cd\u29f5\u29f9\ufe68\uff3c")
"""As above, of a backslash: the yen sign has its place in Shift_JIS, EUC-JP and ISO-2022-JP, the won sign in Johab."""
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_BLANKS = frozenset(
    "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u2800\u3164\uffa0\u115f\u1160\u034f\u180b\u180c\u180d\u180f\u17b4\u17b5\u00ad"
)
"""Look like a blank, or like nothing, and are neither."""


def is_control(char: str) -> bool:
    """A terminal or a parser may obey it, line ends and tabs included."""
    return unicodedata.category(char) in {"Cc", "Zl", "Zp"}


def is_hidden(char: str) -> bool:
    """Nobody sees it, or it changes how others are read."""
    return unicodedata.category(char) in _UNSEEN or char in _BLANKS or "\ufe00" <= char <= "\ufe0f"


def is_quote_like(char: str) -> bool:
    """It may become a quote on its way into a database or a terminal."""
    return not char.isascii() and _folds(char, _QUOTE_LIKE)


def is_backslash_like(char: str) -> bool:
    """It may become a backslash there.

    That the second byte of a whole character (表, 能, ソ in Shift_JIS) is that of a backslash does not count: it is one
    only to a program that mistakes the character set, and Japanese values hold such characters all the time.
    """
    return not char.isascii() and _folds(char, _BACKSLASH_LIKE)


@lru_cache(maxsize=4_096)
def _folds(char: str, into: frozenset[str]) -> bool:
    """Say whether a character is one of these, or what NFKC makes of it holds one."""
    return char in into or any(one in into for one in unicodedata.normalize("NFKC", char))


def visible(text: str) -> str:
    """Return a text with every character that cannot be seen written out; cut where it is too long to be read.

    >>> visible("a\\u202eb\\n")
    'a⟨U+202E⟩b⟨U+000A⟩'
    """
    shown = "".join(f"⟨U+{ord(char):04X}⟩" if is_hidden(char) else char for char in text[:MAX_SHOWN_CHARS])
    return shown + "…" if len(text) > MAX_SHOWN_CHARS else shown
