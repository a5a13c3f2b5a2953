"""Runbooks in the reader's words: states, what is wrong with a text, why a value is not filled in, why one is refused."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from mukiau.stores.work.runbooks import (
    BadCode,
    CommentKind,
    EditConflict,
    NoFingerprints,
    NotPublishable,
    OwnReview,
    Review,
    RunbookRefused,
    RunbookState,
    UnknownRunbook,
)
from mukiau.work.runbooks.filling import Unfilled
from mukiau.work.runbooks.literals import Refusal
from mukiau.work.runbooks.problems import ProblemKind, TextProblem
from mukiau.work.runbooks.rules import Aspect

STATES: dict[str, Promise] = {
    RunbookState.DRAFT: pgettext_lazy("runbook", "Draft"),
    RunbookState.PUBLISHED: pgettext_lazy("runbook", "In force"),
    RunbookState.RETIRED: pgettext_lazy("runbook", "Retired"),
}
REVIEWS: dict[str, Promise] = {
    Review.NONE: gettext_lazy("Not reviewed yet"),
    Review.APPROVED: gettext_lazy("Reviewed"),
    Review.CHANGES_WANTED: gettext_lazy("Changes wanted"),
}
COMMENTS: dict[str, Promise] = {
    CommentKind.COMMENT: gettext_lazy("Comment"),
    CommentKind.DID_NOT_HELP: gettext_lazy("Did not help"),
    CommentKind.IMPROVE: gettext_lazy("Improve this"),
}
PROPOSALS: dict[str, Promise] = {
    "handle_each": gettext_lazy("Handle every occurrence"),
    "handle_batch": gettext_lazy("Handle together, once a day"),
    "watch": gettext_lazy("Watch"),
}
ASPECTS: dict[Aspect, Promise] = {
    Aspect.SERVICE: gettext_lazy("Service"),
    Aspect.TYPE: gettext_lazy("Exception type"),
    Aspect.CODE: gettext_lazy("Error code"),
    Aspect.MESSAGE: gettext_lazy("Message"),
    Aspect.LOGGER: gettext_lazy("Logger"),
    Aspect.FINGERPRINT: gettext_lazy("Fingerprint"),
}
_PROBLEMS: dict[ProblemKind, Promise] = {
    ProblemKind.NOT_YAML: gettext_lazy("The front matter cannot be read as YAML: %(given)s"),
    ProblemKind.NOT_CLOSED: gettext_lazy("The front matter has no closing line of ---."),
    ProblemKind.TOO_LONG: gettext_lazy("This is too long: %(given)s"),
    ProblemKind.UNKNOWN_KEY: gettext_lazy("There is no setting “%(given)s”; it is left out."),
    ProblemKind.NOT_ALLOWED: gettext_lazy("“%(given)s” cannot stand here."),
    ProblemKind.NO_TITLE: gettext_lazy("The runbook has no title."),
    ProblemKind.BAD_ADDRESS: gettext_lazy("“%(given)s” is no address that begins with http:// or https://."),
    ProblemKind.BAD_DATE: gettext_lazy("“%(given)s” is no date; write it as 2027-03-31."),
    ProblemKind.BAD_MINUTES: gettext_lazy("“%(given)s” is no number of minutes from 1 to 1440."),
    ProblemKind.EMPTY_RULE: gettext_lazy("This match rule has no condition."),
    ProblemKind.WIDE_RULE: gettext_lazy("This match rule would match every error."),
    ProblemKind.BAD_VARIABLE: gettext_lazy("%(given)s is no variable; it stays as it is."),
    ProblemKind.BAD_PATTERN: gettext_lazy("“%(given)s” cannot be read as a regular expression."),
    ProblemKind.VARIABLE_IN_QUOTES: gettext_lazy(
        "%(given)s stands within quotes, a comment or a substitution. The value brings its own quotes: take yours away."
    ),
    ProblemKind.MANY_VARIABLES: gettext_lazy(
        "The block with %(given)s holds more than 200 variables, and none of them is filled in. Make two blocks of it."
    ),
    ProblemKind.VARIABLE_TOUCHES: gettext_lazy(
        "%(given)s touches a character that would change how its value is read; put a blank between them."
    ),
}
_UNFILLED: dict[Refusal, Promise] = {
    Refusal.MISSING: gettext_lazy("This occurrence has no such value."),
    Refusal.NO_MATCH: gettext_lazy("The value does not look as this runbook expects."),
    Refusal.TOO_LONG: gettext_lazy("The value is too long for a statement."),
    Refusal.CONTROL: gettext_lazy("The value holds control characters or line ends."),
    Refusal.HIDDEN: gettext_lazy("The value holds characters that cannot be seen."),
    Refusal.BACKSLASH: gettext_lazy("The value holds a backslash, which some programs take for an escape."),
    Refusal.BACKSLASH_LIKE: gettext_lazy(
        "The value holds a character (such as ¥) that some character sets make a backslash of."
    ),
    Refusal.QUOTE_LIKE: gettext_lazy("The value holds a character that some databases take for a quote."),
    Refusal.HYPHEN: gettext_lazy("The value begins with a hyphen and would be read as an option."),
    Refusal.NOT_PLAIN: gettext_lazy(
        "A command is given only letters, digits and ._:/@%+=,- unless the variable says by match: what it expects."
    ),
    Refusal.READ_AGAIN: gettext_lazy(
        "The block holds a program that reads its words again, for which only plain letters and digits are safe."
    ),
    Refusal.WILDCARD: gettext_lazy(
        "The value holds a wildcard (such as * or _), and a pattern is read here: it would find more than itself."
    ),
    Refusal.DOTS: gettext_lazy("The value holds . or .. as a part of a path, and the address would lead elsewhere."),
    Refusal.PLACE: gettext_lazy("No value can stand safely in this place of the text."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownProblem:
    """One thing that is wrong with a text."""

    line: int
    text: str
    """The line itself."""
    says: str


def problem_words(one: TextProblem) -> str:
    """Return what is wrong in one or two sentences."""
    return str(_PROBLEMS[one.kind]) % {"given": one.given}


def shown_problems(text: str, problems: tuple[TextProblem, ...]) -> tuple[ShownProblem, ...]:
    """Return problems with the lines they stand on."""
    lines = text.splitlines()
    return tuple(
        ShownProblem(
            line=one.line, text=lines[one.line - 1].strip() if one.line <= len(lines) else "", says=problem_words(one)
        )
        for one in problems
    )


def unfilled_words(one: Unfilled) -> str:
    """Return why a value is not filled in."""
    return str(_UNFILLED[one.reason])


def refusal_words(refusal: RunbookRefused) -> str:
    """Return why a runbook stays as it is."""
    say = _REFUSALS.get(type(refusal))
    return say(refusal) if say else str(refusal)


_REFUSALS: dict[type[RunbookRefused], Callable[[Any], str]] = {
    UnknownRunbook: lambda _refusal: _("There is no such runbook, or no such version of it."),
    BadCode: lambda refusal: (
        _("%(code)s cannot be used: a code begins with 2 to 10 capital letters or digits.") % {"code": refusal.code}
    ),
    EditConflict: lambda refusal: (
        _(
            "%(author)s has saved version %(number)s while you were writing. Your text is still below: compare, bring the two together, and save again."
        )
        % {"author": refusal.author, "number": refusal.number}
    ),
    NotPublishable: lambda refusal: (
        _("Line %(line)s has to be mended first: %(says)s")
        % {"line": refusal.problems[0].line, "says": problem_words(refusal.problems[0])}
    ),
    OwnReview: lambda _refusal: _("You wrote this version; somebody else has to review it."),
    NoFingerprints: lambda _refusal: _("This issue is not there any more."),
}
