"""Characters that cannot be seen, or look like others, made visible and told apart.

A value comes from an error, and so from whoever made the error happen. A bidi override can make a statement read as
another one, a zero-width character hides where a name ends, an escape sequence is obeyed by terminals.
"""

import unicodedata

MAX_SHOWN_CHARS = 500
_QUOTE_LIKE = frozenset(
    "\u02b9\u02ba\u02bb\u02bc\u02bd\u02c8\u02ee\u2018\u2019\u201a\u201b\u2032\u2035\uff07\uff02\uff40"
)
"""Databases with a narrow character set store some of these as an apostrophe."""
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
    """It may become a quote on its way into a database."""
    return char in _QUOTE_LIKE or (not char.isascii() and any(c in "'\"`" for c in unicodedata.normalize("NFKC", char)))


def visible(text: str) -> str:
    """Return a text with every character that cannot be seen written out; cut where it is too long to be read.

    >>> visible("a\\u202eb\\n")
    'a⟨U+202E⟩b⟨U+000A⟩'
    """
    shown = "".join(f"⟨U+{ord(char):04X}⟩" if is_hidden(char) else char for char in text[:MAX_SHOWN_CHARS])
    return shown + "…" if len(text) > MAX_SHOWN_CHARS else shown
