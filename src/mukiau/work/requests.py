"""What one side asks of another: kinds, states, and who may do what next, as one table.

A request is written (draft), asked, approved by somebody else, carried out, and verified by whoever asked. mukiau carries
out nothing itself: it keeps who approved which exact statement, who ran it, and what came of it.

Two rules hold for everybody, administrators too. Nobody approves what they asked for. And what touches production is
approved and carried out only by those who may (operators). What was approved is what is run: a change of the request, a
request sent back and a result that was not good all take the approval away.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum


class Side(StrEnum):
    """Who is asked."""

    DEVELOPMENT = "development"
    OPERATIONS = "operations"
    SUPPORT = "support"


class Kind(StrEnum):
    """What is asked for."""

    WRITE_RUNBOOK = "write_runbook"
    DATA_CORRECTION = "data_correction"
    INVESTIGATE = "investigate"
    FIX = "fix"
    INFORM_CUSTOMER = "inform_customer"
    CUSTOMER_INQUIRY = "customer_inquiry"


SIDES: dict[Kind, tuple[Side, ...]] = {
    Kind.WRITE_RUNBOOK: (Side.DEVELOPMENT, Side.OPERATIONS),
    Kind.DATA_CORRECTION: (Side.OPERATIONS,),
    Kind.INVESTIGATE: (Side.DEVELOPMENT, Side.OPERATIONS),
    Kind.FIX: (Side.DEVELOPMENT,),
    Kind.INFORM_CUSTOMER: (Side.SUPPORT,),
    Kind.CUSTOMER_INQUIRY: (Side.OPERATIONS, Side.DEVELOPMENT),
}
"""Whom each kind may be asked of; the first is who it is asked of when nothing is said."""
STATEMENT_KINDS = frozenset({Kind.DATA_CORRECTION, Kind.INVESTIGATE})
"""Kinds that may carry an exact statement to run."""


class State(StrEnum):
    """How far it is."""

    DRAFT = "draft"
    ASKED = "asked"
    APPROVED = "approved"
    RUNNING = "running"
    TO_VERIFY = "to_verify"
    DONE = "done"
    SENT_BACK = "sent_back"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


CLOSED = frozenset({State.DONE, State.DECLINED, State.WITHDRAWN})
"""Nothing happens to it any more."""


class Act(StrEnum):
    """What somebody does with it."""

    EDIT = "edit"
    ASK = "ask"
    APPROVE = "approve"
    DECLINE = "decline"
    SEND_BACK = "send_back"
    START = "start"
    TAKE_OVER = "take_over"
    PUT_DOWN = "put_down"
    REPORT = "report"
    VERIFY = "verify"
    NOT_YET = "not_yet"
    WITHDRAW = "withdraw"


NEEDS_NOTE = frozenset({Act.DECLINE, Act.SEND_BACK, Act.NOT_YET})
"""Acts that have to say why."""


class Who(StrEnum):
    """Whom a step is for."""

    REQUESTER = "requester"
    REQUESTER_OR_ADMIN = "requester_or_admin"
    """An administrator stands in for a requester who is gone, unless they carried it out themselves."""
    OTHER = "other"
    """Somebody of the asked side who did not ask."""
    CARRIER = "carrier"
    """Somebody of the asked side; also who asked, once somebody else has approved."""
    EXECUTOR = "executor"


class Why(StrEnum):
    """Why somebody may not."""

    NOT_NOW = "not_now"
    """The request is in a state in which nobody can."""
    OWN = "own"
    """Who asked neither approves nor takes it without somebody else's approval."""
    NOT_REQUESTER = "not_requester"
    NOT_EXECUTOR = "not_executor"
    OTHER_SIDE = "other_side"
    NEEDS_OPERATOR = "needs_operator"
    """It touches production."""
    APPROVAL_FIRST = "approval_first"
    """What touches production is not begun before it is approved."""
    HAS_IT = "has_it"
    """It is in this person's hands already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody, as far as requests care."""

    id: int
    sides: frozenset[Side]
    may_ask: bool
    """File every kind; without it, only a customer's inquiry."""
    may_approve: bool
    """Approve and carry out what touches production."""
    is_admin: bool = False


