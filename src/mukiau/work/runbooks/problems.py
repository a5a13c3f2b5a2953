"""What is wrong with a runbook's text: where, and what was given."""

from dataclasses import dataclass
from enum import StrEnum

MAX_GIVEN_CHARS = 80


class ProblemKind(StrEnum):
    """One word for what is wrong; pages have a sentence for each."""

    NOT_YAML = "not_yaml"
    NOT_CLOSED = "not_closed"
    """The front matter has no second `---`."""
    TOO_LONG = "too_long"
    UNKNOWN_KEY = "unknown_key"
    NOT_ALLOWED = "not_allowed"
    """Not a value that may stand there."""
    NO_TITLE = "no_title"
    BAD_ADDRESS = "bad_address"
    """No address a browser may follow from a page: neither http nor https."""
    BAD_DATE = "bad_date"
    BAD_MINUTES = "bad_minutes"
    EMPTY_RULE = "empty_rule"
    WIDE_RULE = "wide_rule"
    """Every pattern of the rule stands for everything."""
    BAD_VARIABLE = "bad_variable"
    """Double braces that hold no variable; other tools' templates look like that, too."""
    BAD_PATTERN = "bad_pattern"
    """What follows `match:` is no regular expression."""
    VARIABLE_IN_QUOTES = "variable_in_quotes"
    """In a block of a language a variable becomes a whole literal, its quotes included."""
    MANY_VARIABLES = "many_variables"
    """More in one block than are filled in."""
    VARIABLE_TOUCHES = "variable_touches"
    """Right after `$`, a quote, a backslash or a letter it would not be a literal of its own."""


BARRING = frozenset(ProblemKind) - {ProblemKind.UNKNOWN_KEY, ProblemKind.BAD_VARIABLE}
"""A text with one of these may be kept as a draft, and is not published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextProblem:
    """One thing that is wrong."""

    kind: ProblemKind
    line: int
    """Of the whole text, from 1."""
    given: str = ""
    """Shortened."""


def problem(kind: ProblemKind, line: int, given: object = "") -> TextProblem:
    """Note what is wrong with something that was given; halves of characters, which no page can hold, by their numbers."""
    text = str(given)[: MAX_GIVEN_CHARS + 1].encode("utf-8", "backslashreplace").decode()
    cut = text if len(text) <= MAX_GIVEN_CHARS else text[: MAX_GIVEN_CHARS - 1] + "…"
    return TextProblem(kind=kind, line=line, given=cut)
