"""What is wrong with a policy's text: where, what was given, what is allowed, and what may have been meant."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

MAX_GIVEN_CHARS = 60


class MistakeKind(StrEnum):
    """One word for what is wrong; pages have a sentence for each."""

    SYNTAX = "syntax"
    """It is no TOML."""
    MISSING = "missing"
    UNKNOWN_KEY = "unknown_key"
    WRONG_TYPE = "wrong_type"
    NOT_ALLOWED = "not_allowed"
    """Not one of the values there are."""
    OUT_OF_RANGE = "out_of_range"
    TOO_LONG = "too_long"
    TOO_MANY = "too_many"
    EMPTY = "empty"
    BAD_SHAPE = "bad_shape"
    BAD_TEXT = "bad_text"
    """Braces that are not closed."""
    MUST_NOT_SPLIT = "must_not_split"
    """An environment, a host or a release."""
    NAME_TAKEN = "name_taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One thing that is wrong."""

    kind: MistakeKind
    line: int
    """From 1."""
    path: str = ""
    """Dotted, rules and entries counted from 1: `rules.2.when.servce`."""
    given: str = ""
    """Shortened."""
    allowed: tuple[str, ...] = ()
    """What may stand there: names, or one phrase such as `true or false`."""
    meant: str = ""
    """The allowed name that is most like the given one."""
    note: str = ""
    """A sentence of whoever found it (TOML's reader, a shape's)."""


def render_mistake(mistake: Mistake) -> str:
    """Return the mistake in one or two sentences."""
    allowed = _listed(mistake.allowed)
    words = _SENTENCES[mistake.kind].format(path=mistake.path, given=mistake.given, allowed=allowed, note=mistake.note)
    meant = f" Did you mean {mistake.meant}?" if mistake.meant else ""
    return f"line {mistake.line}: {words}{meant}"


def find_meant(given: str, allowed: Iterable[str]) -> str:
    """Return the allowed name that somebody may have meant, "" when none is like it."""
    return next(iter(get_close_matches(given, list(allowed), 1, 0.6)), "")


def shortened(given: object) -> str:
    """Return a given value as it is shown."""
    text = given if isinstance(given, str) else str(given).lower() if isinstance(given, bool) else repr(given)
    return text if len(text) <= MAX_GIVEN_CHARS else f"{text[: MAX_GIVEN_CHARS - 1]}…"


def _listed(allowed: tuple[str, ...]) -> str:
    return allowed[0] if len(allowed) == 1 else f"{', '.join(allowed[:-1])} or {allowed[-1]}" if allowed else ""


_SENTENCES = {
    MistakeKind.SYNTAX: "This is no TOML: {note}",
    MistakeKind.MISSING: "{path} is missing; allowed is {allowed}.",
    MistakeKind.UNKNOWN_KEY: "There is no {path}; here may stand {allowed}.",
    MistakeKind.WRONG_TYPE: "{path} must be {allowed}, not {given}.",
    MistakeKind.NOT_ALLOWED: "{path} cannot be {given}; allowed is {allowed}.",
    MistakeKind.OUT_OF_RANGE: "{path} must be {allowed}, not {given}.",
    MistakeKind.TOO_LONG: "{path} is too long: it may have {allowed}.",
    MistakeKind.TOO_MANY: "{path} has too many entries: there may be {allowed}.",
    MistakeKind.EMPTY: "{path} is empty.",
    MistakeKind.BAD_SHAPE: "{path} is no shape of a variable. {note}",
    MistakeKind.BAD_TEXT: "{path} has braces that do not close: {given}.",
    MistakeKind.MUST_NOT_SPLIT: "{path} names {given}: an issue spans all environments, hosts and releases, so these are no condition and no part.",
    MistakeKind.NAME_TAKEN: "{path}: another rule is called {given}.",
}
