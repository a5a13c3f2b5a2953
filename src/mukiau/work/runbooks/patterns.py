"""Where a value would be read as a pattern: behind LIKE, in `grep`, in a wildcard query.

A literal is one value to the language, and `%` in it still stands for anything to LIKE: `DELETE … LIKE '%'`. How a wildcard
is escaped differs from dialect to dialect, so a value that holds one is refused there. The words are looked for in quotes
and comments, too: what is refused by mistake costs an author a moment.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from mukiau.work.runbooks.literals import Language

_OF_LIKE = "%_*?[]^"
_OF_REGEX = _OF_LIKE + ".$+|(){}"
_OF_SHELL = "*?[]^$|(){}"
"""Without the dot: names of files and hosts hold it, and in a regular expression it stands for one character only."""
_OF_QUERY = _OF_REGEX + '~<>:&!"\\'


@dataclass(frozen=True, slots=True)
class _Patterns:
    """The places of one language."""

    begin: re.Pattern[str]
    """Behind it patterns stand; the name of the group that fits says of which kind."""
    end: re.Pattern[str]
    """Up to it."""
    quoted: re.Pattern[str]
    """A `;` or an AND in there ends nothing."""
    wildcards: dict[str, str]
    """Kind → what a value must not hold."""


_QUOTED = r"'[^']*(?:'|\Z)|\"[^\"]*(?:\"|\Z)"
_QUOTES = re.compile(_QUOTED)
_QUOTES_AND_COMMENTS = re.compile(_QUOTED + r"|--[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_PATTERNS = {
    Language.SQL: _Patterns(
        begin=re.compile(
            r"\b(?:(?P<like>i?like\w*|glob|patindex)"
            r"|(?P<regex>similar|rlike|regexp?\w*|match|against|contains\w*|freetext\w*|\w*to_tsquery))\b|(?P<sign>~|@@)",
            re.IGNORECASE,
        ),
        end=re.compile(
            r";|\b(?:and|or|where|from|set|values|select|order|group|limit|union|then|when|else|join|having|returning)\b",
            re.IGNORECASE,
        ),
        quoted=_QUOTES_AND_COMMENTS,
        wildcards={"like": _OF_LIKE, "regex": _OF_REGEX, "sign": _OF_REGEX},
    ),
    Language.SHELL: _Patterns(
        begin=re.compile(
            r"(?:^|(?<=[\s;&|(/]))(?P<shell>[ezp]?grep|rg|ag|ack|pkill|killall|find|fd|locate|expr|KEYS"
            r"|-i?(?:name|path|wholename|regex)|--[\w-]{0,20}(?:pattern|include|exclude|match|glob|grep|regexp?|filter|selector))(?=[\s=])"
        ),
        end=re.compile(r"[;&|]|(?<!\\)\n|\s-\w{0,9}F\w{0,9}\s|--fixed-strings"),
        quoted=_QUOTES,
        wildcards={"shell": _OF_SHELL},
    ),
    Language.JSON: _Patterns(
        begin=re.compile(
            r'"(?P<query>\$?(?:wildcard|regexp?|prefix|like|pattern|glob|\w{0,20}query_string))"\s{0,20}:',
            re.IGNORECASE,
        ),
        end=re.compile(r"\}"),
        quoted=_QUOTES,
        wildcards={"query": _OF_QUERY},
    ),
}


def wildcards_at(language: Language, code: str, starts: Sequence[int]) -> list[str]:
    """Return for each place (sorted) of a block what a value must not hold there; "" where no pattern stands."""
    patterns = _PATTERNS[language]
    begins = list(patterns.begin.finditer(code)) if starts else []
    ends = [begin.end() for begin in begins]
    last = [bisect_right(ends, start) - 1 for start in starts]
    return [
        _wildcards(patterns, code, begins[at], start) if at >= 0 else "" for at, start in zip(last, starts, strict=True)
    ]


def _wildcards(patterns: _Patterns, code: str, begin: re.Match[str], start: int) -> str:
    between = patterns.quoted.sub("''", code[begin.end() : start]) + " "
    return "" if patterns.end.search(between) else patterns.wildcards[begin.lastgroup or ""]
