"""The places of the menu, of the palette and of the keys that go somewhere: one table."""

from dataclasses import dataclass, field

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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
    Place(
        name="issues",
        label=_("Issues"),
        icon="issues",
        key="i",
        pages=frozenset({"issue", "event", "issue-events", "event-raw"}),
    ),
    Place(name="sources", label=_("Sources"), icon="plug", key="s", pages=frozenset({"test-error-sent"})),
    Place(name="status", label=_("Status"), icon="pulse", key="t", pages=frozenset({"set-aside"})),
    Place(
        name="people",
        label=_("People"),
        icon="people",
        key="p",
        right=Right.PEOPLE,
        in_bar=False,
        pages=frozenset({"person", "audit-log"}),
    ),
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
