"""What requests, their states and acts are called, and why somebody may not do something."""

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from mukiau.stores.work import request_refusals as refusals
from mukiau.work.request_content import Gap
from mukiau.work.requests import TABLE, Act, Kind, Side, Standing, State, Who, Why

KIND_NAMES: dict[Kind, Promise] = {
    Kind.WRITE_RUNBOOK: _("Write a runbook"),
    Kind.DATA_CORRECTION: _("Data correction"),
    Kind.INVESTIGATE: _("Investigation"),
    Kind.FIX: _("Fix"),
    Kind.INFORM_CUSTOMER: _("Inform the customer"),
    Kind.CUSTOMER_INQUIRY: _("Customer's inquiry"),
}
KIND_HELP: dict[Kind, Promise] = {
    Kind.WRITE_RUNBOOK: _("Operators ask developers to say what an error means, whether to act, and how."),
    Kind.DATA_CORRECTION: _("An exact statement that somebody else approves and an operator runs on production."),
    Kind.INVESTIGATE: _("Find out why something happens; with a statement to run on production where one is needed."),
    Kind.FIX: _("Make the error stop for good."),
    Kind.INFORM_CUSTOMER: _("Customer support tells a customer what happened and what was done."),
    Kind.CUSTOMER_INQUIRY: _("A customer asks something; whoever runs or writes the service answers it."),
}
SIDE_NAMES: dict[Side, Promise] = {
    Side.DEVELOPMENT: _("Developers"),
    Side.OPERATIONS: _("Operators"),
    Side.SUPPORT: _("Customer support"),
}
STATE_NAMES: dict[State, Promise] = {
    State.DRAFT: pgettext_lazy("request", "Draft"),
    State.ASKED: pgettext_lazy("request", "Asked"),
    State.APPROVED: pgettext_lazy("request", "Approved"),
    State.RUNNING: pgettext_lazy("request", "Being done"),
    State.TO_VERIFY: pgettext_lazy("request", "To verify"),
    State.DONE: pgettext_lazy("request", "Done"),
    State.SENT_BACK: pgettext_lazy("request", "Sent back"),
    State.DECLINED: pgettext_lazy("request", "Declined"),
    State.WITHDRAWN: pgettext_lazy("request", "Withdrawn"),
}
STATE_SIGNS: dict[State, tuple[str, str]] = {
    State.DRAFT: ("ring", ""),
    State.ASKED: ("new", "new"),
    State.APPROVED: ("ok", ""),
    State.RUNNING: ("clock", "warn"),
    State.TO_VERIFY: ("dot", "new"),
    State.DONE: ("ok", "ok"),
    State.SENT_BACK: ("arrows", "warn"),
    State.DECLINED: ("cross", ""),
    State.WITHDRAWN: ("minus", ""),
}
"""Shape and colour of a state's badge."""
ACT_NAMES: dict[Act, Promise] = {
    Act.EDIT: pgettext_lazy("request", "Change"),
    Act.ASK: pgettext_lazy("request", "Ask"),
    Act.APPROVE: pgettext_lazy("request", "Approve"),
    Act.DECLINE: pgettext_lazy("request", "Decline"),
    Act.SEND_BACK: pgettext_lazy("request", "Send back"),
    Act.START: pgettext_lazy("request", "Begin"),
    Act.TAKE_OVER: pgettext_lazy("request", "Take over"),
    Act.PUT_DOWN: pgettext_lazy("request", "Put down again"),
    Act.REPORT: pgettext_lazy("request", "Report the result"),
    Act.VERIFY: pgettext_lazy("request", "It is good: verified"),
    Act.NOT_YET: pgettext_lazy("request", "Not good yet"),
    Act.WITHDRAW: pgettext_lazy("request", "Withdraw"),
}
ACT_HELP: dict[Act, Promise] = {
    Act.DECLINE: _("It will not be done. The reason goes to whoever asked."),
    Act.SEND_BACK: _("Something is missing or unclear. Whoever asked changes it and asks again."),
    Act.TAKE_OVER: _("You go on with it instead of the person who began."),
    Act.PUT_DOWN: _("Nothing was run. It waits for whoever begins next."),
    Act.NOT_YET: _("It is asked again, and has to be approved again before anything is run a second time."),
    Act.WITHDRAW: _("It is no longer needed."),
}
PAST: dict[str, Promise] = {
    "file": _("wrote it down"),
    Act.EDIT: _("changed it"),
    Act.ASK: _("asked for it"),
    Act.APPROVE: _("approved it"),
    Act.DECLINE: _("declined it"),
    Act.SEND_BACK: _("sent it back"),
    Act.START: _("began"),
    Act.TAKE_OVER: _("took it over"),
    Act.PUT_DOWN: _("put it down again"),
    Act.REPORT: _("reported the result"),
    Act.VERIFY: _("verified it"),
    Act.NOT_YET: _("found it not good yet"),
    Act.WITHDRAW: _("withdrew it"),
}
"""What somebody did, in the history."""
FIELD_NAMES: dict[str, Promise] = {
    "title": _("What is needed"),
    "side": _("Asked of"),
    "body": _("Description"),
    "statement": _("Statement"),
    "expected_rows": _("Expected rows"),
    "rollback": _("How to take it back"),
    "evidence": _("Evidence"),
    "service": _("Service"),
    "customer": _("Customer"),
    "environment": _("Environment"),
    "due_ms": _("Due"),
    "note": _("Reason"),
    "result": _("Result"),
    "actual_rows": _("Changed rows"),
    "minutes": _("Minutes"),
    "occurrences": _("Occurrences"),
}


