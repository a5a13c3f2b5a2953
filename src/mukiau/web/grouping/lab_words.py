"""The grouping lab in the reader's words: what is wrong with a draft, where a run stands, why something is refused."""

import re
from collections.abc import Callable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from mukiau.core.grouping.effect import ChangeKind
from mukiau.core.grouping.learning import least_of
from mukiau.core.grouping.policy_mistakes import Mistake, MistakeKind
from mukiau.stores.lab.objections import Why
from mukiau.stores.lab.policies import SavedPolicy
from mukiau.stores.lab.runs import (
    AlreadyInForce,
    AnotherAtWork,
    BuiltOn,
    CannotUndo,
    NotAtWork,
    NotReady,
    OtherVersionInForce,
    PeopleAtWork,
    RunRefused,
    RunState,
    Step,
    UnknownRun,
)
from mukiau.web.grouping.note_words import note_words

STATES: dict[RunState, Promise] = {
    RunState.WAITING: gettext_lazy("Waiting to start"),
    RunState.REPLAYING: gettext_lazy("Trying"),
    RunState.READY: gettext_lazy("Ready to look at"),
    RunState.APPLYING: gettext_lazy("Being put in force"),
    RunState.APPLIED: gettext_lazy("Put in force"),
    RunState.UNDOING: gettext_lazy("Being undone"),
    RunState.UNDONE: gettext_lazy("Undone"),
    RunState.STOPPED: gettext_lazy("Stopped"),
    RunState.FAILED: gettext_lazy("Failed"),
}
SIGNS: dict[RunState, str] = {
    RunState.READY: "ring",
    RunState.APPLIED: "ok",
    RunState.UNDONE: "minus",
    RunState.STOPPED: "minus",
    RunState.FAILED: "warn",
}
STEPS: dict[Step, Promise] = {
    Step.NONE: gettext_lazy("The work begins in a moment."),
    Step.REPLAY: gettext_lazy("Stored events are grouped by the draft, to see what would change."),
    Step.CATCH_UP: gettext_lazy("Events that arrived since the trial are read."),
    Step.SPLIT: gettext_lazy("Fingerprints are prepared. Nothing can be seen of it yet."),
    Step.FLIP: gettext_lazy("Issues are exchanged."),
}
OBJECTIONS: dict[str, Promise] = {
    Why.SPLITS: gettext_lazy(
        "It would split issues, too, so it was not put in force by itself. Look at what it changes first."
    ),
    Why.JOINS_OTHERS: gettext_lazy(
        "It would join other issues, too, so it was not put in force by itself. Look at what it changes first."
    ),
    Why.JOINS_NOTHING: gettext_lazy("It would join nothing: for these messages another rule acts first."),
}
"""Why a learned version is not in force."""
KINDS: dict[ChangeKind, Promise] = {
    ChangeKind.SPLIT: pgettext_lazy("change", "Split"),
    ChangeKind.MERGED: pgettext_lazy("change", "Merged"),
    ChangeKind.REARRANGED: pgettext_lazy("change", "Rearranged"),
}
_MISTAKES: dict[MistakeKind, Promise] = {
    MistakeKind.SYNTAX: gettext_lazy("This cannot be read as TOML: %(note)s"),
    MistakeKind.MISSING: gettext_lazy("%(path)s is missing. Allowed: %(allowed)s"),
    MistakeKind.UNKNOWN_KEY: gettext_lazy("There is no setting %(path)s. Allowed here: %(allowed)s"),
    MistakeKind.WRONG_TYPE: gettext_lazy("%(path)s cannot be %(given)s. Allowed: %(allowed)s"),
    MistakeKind.NOT_ALLOWED: gettext_lazy("%(path)s cannot be %(given)s. Allowed: %(allowed)s"),
    MistakeKind.OUT_OF_RANGE: gettext_lazy("%(path)s cannot be %(given)s. Allowed: %(allowed)s"),
    MistakeKind.TOO_LONG: gettext_lazy("%(path)s is too long. Allowed: %(allowed)s"),
    MistakeKind.TOO_MANY: gettext_lazy("%(path)s has too many entries. Allowed: %(allowed)s"),
    MistakeKind.EMPTY: gettext_lazy("%(path)s is empty."),
    MistakeKind.BAD_SHAPE: gettext_lazy("%(path)s does not describe a changing part. %(note)s"),
    MistakeKind.BAD_TEXT: gettext_lazy("Braces in %(path)s are not closed: %(given)s"),
    MistakeKind.MUST_NOT_SPLIT: gettext_lazy(
        "%(path)s names %(given)s. An issue spans all environments, hosts and releases, so these cannot be used."
    ),
    MistakeKind.NAME_TAKEN: gettext_lazy("%(path)s: another rule is called %(given)s."),
}
_PHRASES: dict[str, Promise] = {
    "a table": gettext_lazy("a table"),
    "a text": gettext_lazy("a text"),
    "a short text": gettext_lazy("a short text"),
    "a text or a list of texts": gettext_lazy("a text or a list of texts"),
    "true or false": gettext_lazy("true or false"),
    "one line of visible characters": gettext_lazy("one line of visible characters"),
    "at least one condition": gettext_lazy("at least one condition"),
    "32 hex digits": gettext_lazy("32 hex digits"),
}
_NUMBERED: dict[str, Promise] = {
    r"a whole number from (?P<least>\d+) to (?P<most>\d+)": gettext_lazy("a whole number from %(least)s to %(most)s"),
    r"at most (?P<most>[\d,]+) characters": gettext_lazy("at most %(most)s characters"),
    r"at most (?P<most>\d+)": gettext_lazy("at most %(most)s"),
}
"""What stands as a phrase among the allowed values; names and values stay as they are."""
_REFUSALS: dict[type[RunRefused], Callable[[Any], str]] = {
    UnknownRun: lambda told: _("There is no run %(id)s.") % {"id": told.run_id},
    AlreadyInForce: lambda told: (
        _("This text is version %(version)s, which is in force already. Change something to try it.")
        % {"version": told.version}
    ),
    AnotherAtWork: lambda told: (
        _("Run %(id)s is at work. Stop it first, or wait until it is done.") % {"id": told.run_id}
    ),
    NotReady: lambda told: _("Only a run that is ready can be put in force."),
    OtherVersionInForce: lambda told: (
        _("The run compared with version %(base)s, and version %(version)s is in force now. Try the draft again.")
        % {"base": told.base_version, "version": told.version}
    ),
    CannotUndo: lambda told: _("Only the version that was put in force last can be undone."),
    BuiltOn: lambda told: (
        _("Change %(later)s was made by hand later and builds on this one. Undo that one first.")
        % {"later": told.later}
    ),
    PeopleAtWork: lambda told: _("Somebody works on one of the issues that would be joined, so they stay as they are."),
    NotAtWork: lambda told: _("The run is not at work, so there is nothing to stop."),
}


def mistake_words(mistake: Mistake) -> str:
    """Return what is wrong, and what may have been meant; the line is said beside it."""
    facts = {
        "path": mistake.path,
        "given": mistake.given,
        "note": note_words(mistake.note),
        "allowed": _(", ").join(_allowed(one) for one in mistake.allowed),
    }
    said = str(_MISTAKES[mistake.kind]) % facts
    meant = _("Did you mean %(meant)s?") % {"meant": mistake.meant}
    return f"{said} {meant}" if mistake.meant else said


def _allowed(phrase: str) -> str:
    for pattern, says in _NUMBERED.items():
        if (found := re.fullmatch(pattern, phrase)) is not None:
            return str(says) % found.groupdict()
    return str(_PHRASES.get(phrase, phrase))


def reason_words(policy: SavedPolicy) -> str:
    """Return why a version was made: what its author wrote, or that it was learned."""
    least = least_of(policy.reason) if policy.is_learned else None
    return policy.reason if least is None else _("By mukiau itself: %(least)s words in one place") % {"least": least}


def refusal_words(refusal: RunRefused) -> str:
    """Return why something is refused, in one sentence."""
    say = _REFUSALS.get(type(refusal))
    return str(refusal) if say is None else say(refusal)
