"""What decisions, reasons and refusals are called on screen."""

import json

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from mukiau.stores.queries.inbox import InboxView
from mukiau.stores.work.decisions import ChangedSince, NoSuchIssue, WorkRefused
from mukiau.web.inbox.acts import PartlyDone
from mukiau.work.decisions import Decision, Mistake, Why
from mukiau.work.watching import Fired

DECISION_NAMES: dict[str, Promise] = {
    Decision.NONE_YET: _("Not decided"),
    Decision.HANDLE_EACH: _("Handle each"),
    Decision.HANDLE_BATCH: _("Handle in batches"),
    Decision.WATCH: _("Watch"),
}
WHY_NAMES: dict[str, Promise] = {
    Why.NEW: _("New"),
    Why.REGRESSED: _("Regressed"),
    Why.CONDITION: _("Condition met"),
    Why.REVIEW: _("Review due"),
}
FIRED_NAMES: dict[str, Promise] = {
    Fired.PER_HOUR: _("more events an hour than allowed"),
    Fired.PER_DAY: _("more events a day than allowed"),
    Fired.UNTIL: _("the day has come"),
    Fired.RELEASE: _("the release has arrived"),
    Fired.CUSTOMERS: _("more customers are hit than allowed"),
    Fired.ABOVE_USUAL: _("more than usual"),
}
VIEW_NAMES: dict[InboxView, Promise] = {
    InboxView.NEEDED: _("Needs decision"),
    InboxView.WAITING: pgettext_lazy("inbox", "Waiting"),
    InboxView.MINE: _("Mine"),
    InboxView.WATCHED: _("Watched"),
    InboxView.ALL: _("All"),
}
MISTAKES: dict[Mistake, Promise] = {
    Mistake.NO_SCOPE: _("Choose at least one purpose the decision holds for."),
    Mistake.NO_REASON: _("Watching needs a reason: whoever comes next has to know why nothing is done."),
    Mistake.NO_REVIEW: _("Watching without a condition needs a day on which somebody looks at it again."),
    Mistake.FOR_EVER: _("Give a condition; only administrators have an issue watched without one."),
    Mistake.PAST: _("The day has to lie in the future."),
}


def details_words(why: str, details: str) -> str:
    """Return why an issue needs a decision, in a few words; empty where the badge says it all."""
    given = json.loads(details) if details else {}
    if why == Why.CONDITION:
        return str(FIRED_NAMES.get(given.get("condition", ""), ""))
    return gettext("in %(environment)s") % {"environment": given["environment"]} if "environment" in given else ""


def refusal_words(refusal: Exception) -> str:
    """Return why nothing was changed, or nothing more."""
    if isinstance(refusal, PartlyDone):
        return gettext("The others stay as they were: %(why)s") % {"why": refusal_words(refusal.why)}
    if isinstance(refusal, ChangedSince):
        return gettext("Somebody has changed issue #%(issue)s in the meantime; look at it again.") % {
            "issue": refusal.issue_id
        }
    if isinstance(refusal, NoSuchIssue):
        return gettext("Issue #%(issue)s is not there any more.") % {"issue": refusal.issue_id}
    if isinstance(refusal, WorkRefused):
        return gettext("This cannot be undone any more.")
    return gettext("nothing can be written at the moment.")
