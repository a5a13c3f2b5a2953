"""Values as one complete literal of a language, quotes included, or the reason why there is none.

A refused value is never put in part of: whoever follows the runbook sees that it was refused, and why.
"""

import json
import re
from enum import StrEnum

from mukiau.work.runbooks.characters import MAX_SHOWN_CHARS, is_backslash_like, is_control, is_hidden, is_quote_like

MAX_VALUE_CHARS = MAX_SHOWN_CHARS
"""An id, a name, a date; longer ones are texts, and no statement's business."""
_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+=,-]+\Z")
"""Means itself in a shell, however often it is read."""


class Language(StrEnum):
    """A language that blocks may be written in."""

    SQL = "sql"
    SHELL = "shell"
    JSON = "json"


_NAMES = {
    Language.SQL: "sql mysql mariadb postgres postgresql pgsql psql plsql plpgsql sqlite sqlite3 oracle tsql mssql hql bigquery",
    Language.SHELL: "sh bash shell zsh ksh dash console shell-session shellsession shellscript terminal",
    Language.JSON: "json json5 jsonc jsonl ndjson",
}
_LANGUAGES = {name: language for language, names in _NAMES.items() for name in names.split()}


class Refusal(StrEnum):
    """Why a value is not filled in."""

    MISSING = "missing"
    """The occurrence has no such value."""
    NO_MATCH = "no_match"
    """It has not the shape that the runbook asks for."""
    TOO_LONG = "too_long"
    CONTROL = "control"
    HIDDEN = "hidden"
    BACKSLASH = "backslash"
    BACKSLASH_LIKE = "backslash_like"
    QUOTE_LIKE = "quote_like"
    HYPHEN = "hyphen"
    """A command would read it as an option."""
    NOT_PLAIN = "not_plain"
    """A command is given only plain values, unless the runbook says which others it means."""
    WILDCARD = "wildcard"
    """A pattern is read in its place, and it would find more than itself."""
    READ_AGAIN = "read_again"
    """Another shell reads a line of the block again, without the quotes of this one."""
    DOTS = "dots"
    """In the path of an address it would lead to another one."""
    PLACE = "place"
    """Where the variable stands no literal can be safe."""


def language_of(info: str) -> Language | None:
    """Return the language that a block says it is in; None for others and for none."""
    name = (info.split() or [""])[0].lower().strip("{}.")
    return _LANGUAGES.get(name)


def literal(
    language: Language, value: str, *, has_pattern: bool = False, is_read_again: bool = False, wildcards: str = ""
) -> str | Refusal:
    """Return the literal of a value, else why there is none.

    `has_pattern`: the runbook said which values it means. `is_read_again`: the block holds a second shell. `wildcards`: a
    pattern is read here, and these stand for more than themselves in it; without letters and digits any value does.

    >>> literal(Language.SQL, "O'Brien"), literal(Language.SHELL, "OD-1"), literal(Language.JSON, 'a"b')
    ("'O''Brien'", "'OD-1'", '"a\\\\"b"')
    >>> literal(Language.SHELL, "$(id)"), literal(Language.SHELL, "$(id)", has_pattern=True)
    (<Refusal.NOT_PLAIN: 'not_plain'>, "'$(id)'")
    """
    if len(value) > MAX_VALUE_CHARS:
        return Refusal.TOO_LONG
    if wildcards and (any(char in wildcards for char in value) or not any(map(str.isalnum, value))):
        return Refusal.WILDCARD
    if language is Language.JSON:
        return _json(value)
    if any(map(is_control, value)):
        return Refusal.CONTROL
    if any(map(is_hidden, value)):
        return Refusal.HIDDEN
    if (folded := _find_folded(value)) is not None:
        return folded
    if language is Language.SQL:
        return "'" + value.replace("'", "''") + "'"
    return _shell(value, has_pattern=has_pattern, is_read_again=is_read_again)


def _find_folded(value: str) -> Refusal | None:
    """Say whether a value holds a backslash, or what another character set makes one or a quote of."""
    if "\\" in value:  # MySQL and fish escape by it within quotes, others do not: no reading is safe for both
        return Refusal.BACKSLASH
    if any(map(is_backslash_like, value)):
        return Refusal.BACKSLASH_LIKE
    return Refusal.QUOTE_LIKE if any(map(is_quote_like, value)) else None


def _shell(value: str, *, has_pattern: bool, is_read_again: bool) -> str | Refusal:
    if value.startswith("-") and not has_pattern:
        return Refusal.HYPHEN
    if not _PLAIN.match(value) and (is_read_again or not has_pattern):
        return Refusal.READ_AGAIN if has_pattern else Refusal.NOT_PLAIN
    return "'" + value.replace("'", "'\"'\"'") + "'"


def _json(value: str) -> str:
    """All in ASCII, and nothing that HTML or a shell's quotes would see."""
    written = json.dumps(value, ensure_ascii=True)
    return "".join(f"\\u{ord(char):04x}" if char in "<>&'\x7f" else char for char in written)
