r"""Secrets known by the name written beside them in a text: `password=…`, `"token": "…"`, `Authorization: …`.

Such pairs stand in messages, URLs, query strings, JSON or Python dictionaries as text, source lines, shell commands. A name
is found by a run of word characters with `=` or `:` after it; what its value is depends on its first character:

    "…" '…' \"…\"   up to the same quote, or to the end of the text where it was cut off
    […] {…}         up to the bracket that closes it
    anything else   up to the next space, quote, bracket or separator; a header's value up to the end of its line

Every position is looked at once, so the time grows with the text and nothing else.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mukiau.core.scrubbing.policy import (
    JAPANESE_PARTS,
    MARK,
    KeyRule,
    ScrubPolicy,
    is_weak_name,
)

_MAX_NAME_CHARS = 128
_NAME = re.compile(
    r"(?<![\w.\-])(?:(?P<option>--[\w\-]++)[ \t]{1,3}|(?P<name>[\w.\-]++)"
    r"(?:(?P<sep>(?:\\{0,7}[\"'])?\]?\s{0,3}(?:=>|:=|=|:|：)\s{0,8})|(?P<comma>\\{0,7}[\"']\s{0,3},\s{0,3})))"
)
_OPEN_QUOTE = re.compile(r"[bBrRuUfF]{0,2}(\\{0,7}[\"'])")
_BARE = re.compile(r"[^\s\"'&;,<>()\[\]{}\\|]+")
_LINE = re.compile(r"[^\r\n\"'\\]+")
_SCHEME = re.compile(
    r"(?:bearer|basic|digest|token|negotiate)[ ]{1,4}(?=[^\s\"'&;,<>()\[\]{}\\|]|\[scrubbed\])", re.IGNORECASE
)
_PLACEHOLDER = re.compile(r"%[sdrif]|%\([\w.]{1,64}\)[sdrif]|\$\d|\?|:[a-z_]{1,64}|\*{2,64}|[xX•]{3,64}|\.{3}|…|-")
_TEMPLATE = re.compile(r"[{\[(]{1,2}[A-Za-z_.!]{0,64}\d?[}\])]{1,2}")
_HARMLESS = frozenset(
    """any bool boolean bytes false int integer nil none null optional str string text true undefined unset void
    empty missing invalid expired required""".split()
)
_REFERENCE = re.compile(r"[A-Za-z_]+(?:\.[A-Za-z_]+){0,8}")
_OWNERS = frozenset(
    "app args cfg conf config ctx env kwargs opts options os params props req request self settings this".split()
)
_PLACE_NUMBER = re.compile(r"\d{1,6}(?=$|[:/.])")
_FILE_NAME = re.compile(
    r"\.(?:java|kt|kts|scala|groovy|py|pyx|js|mjs|cjs|jsx|ts|tsx|vue|cs|fs|vb|go|rb|php|rs|ex|exs|c|cc|cpp|h)$",
    re.IGNORECASE,
)
_NUMBER_WORDS = frozenset({"pin", "otp", "totp", "cvv", "cvc", "ssn"})
_DIGIT = re.compile(r"\d")
_MIN_TOKEN_CHARS = 20
_CLOSERS = {"[": "]", "{": "}", "(": ")"}
_BRACKETS = re.compile(r"[\[\]{}()]")
_HEADERS = ("authorization", "cookie", "x-sentry-auth")

GUARD_WORDS = (
    r"passw|passphrase|passcode|secret|token|session|sessid|cookie|credential|authorization"
    r"|(?:api|access|private|signing|encryption)[_.\-]?key|connection[_.\-]?string|credit[_.\-]?card|card[_.\-]?number"
    r"|csrf|xsrf|connect.sid|" + "|".join(JAPANESE_PARTS)
)
GUARD_SHORT = r"pass|pwd|pw|auth|jwt|otp|totp|pin|cvv|cvc|ssn|sid|bearer|mysqlpwd"
_GUARD_END = r"(?:(?:\\{0,7}[\"'])?\]?\s{0,3}(?:=|:|：)|\\{0,7}[\"']\s{0,3},)"


def guard_of(policy: ScrubPolicy) -> str:
    """Return a pattern without look-around that finds every place where a pair may stand.

    Its repeats are bounded: a backtracking engine may have to run it.
    """
    given = sorted(policy.hash | policy.secret)
    words = "|".join([GUARD_WORDS, *map(re.escape, given)])
    named = rf"(?:(?i:{words})|(?i:(?:^|[^A-Za-z])(?:{GUARD_SHORT}))|[a-z0-9](?:Pass|Pwd|Auth|Pin))[\w.\-]{{0,40}}"
    option = rf"(?i:--[\w\-]{{0,40}}(?:{words}|{GUARD_SHORT})[\w\-]{{0,40}})[ \t]"
    return rf"{named}{_GUARD_END}|{option}"


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a text; a final one is not looked at again."""

    text: str
    is_final: bool = False
    rule: str = ""
    """The rule that struck; empty for text as it was."""