_SIDES_OF_ROLES: dict[str, frozenset[Side]] = {
    "viewer": frozenset({Side.SUPPORT}),
    "developer": frozenset({Side.SUPPORT, Side.DEVELOPMENT}),
    "operator": frozenset({Side.SUPPORT, Side.OPERATIONS}),
    "admin": frozenset(Side),
}
"""Whose side somebody is on; what is asked of customer support anybody may take."""


def person_in_role(person_id: int, role: str, *more: str) -> Person:
    """Return somebody by their role, and by those they have in the teams that a request is about.

    Approving what touches production takes the role everywhere: whose an issue is, any developer can say.
    """
    roles = {role, *more} & set(_SIDES_OF_ROLES)
    return Person(
        id=person_id,
        sides=frozenset(side for one in roles for side in _SIDES_OF_ROLES[one]),
        may_ask=bool(roles - {"viewer"}),
        may_approve=role in {"operator", "admin"},
        is_admin=role == "admin",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What of a request decides who may do what."""

    kind: Kind
    state: State
    side: Side
    has_statement: bool
    requester_id: int
    approver_id: int | None = None
    executor_id: int | None = None
    verifier_id: int | None = None

    @property
    def touches_production(self) -> bool:
        """Data is changed, or a statement is run: whatever the environment is called."""
        return self.kind is Kind.DATA_CORRECTION or self.has_statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the table: where an act leads, and whom it is for."""

    to: State
    who: Who


_ASKER, _ASKER_OR_ADMIN, _OTHER = Who.REQUESTER, Who.REQUESTER_OR_ADMIN, Who.OTHER
TABLE: dict[tuple[State, Act], Step] = {
    (State.DRAFT, Act.EDIT): Step(to=State.DRAFT, who=_ASKER),
    (State.DRAFT, Act.ASK): Step(to=State.ASKED, who=_ASKER),
    (State.DRAFT, Act.WITHDRAW): Step(to=State.WITHDRAWN, who=_ASKER_OR_ADMIN),
    (State.ASKED, Act.APPROVE): Step(to=State.APPROVED, who=_OTHER),
    (State.ASKED, Act.START): Step(to=State.RUNNING, who=_OTHER),
    (State.ASKED, Act.SEND_BACK): Step(to=State.SENT_BACK, who=_OTHER),
    (State.ASKED, Act.DECLINE): Step(to=State.DECLINED, who=_OTHER),
    (State.ASKED, Act.EDIT): Step(to=State.DRAFT, who=_ASKER),
    (State.ASKED, Act.WITHDRAW): Step(to=State.WITHDRAWN, who=_ASKER_OR_ADMIN),
    (State.APPROVED, Act.START): Step(to=State.RUNNING, who=Who.CARRIER),
    (State.APPROVED, Act.SEND_BACK): Step(to=State.SENT_BACK, who=_OTHER),
    (State.APPROVED, Act.DECLINE): Step(to=State.DECLINED, who=_OTHER),
    (State.APPROVED, Act.EDIT): Step(to=State.DRAFT, who=_ASKER),
    (State.APPROVED, Act.WITHDRAW): Step(to=State.WITHDRAWN, who=_ASKER_OR_ADMIN),
    (State.RUNNING, Act.REPORT): Step(to=State.TO_VERIFY, who=Who.EXECUTOR),
    (State.RUNNING, Act.PUT_DOWN): Step(to=State.APPROVED, who=Who.EXECUTOR),
    (State.RUNNING, Act.TAKE_OVER): Step(to=State.RUNNING, who=Who.CARRIER),
    (State.RUNNING, Act.SEND_BACK): Step(to=State.SENT_BACK, who=Who.EXECUTOR),
    (State.TO_VERIFY, Act.VERIFY): Step(to=State.DONE, who=_ASKER_OR_ADMIN),
    # What was run once is not run again on the same approval.
    (State.TO_VERIFY, Act.NOT_YET): Step(to=State.ASKED, who=_ASKER_OR_ADMIN),
    (State.SENT_BACK, Act.EDIT): Step(to=State.DRAFT, who=_ASKER),
    (State.SENT_BACK, Act.ASK): Step(to=State.ASKED, who=_ASKER),
    (State.SENT_BACK, Act.WITHDRAW): Step(to=State.WITHDRAWN, who=_ASKER_OR_ADMIN),
}
"""Every step there is; what is not listed nobody can do."""

PRIMARY: dict[State, Act] = {
    State.DRAFT: Act.ASK,
    State.ASKED: Act.APPROVE,
    State.APPROVED: Act.START,
    State.RUNNING: Act.REPORT,
    State.TO_VERIFY: Act.VERIFY,
    State.SENT_BACK: Act.EDIT,
}
"""What has to happen next for the request to get on."""


def may_file(person: Person, kind: Kind) -> bool:
    """Say whether somebody may file a request of a kind."""
    return person.may_ask or kind is Kind.CUSTOMER_INQUIRY


def decide_act(standing: Standing, act: Act, person: Person) -> Standing | Why:
    """Return what a request is after an act, or why this person cannot do it now; every combination has an answer."""
    step = TABLE.get((standing.state, act))
    if step is None:
        return Why.NOT_NOW
    refused = _refuse(standing, act, step.who, person)
    return refused if refused is not None else _moved(standing, act, step.to, person)


def next_act(standing: Standing) -> Act | None:
    """Return what has to happen next; None when it is closed. What is harmless is taken without an approval apart."""
    act = PRIMARY.get(standing.state)
    return Act.START if act is Act.APPROVE and not standing.touches_production else act


def list_acts(standing: Standing, person: Person) -> Iterator[Act]:
    """Yield what somebody may do with a request now, in the order of the table."""
    for state, act in TABLE:
        if state is standing.state and isinstance(decide_act(standing, act, person), Standing):
            yield act


def _refuse(standing: Standing, act: Act, who: Who, person: Person) -> Why | None:
    is_requester = person.id == standing.requester_id
    match who:
        case Who.REQUESTER:
            return None if is_requester else Why.NOT_REQUESTER
        case Who.REQUESTER_OR_ADMIN:
            stands_in = person.is_admin and person.id != standing.executor_id
            return None if is_requester or stands_in else Why.NOT_REQUESTER
        case Who.OTHER:
            return Why.OWN if is_requester else _refuse_carrier(standing, act, person)
        case Who.CARRIER:
            return _refuse_carrier(standing, act, person)
        case Who.EXECUTOR:
            return _refuse_carrier(standing, act, person) if person.id == standing.executor_id else Why.NOT_EXECUTOR


def _refuse_carrier(standing: Standing, act: Act, person: Person) -> Why | None:
    if standing.touches_production and not person.may_approve:
        return Why.NEEDS_OPERATOR
    if standing.side not in person.sides:
        return Why.OTHER_SIDE
    if act is Act.START and standing.state is State.ASKED and standing.touches_production:
        return Why.APPROVAL_FIRST
    return Why.HAS_IT if act is Act.TAKE_OVER and person.id == standing.executor_id else None


def _moved(standing: Standing, act: Act, to: State, person: Person) -> Standing:
    """Return the request after a step that is allowed, with who is on record for what."""
    moved = replace(standing, state=to)
    match act:
        case Act.EDIT | Act.ASK | Act.SEND_BACK | Act.NOT_YET:
            return replace(moved, approver_id=None, executor_id=None, verifier_id=None)
        case Act.APPROVE:
            return replace(moved, approver_id=person.id)
        case Act.START | Act.TAKE_OVER:
            # Who takes what is harmless agrees to it by that.
            approver = person.id if standing.approver_id is None else standing.approver_id
            return replace(moved, approver_id=approver, executor_id=person.id)
        case Act.PUT_DOWN:
            return replace(moved, executor_id=None)
        case Act.VERIFY:
            return replace(moved, verifier_id=person.id)
        case Act.DECLINE | Act.REPORT | Act.WITHDRAW:
            return moved