def why_words(why: Why, standing: Standing) -> str:
    """Say why somebody may not do what has to happen next."""
    said = {
        Why.NOT_NOW: gettext("That is not possible in this state."),
        Why.OWN: gettext("You asked for this yourself; somebody else has to agree."),
        Why.NOT_REQUESTER: gettext("Only whoever asked can do that."),
        Why.NOT_EXECUTOR: gettext("Only whoever is carrying it out can do that."),
        Why.OTHER_SIDE: gettext("It is asked of others: %(side)s.") % {"side": SIDE_NAMES[standing.side]},
        Why.NEEDS_OPERATOR: gettext("It touches production: only operators approve and carry it out."),
        Why.APPROVAL_FIRST: gettext("It touches production and has to be approved first."),
        Why.HAS_IT: gettext("You have it already."),
    }
    return said[why]


def turn_words(standing: Standing, act: Act, names: dict[str, str]) -> str:
    """Say whose turn it is; `names` are those of the requester and the executor."""
    who = TABLE[standing.state, act].who
    if who in {Who.REQUESTER, Who.REQUESTER_OR_ADMIN}:
        return gettext("The turn of %(name)s, who asked.") % {"name": names["requester"]}
    if who is Who.EXECUTOR:
        return gettext("The turn of %(name)s, who is carrying it out.") % {"name": names["executor"]}
    if who is Who.OTHER:
        said = gettext("The turn of somebody else than %(name)s: %(side)s.")
        return said % {"name": names["requester"], "side": SIDE_NAMES[standing.side]}
    return gettext("The turn of: %(side)s.") % {"side": SIDE_NAMES[standing.side]}


def gap_words(gap: Gap) -> str:
    """Say what has to be filled in."""
    said = {
        Gap.TITLE: gettext("Say in one line what is needed."),
        Gap.SIDE: gettext("Choose who is asked."),
        Gap.STATEMENT: gettext("Write the exact statement."),
        Gap.EXPECTED_ROWS: gettext("Say how many rows it should change."),
        Gap.ROLLBACK: gettext("Say how to take it back."),
        Gap.ENVIRONMENT: gettext("Say in which environment it is run."),
    }
    return said[gap]


def refusal_words(refusal: refusals.RequestRefused, standing: Standing | None = None) -> str:
    """Say in the reader's language why nothing was done."""
    match refusal:
        case refusals.Conflict():
            said = gettext("%(name)s changed this request meanwhile. Look at it as it is now; nothing was overwritten.")
            return said % {"name": refusal.changed_by}
        case refusals.NotAllowed() if standing is not None:
            return why_words(refusal.why, standing)
        case refusals.Incomplete():
            return " ".join(gap_words(gap) for gap in refusal.gaps)
        case refusals.NoteMissing():
            return gettext("Say why: whoever asked needs to know.")
        case refusals.ResultMissing():
            return gettext("Say what came of it: paste what was printed.")
        case refusals.HiddenCharacter():
            said = gettext(
                "The statement holds the invisible character U+%(code)s. Take it out: what is approved has to be what is read."
            )
            return said % {"code": f"{ord(refusal.char):04X}"}
        case refusals.TooMuch():
            names = gettext(", ").join(str(FIELD_NAMES.get(name, name)) for name in refusal.names)
            return gettext("Too long: %(fields)s. Nothing is cut off.") % {"fields": names}
        case refusals.MayNotFile():
            return gettext("Your role files customers' inquiries only.")
        case _:
            return gettext("What the request is to be about is not there any more.")