def split_pairs(text: str, policy: ScrubPolicy, rule_of: Callable[[str], KeyRule]) -> Iterator[Segment]:
    """Yield the text in segments, with the values of secret names replaced."""
    at = 0
    for match in _NAME.finditer(text):
        if match.start() < at:
            continue
        name = (match["option"] or match["name"])[-_MAX_NAME_CHARS:].lstrip("-.")
        rule = rule_of(name)
        if rule in (KeyRule.PLAIN, KeyRule.IDENTITY):
            continue
        span = _value_span(text, match, name)
        if span is None or span[0] < at:
            continue
        start, end = span
        segment = _replaced(text[start:end], rule, policy)
        yield Segment(text[at:start])
        yield segment
        at = end
    yield Segment(text[at:])


def _replaced(value: str, rule: KeyRule, policy: ScrubPolicy) -> Segment:
    if rule is KeyRule.KEEP:
        return Segment(value, is_final=True)
    if rule is KeyRule.HASH:
        hashed = policy.hashed(value)
        return Segment(hashed, is_final=True, rule="" if hashed == value else "hash")
    return Segment(MARK, is_final=True, rule="" if value == MARK else "pair")


def _value_span(text: str, match: re.Match[str], name: str) -> tuple[int, int] | None:
    """Return where the value of a name begins and ends; None when there is none worth hiding."""
    at = match.end()
    if match["option"] is not None:
        return _checked(text, _bare_span(text, at, name), name, "=")
    if match["comma"] is not None:
        return _pair_in_brackets(text, match)
    opened = _OPEN_QUOTE.match(text, at)
    if opened is not None:
        return opened.end(), _closing_quote(text, opened.end(), opened[1])
    if text[at : at + 1] in _CLOSERS and at < len(text):
        end = _closing_bracket(text, at)
        return None if _TEMPLATE.fullmatch(text[at:end]) and text[at:end] != MARK else (at, end)
    return _checked(text, _bare_span(text, at, name), name, match["sep"])


def _bare_span(text: str, at: int, name: str) -> tuple[int, int]:
    if name.lower().endswith(_HEADERS):
        line = _LINE.match(text, at)
        return at, (line.end() if line else at)
    scheme = _SCHEME.match(text, at)
    start = scheme.end() if scheme else at
    bare = _BARE.match(text, start)
    return start, (bare.end() if bare else start)


def _checked(text: str, span: tuple[int, int], name: str, separator: str) -> tuple[int, int] | None:
    """Leave out what is no value: nothing, a placeholder, a type, a reference in source code, a word of prose."""
    start, end = span
    value = text[start:end]
    if not value or value.lower() in _HARMLESS or _PLACEHOLDER.fullmatch(value):
        return None
    if value[0] == ":" or value.lower() == name.lower():
        return None  # `Session::Store`, `token=token`
    if _REFERENCE.fullmatch(value) and (text[end : end + 1] == "(" or value.partition(".")[0] in _OWNERS):
        return None  # `get_token()`, `settings.password`
    if separator == ":" and _is_place(name, value, is_host=text[: start - len(name) - 1].endswith("/")):
        return None
    is_prose = separator[-1].isspace() and "=" not in separator and is_weak_name(name)
    return None if is_prose and len(value) < _MIN_TOKEN_CHARS and not _DIGIT.search(value) else span


def _is_place(name: str, value: str, *, is_host: bool) -> bool:
    """Tell `Session.java:631` and `auth-service:8080` from a name and its value."""
    number = _PLACE_NUMBER.match(value)
    if number is None:
        return False
    if _FILE_NAME.search(name):
        return True
    words = set(re.split(r"[-_.]", name.lower()))
    return is_host or (len(words) > 1 and is_weak_name(name) and words.isdisjoint(_NUMBER_WORDS))


def _pair_in_brackets(text: str, match: re.Match[str]) -> tuple[int, int] | None:
    """A pair as a tuple or a list of two: `('password', '…')`."""
    before = match.start() - 1
    while before >= 0 and text[before] in "\\\"'":
        before -= 1
    opened = _OPEN_QUOTE.match(text, match.end())
    if opened is None or before < 0 or text[before] not in "([":
        return None
    end = _closing_quote(text, opened.end(), opened[1])
    after = end + len(opened[1])
    return (opened.end(), end) if text[after : after + 1] in (_CLOSERS[text[before]], "") else None


def _closing_quote(text: str, at: int, quote: str) -> int:
    """Return where a quoted value ends; the end of the text when nothing closes it."""
    level = len(quote) - 1
    while (end := text.find(quote[-1], at)) >= 0:
        backslashes = end
        while backslashes > 0 and text[backslashes - 1] == "\\":
            backslashes -= 1
        if end - backslashes == level or (level and end - backslashes < level):
            return max(backslashes, at) if level else end
        if not level and (end - backslashes) % 2 == 0:
            return end
        at = end + 1
    return len(text)


def _closing_bracket(text: str, at: int) -> int:
    """Return the position after the bracket that closes the one at `at`; the end of the text when none does."""
    depth = 0
    for match in _BRACKETS.finditer(text, at):
        depth += 1 if match.group() in _CLOSERS else -1
        if depth == 0:
            return match.end()
    return len(text)
