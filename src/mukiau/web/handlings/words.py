"""States and refusals of handlings in people's words."""

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mukiau.stores.work.handling_refusals import (
    BadMinutes,
    CannotBeDone,
    HandlingConflict,
    HandlingRefused,
    NothingToUndo,
    OpenedAgain,
    ReasonMissing,
    UnknownHandling,
)
from mukiau.work.handling import Outcome, State

STATE_NAMES: dict[State, Promise] = {
    State.OPEN: _("To do"),
    State.IN_PROGRESS: _("In progress"),
    State.WAITING: _("Waiting for a request"),
    State.DONE: _("Handled"),
    State.NOT_NEEDED: _("Not needed"),
}
STATE_SIGNS: dict[State, tuple[str, str]] = {
    State.OPEN: ("ring", ""),
    State.IN_PROGRESS: ("dot", "new"),
    State.WAITING: ("clock", "warn"),
    State.DONE: ("ok", "ok"),
    State.NOT_NEEDED: ("minus", ""),
}
"""Shape and colour of each state's badge."""
OUTCOME_NAMES: dict[Outcome, Promise] = {Outcome.WORKED: _("It worked"), Outcome.DID_NOT_WORK: _("It did not work")}
_REFUSALS: dict[type[HandlingRefused], Promise] = {
    UnknownHandling: _("This handling is not there."),
    ReasonMissing: _("Say why nothing is needed."),
    BadMinutes: _("The minutes have to be a number from 0 to 1440."),
    NothingToUndo: _("There is nothing to undo any more."),
    HandlingConflict: _(
        "Somebody else has changed this meanwhile. Nothing was overwritten, and what you wrote still stands below."
    ),
}


def refusal_words(refusal: HandlingRefused) -> str:
    """Return why something was not done, as a sentence."""
    if isinstance(refusal, CannotBeDone):
        return gettext("This cannot be done now: %(state)s.") % {"state": STATE_NAMES[refusal.state]}
    if isinstance(refusal, OpenedAgain):
        number = {"id": refusal.other_id}
        return gettext("Handling #%(id)s is open for the same by now. Go on there.") % number
    return str(_REFUSALS[type(refusal)])
