"""The address of the inbox: which view of which project, narrowed by what."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

from mukiau.stores.queries.inbox import InboxFilter, InboxView
from mukiau.web.numbers import parse_number

MAX_NAME_CHARS = 200
FILTERS = ("service", "customer", "purpose", "environment", "team")
"""Names of the address that narrow a view."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is asked for, as it was given."""

    given: dict[str, str]
    """The filters that are set."""
    wanted: InboxFilter

    @property
    def filters(self) -> str:
        """The project and the filters as a query string, to which a view is added."""
        return urlencode({"project": self.wanted.project_id, **self.given})

    @property
    def parameters(self) -> str:
        """All of it as a query string."""
        return urlencode({"view": self.wanted.view.value}) + "&" + self.filters


def parse_query(given: QueryDict, *, project_id: int, user_id: int) -> Query:
    """Read an address; what is unknown counts as not given."""
    values = {name: value for name in FILTERS if (value := given.get(name, "").strip()[:MAX_NAME_CHARS])}
    team = parse_number(values.get("team", ""))
    if team is None:
        values.pop("team", None)
    view = given.get("view", "")
    wanted = InboxFilter(
        project_id=project_id,
        view=InboxView(view) if view in set(InboxView) else InboxView.NEEDED,
        user_id=user_id,
        service=values.get("service", ""),
        team_id=team,
        customer=values.get("customer", ""),
        purpose=values.get("purpose", ""),
        environment=values.get("environment", ""),
    )
    return Query(given=values, wanted=wanted)
