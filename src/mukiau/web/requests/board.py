"""The board and the list as their addresses ask for them, and the one request as its page shows it to somebody."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from mukiau.stores.queries.requests import RequestFilter, Turns
from mukiau.stores.work.request_rows import FoundRequest
from mukiau.web.requests.words import ACT_HELP, ACT_NAMES, turn_words, why_words
from mukiau.work.requests import NEEDS_NOTE, Act, Kind, Person, Standing, State, decide_act, list_acts, next_act

OPEN_GROUP, CLOSED_GROUP = "open", "closed"
COLUMNS: tuple[tuple[Promise, tuple[State, ...]], ...] = (
    (pgettext_lazy("request", "With the requester"), (State.DRAFT, State.SENT_BACK)),
    (pgettext_lazy("request", "Asked"), (State.ASKED,)),
    (pgettext_lazy("request", "Approved"), (State.APPROVED,)),
    (pgettext_lazy("request", "Being done"), (State.RUNNING,)),
    (pgettext_lazy("request", "To verify"), (State.TO_VERIFY,)),
    (pgettext_lazy("request", "Closed"), (State.DONE, State.DECLINED, State.WITHDRAWN)),
)
MAX_NAME_CHARS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What the address asks for."""

    wanted: RequestFilter
    view: str
    """`board` or `list`."""
    state: str
    """A state's name, or empty for all."""
    is_mine: bool

    @property
    def has_filter(self) -> bool:
        return bool(self.parameters_without_view)

    @property
    def parameters_without_view(self) -> str:
        """The filters as a query string."""
        named = {
            "mine": "1" if self.is_mine else "",
            "kind": self.wanted.kind.value if self.wanted.kind else "",
            "state": self.state,
            "customer": self.wanted.customer,
            "environment": self.wanted.environment,
        }
        return urlencode({name: value for name, value in named.items() if value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Something somebody may do beside what has to happen next."""

    act: Act
    label: Promise
    help: Promise | str
    needs_note: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What has to happen next with a request, and what of it this person may do."""

    act: Act | None
    """None when the request is closed."""
    label: Promise | str
    may: bool
    why_not: str
    """Why this person may not; empty when they may."""
    whose: str
    """Whose turn it is."""
    others: tuple[Choice, ...]


def parse_query(given: QueryDict, turns: tuple[Turns, ...]) -> Query:
    """Read the address; what is unknown counts as not given."""
    kind, state, is_mine = given.get("kind", ""), given.get("state", ""), given.get("mine") == "1"
    names = {name: given.get(name, "").strip()[:MAX_NAME_CHARS] for name in ("customer", "environment")}
    state = state if state in set(State) else ""
    wanted = RequestFilter(
        turns=turns if is_mine else (),
        kind=Kind(kind) if kind in set(Kind) else None,
        states=(State(state),) if state else (),
        **names,
    )
    view = "list" if given.get("view") == "list" or state else "board"
    return Query(wanted=wanted, view=view, state=state, is_mine=is_mine)


def turn_of(found: FoundRequest, person: Person) -> Turn:
    """Return what has to happen next; where somebody else's approval is not needed, agreeing and beginning are one."""
    standing = found.standing
    act = next_act(standing)
    if act is None:
        return Turn(act=None, label="", may=False, why_not="", whose="", others=())
    decided = decide_act(standing, act, person)
    may = isinstance(decided, Standing)
    names = {"requester": found.requester, "executor": found.executor}
    return Turn(
        act=act,
        label=ACT_NAMES[act],
        may=may,
        why_not="" if isinstance(decided, Standing) else why_words(decided, standing),
        whose=turn_words(standing, act, names),
        others=tuple(_choice(one) for one in list_acts(standing, person) if one is not act),
    )


def _choice(act: Act) -> Choice:
    return Choice(act=act, label=ACT_NAMES[act], help=ACT_HELP.get(act, ""), needs_note=act in NEEDS_NOTE)
