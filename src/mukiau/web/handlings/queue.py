"""What the address of the queue asks for."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict

from mukiau.stores.queries.handlings import HandlingFilter, Places, View
from mukiau.web.numbers import parse_number

MAX_NAME_CHARS = 200
FIELDS = ("view", "whose", "service", "customer", "environment", "issue", "key", "by")


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is asked for, as it was given."""

    given: dict[str, str]
    wanted: HandlingFilter

    @property
    def parameters(self) -> str:
        """The same as a query string, without what is the default."""
        return urlencode(self.given)

    @property
    def filters(self) -> str:
        """Without the view."""
        return urlencode({name: value for name, value in self.given.items() if name not in {"view", "by"}})

    @property
    def is_by_issue(self) -> bool:
        """Say whether issues are listed instead of their handlings."""
        return self.given.get("by") == "issue"

    @property
    def has_filter(self) -> bool:
        return bool(set(self.given) - {"view", "by"})


def parse_query(given: QueryDict, request: HttpRequest, places: Places) -> Query:
    """Read an address; what is unknown counts as not given."""
    values = {name: value for name in FIELDS if (value := given.get(name, "").strip()[:MAX_NAME_CHARS])}
    if values.get("view") not in set(View):
        values.pop("view", None)
    if parse_number(values.get("issue", "")) is None:
        values.pop("issue", None)
    customer, environment = values.get("customer", ""), values.get("environment", "")
    environments = (environment,) if environment else places.of_customer.get(customer, (customer,) if customer else ())
    whose = values.get("whose", "")
    wanted = HandlingFilter(
        view=View(values.get("view", View.TO_DO)),
        issue_id=parse_number(values.get("issue", "")),
        service=values.get("service", ""),
        environments=environments,
        key=values.get("key", ""),
        assignee_id=request.user.pk if whose == "mine" else None,
        is_nobodys=whose == "nobody",
        team_id=parse_number(whose.removeprefix("team-")) if whose.startswith("team-") else None,
    )
    return Query(given=values, wanted=wanted)
