"""What was found wrong with an event: mended or left out here, changed by the sender, or reported by the sender."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from mukiau.core.event import JSONObject
from mukiau.web.event.remarks import Remark
from mukiau.web.event.shapes import brief, items, mapping, text
from mukiau.web.event.sheet import Pairs, Sheet

PROBLEMS_BYTES = 12_000
PROBLEM_BYTES = 260

KINDS: dict[str, str | Promise] = {
    "wrong_type": _("Wrong type"),
    "too_long": _("Too long"),
    "invalid_value": _("Not allowed"),
    "invalid_text": _("Unreadable characters"),
    "invalid_number": _("Unusual number"),
    "clock": _("Wrong clock"),
    "truncated": _("Too many or too large"),
    "unknown_field": _("Unknown field"),
    "unknown_item": _("Unknown item"),
    "reserved_tag": _("Reserved name"),
    "too_deep": _("Nested too deeply"),
    "empty": _("Empty"),
    "more_problems": _("More problems"),
    "not_json": _("Not JSON"),
}

# What the stations that read an event say of it, in their words, with what they say in ours. A test holds this table
# against their source.
NOTES: dict[str, str | Promise] = {
    "Should be a text.": _("Should be a text; kept as one."),
    "Should be a whole number; left out.": _("Should be a whole number; left out."),
    "Should be true or false; left out.": _("Should be true or false; left out."),
    "Should be an object; kept under `value`.": _("Should be an object; kept under “value”."),
    "Should be an object; taken for its `type`.": _("Should be an object; taken for its “type”."),
    "Should be a pair of key and value; left out.": _("Should be a pair of name and value; left out."),
    "Should be a list of objects.": _("Should be a list of objects."),
    "Should be a list of source lines.": _("Should be a list of source lines."),
    "Should be a list or an object.": _("Should be a list or an object."),
    "Should be a list of texts; left out.": _("Should be a list of texts; left out."),
    "Should be a stack trace; left out.": _("Should be a stack trace; left out."),
    "Should be a frame; left out.": _("Should be a frame; left out."),
    "The event should be an object; kept as its message.": _("The event should be an object; kept as its message."),
    "Nobody here knows this field; kept under `_unknown`.": _("Not a field of the protocol; kept all the same."),
    "An event id has 32 hex digits; left out.": _("An event ID has 32 hexadecimal digits; a new one was given."),
    "Not a level; taken for error.": _("Not a level; taken for “error”."),
    "Not a platform; taken for other.": _("Not a known platform; taken for “other”."),
    "No time can be read from this; the time of arrival stands in.": _(
        "No time can be read from this; the time of arrival stands in."
    ),
    "No time can be read from this; left out.": _("No time can be read from this; left out."),
    "In the future; the time of arrival stands in.": _("In the future; the time of arrival stands in."),
    "The client's clock is wrong; its times were moved.": _("The sender's clock is wrong; its times were corrected."),
    "Not allowed by the protocol; left out.": _("Not allowed by the protocol; left out."),
    "A field has this name; the tag was left out.": _("A field of the event has this name; the tag was left out."),
    "A tag's key has up to 200 of the characters a-z A-Z 0-9 _ . : -.": _(
        "A tag's name has up to 200 of the characters a–z A–Z 0–9 _ . : -; the others were replaced."
    ),
    "An exception without type, value and stack trace; left out.": _(
        "An exception without type, value and stack; left out."
    ),
    "Characters that cannot be stored were replaced.": _("Characters that cannot be stored were replaced."),
    "A number that cannot be stored exactly is kept as text.": _(
        "A number that cannot be stored exactly; kept as text."
    ),
    "Nested too deeply; kept as text.": _("Nested too deeply; kept as text."),
    "Not a JSON value; replaced by its type's name.": _("Not a JSON value; replaced by the name of its type."),
    "Further problems are not listed.": _("Further problems are not listed."),
    "An item of the envelope is of a type nobody here knows; it was skipped.": _(
        "A part of the transmission is of an unknown type; it was skipped."
    ),
    "The event is no JSON.": _("The event is not JSON; kept as its message."),
}
_NUMBERED: tuple[tuple[re.Pattern[str], Callable[[str, str], str]], ...] = (
    (
        re.compile(r"The middle of the log entry is left out: (\d+) lines\."),
        lambda n, _m: (
            ngettext(
                "The log entry is very long; %(n)s line of its middle was left out.",
                "The log entry is very long; %(n)s lines of its middle were left out.",
                int(n),
            )
            % {"n": _grouped(n)}
        ),
    ),
    (
        re.compile(r"Cut to (\d+) characters\."),
        lambda n, _m: ngettext("Cut to %(n)s character.", "Cut to %(n)s characters.", int(n)) % {"n": _grouped(n)},
    ),
    (
        re.compile(r"Cut to (\d+) characters and (\d+) levels\."),
        lambda n, m: gettext("Cut to %(n)s characters and %(m)s levels.") % {"n": _grouped(n), "m": m},
    ),
    (
        re.compile(r"Only the oldest (\d+) and the newest (\d+) frames are kept\."),
        lambda n, m: gettext("Only the oldest %(n)s and the newest %(m)s frames are kept.") % {"n": n, "m": m},
    ),
    (
        re.compile(r"Only (?:the )?(?:newest )?(\d+) [a-z ]+ are kept\."),
        lambda n, _m: gettext("Only %(n)s are kept.") % {"n": _grouped(n)},
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemView:
    """Something of the input that was mended or left out."""

    kind: str | Promise
    path: str
    given: str
    note: str | Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Problems:
    """All that is known to be wrong with an event."""

    problems: tuple[ProblemView, ...] = ()
    remarks: tuple[Remark, ...] = ()
    """What the sender cut, removed or scrubbed."""
    reported: tuple[Pairs, ...] = ()
    """Errors the sender met while it made the event."""
    hidden: int = 0

    @property
    def count(self) -> int:
        return len(self.problems) + len(self.remarks) + len(self.reported) + self.hidden


def problems_of(document: JSONObject, sheet: Sheet) -> Problems:
    """Return what is known to be wrong with the event of a stored document."""
    part = sheet.part(PROBLEMS_BYTES)
    found = [mapping(problem) for problem in items(document.get("problems"))]
    errors = items(mapping(document.get("payload")).get("errors"))
    problems = [_problem(problem) for problem in found if part.takes(PROBLEM_BYTES + len(text(problem.get("given"))))]
    remarks = [remark for remark in sheet.remarks.all() if part.takes(PROBLEM_BYTES)]
    reported = [_reported(error, number, part) for number, error in enumerate(errors) if part.takes(PROBLEM_BYTES)]
    every = len(found) + len(sheet.remarks.all()) + len(errors)
    return Problems(
        problems=tuple(problems),
        remarks=tuple(remarks),
        reported=tuple(reported),
        hidden=every - len(problems) - len(remarks) - len(reported),
    )


def _reported(error: object, number: int, sheet: Sheet) -> Pairs:
    return sheet.pairs(error if isinstance(error, dict) else {"error": error}, f"errors.{number}")


def _problem(problem: JSONObject) -> ProblemView:
    kind, note = text(problem.get("kind")), text(problem.get("note"))
    return ProblemView(
        kind=KINDS.get(kind, brief(kind, 40)),
        path=brief(problem.get("path"), 200),
        given=brief(problem.get("given"), 200),
        note=NOTES.get(note) or _numbered(note) or brief(note),
    )


def _numbered(note: str) -> str:
    """Return the words for a note with a number in it; "" when it is none that is known."""
    for pattern, words in _NUMBERED:
        if found := pattern.fullmatch(note):
            return words(found[1], found[pattern.groups])
    return ""


def _grouped(number: str) -> str:
    return f"{int(number):,}"
