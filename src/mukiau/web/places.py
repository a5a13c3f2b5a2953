"""The places of the menu, of the palette and of the keys that go somewhere: one table."""

from dataclasses import dataclass, field

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mukiau.web.accounts.roles import Right


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One entry of the menu."""

    name: str
    """Of its address in the site map."""
    label: Promise
    icon: str
    key: str = ""
    """`g` and this letter lead to it."""
    right: Right | None = None
    """What somebody must be allowed to do to be shown it; None for everybody."""
    in_menu: bool = True
    """Otherwise only the palette and other pages lead to it."""
    in_bar: bool = True
    """In the bar at the bottom of a narrow screen, which has room for five."""
    pages: frozenset[str] = field(default_factory=frozenset)
    """Names of further addresses that belong to it."""


PLACES = (
    Place(name="inbox", label=_("Inbox"), icon="list", key="w", pages=frozenset({"inbox-preview"})),
    Place(
        name="issues",
        label=_("Issues"),
        icon="issues",
        key="i",
        pages=frozenset(
            {
                "issue",
                "event",
                "issue-events",
                "issue-handlings",
                "event-raw",
                "issue-grouping",
                "issue-split",
                "issues-merge",
                "compare",
                "issue-comments",
                "comment-write",
                "comment-edit",
            }
        ),
    ),
    Place(name="handlings", label=_("Handling"), icon="check", key="d", in_bar=False, pages=frozenset({"handling"})),
    Place(
        name="runbooks",
        label=_("Runbooks"),
        icon="book",
        key="b",
        pages=frozenset(
            {"runbook", "runbook-new", "runbook-edit", "runbook-version", "runbook-find", "runbook-proposals"}
        ),
    ),
    Place(
        name="lab",
        label=_("Grouping lab"),
        icon="arrows",
        key="l",
        in_bar=False,
        pages=frozenset({"lab-try", "lab-version", "lab-run"}),
    ),
    Place(name="matrix", label=_("Matrix"), icon="grid", key="x", in_bar=False),
    Place(
        name="environments",
        label=_("Environments"),
        icon="layers",
        key="e",
        in_bar=False,
        pages=frozenset({"services", "deploys", "deploy-add"}),
    ),
    Place(name="services", label=_("Services"), icon="layers", in_menu=False),
    Place(
        name="customers", label=_("Customers"), icon="customers", key="c", in_bar=False, pages=frozenset({"customer"})
    ),
    Place(name="deploys", label=_("Deploys"), icon="layers", in_menu=False),
    Place(
        name="requests",
        label=pgettext_lazy("work", "Requests"),
        icon="ask",
        key="r",
        in_bar=False,
        pages=frozenset({"request", "request-new", "request-edit"}),
    ),
    Place(
        name="sources",
        label=_("Sources"),
        icon="plug",
        key="s",
        in_bar=False,
        pages=frozenset({"test-error-sent"}),
    ),
    Place(name="status", label=_("Status"), icon="pulse", key="t", in_bar=False, pages=frozenset({"set-aside"})),
    Place(
        name="teams",
        label=_("Teams"),
        icon="team",
        key="m",
        in_bar=False,
        pages=frozenset({"team", "team-add", "team-change", "ownership", "handover-write"}),
    ),
    Place(
        name="people",
        label=_("People"),
        icon="people",
        key="p",
        right=Right.PEOPLE,
        in_bar=False,
        pages=frozenset({"person", "audit-log"}),
    ),
    Place(name="mentions", label=_("Mentions"), icon="at", in_menu=False),
    Place(
        name="notifications",
        label=_("Notifications"),
        icon="bell",
        key="n",
        right=Right.NOTIFY,
        in_bar=False,
        pages=frozenset({"notification-add", "notification-route"}),
    ),
    Place(name="runbook-find", label=_("Find a runbook"), icon="find", in_menu=False),
    Place(name="runbook-proposals", label=_("Proposed match rules"), icon="list", in_menu=False),
    Place(name="set-aside", label=_("Set aside"), icon="aside", in_menu=False),
    Place(name="audit-log", label=_("Audit log"), icon="list", right=Right.AUDIT, in_menu=False),
    Place(name="help", label=_("Help"), icon="help", key="h"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuEntry:
    """A place, and whether the page at hand belongs to it."""

    place: Place
    is_current: bool


def places_for(rights: frozenset[Right]) -> tuple[Place, ...]:
    """Return what somebody with these rights may go to."""
    return tuple(place for place in PLACES if place.right is None or place.right in rights)


def menu_of(request: HttpRequest, rights: frozenset[Right]) -> tuple[MenuEntry, ...]:
    """Return the menu of a page for somebody with these rights."""
    at = request.resolver_match.url_name if request.resolver_match else ""
    shown = (place for place in places_for(rights) if place.in_menu)
    return tuple(MenuEntry(place=place, is_current=at == place.name or at in place.pages) for place in shown)
