"""What the palette offers for what was typed: an issue or event by its number, places, issues, filters, actions.

Places and actions are found by their words in either language, so that `source` finds 取込元.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mukiau.stores.queries.event import find_issue_of
from mukiau.stores.queries.issue import find_issue
from mukiau.stores.queries.issue_list import PALETTE_ROWS, IssueMention, read_mentions
from mukiau.stores.queries.runbook_names import read_runbooks_named
from mukiau.stores.queries.scope import scope_choices
from mukiau.web.accounts.roles import Right
from mukiau.web.places import places_for
from mukiau.web.search_syntax import filter_of, parse_search

MAX_FILTERS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One line: leads to an address, or presses a button that is on every page."""

    label: str
    icon: str
    detail: str = ""
    level: str = ""
    """Of an issue."""
    href: str = ""
    press: str = ""
    """CSS selector of the button."""
    does: str = ""
    """`copy-link` or `show-keys`, which need no button."""
    keys: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Lines of one kind under a heading."""

    title: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Action:
    label: Promise
    icon: str
    press: str = ""
    does: str = ""
    keys: str = ""


_ACTIONS = (
    _Action(label=gettext_lazy("Copy the link to this page"), icon="copy", does="copy-link"),
    _Action(label=gettext_lazy("Show the keyboard shortcuts"), icon="help", does="show-keys", keys="?"),
    _Action(label=gettext_lazy("Light theme"), icon="sun", press="[name=theme][value=light]"),
    _Action(label=gettext_lazy("Dark theme"), icon="sun", press="[name=theme][value=dark]"),
    _Action(label=gettext_lazy("Theme of the device"), icon="sun", press="[name=theme][value=system]"),
    _Action(label=gettext_lazy("Show in Japanese"), icon="lang", press="[name=language][value=ja]"),
    _Action(label=gettext_lazy("Show in English"), icon="lang", press="[name=language][value=en]"),
    _Action(label=gettext_lazy("Sign out"), icon="out", press=".who button"),
)


def offer(typed: str, *, project_id: int, rights: frozenset[Right]) -> tuple[Group, ...]:
    """Return the groups that have something to offer, the likeliest first."""
    runbooks = tuple(_runbooks(typed))
    groups = (
        Group(title=_("Go to"), options=tuple(_by_number(typed, project_id))),
        Group(title=_("Places"), options=tuple(_places(typed, rights))),
        Group(title=_("Issues") if typed else _("Latest issues"), options=tuple(_issues(typed, project_id))),
        Group(title=_("Runbooks"), options=runbooks),
        Group(title=_("Narrow the list"), options=tuple(_filters(typed, project_id))),
        Group(title=_("Actions"), options=tuple(_actions(typed))),
    )
    offered = tuple(group for group in groups if group.options)
    # Offered to whoever means a runbook, or pastes an error's words.
    is_worth = bool(runbooks) or " " in typed
    return (*offered, Group(title=_("Search"), options=(_search(typed),))) if is_worth else offered


def _by_number(typed: str, project_id: int) -> Iterable[Option]:
    number, event_id = typed.removeprefix("#"), typed.replace("-", "").lower()
    if number.isdecimal() and len(number) < 12 and (issue := find_issue(int(number))):
        yield Option(
            label=f"#{issue.id} {issue.title}",
            icon="issues",
            detail=issue.service,
            href=reverse("issue", args=[issue.id]),
        )
    if len(event_id) == 32 and (found := find_issue_of(project_id, event_id)):
        yield Option(label=_("The event with this ID"), icon="issues", href=reverse("event", args=found))


def _places(typed: str, rights: frozenset[Right]) -> Iterable[Option]:
    for place in places_for(rights):
        if _says(place.label, typed):
            keys = f"G {place.key.upper()}" if place.key else ""
            yield Option(label=str(place.label), icon=place.icon, href=reverse(place.name), keys=keys)


def _issues(typed: str, project_id: int) -> Iterable[Option]:
    found = read_mentions(filter_of(parse_search(typed), project_id=project_id))
    yield from map(_issue, found[:PALETTE_ROWS])
    if len(found) > PALETTE_ROWS and typed:
        query = urlencode({"project": project_id, "q": typed})
        yield Option(label=_("All issues that match"), icon="find", href=f"{reverse('issues')}?{query}")


def _issue(row: IssueMention) -> Option:
    href = reverse("issue", args=[row.id])
    return Option(label=row.title, icon="", level=row.level, detail=row.service, href=href)


def _runbooks(typed: str) -> Iterable[Option]:
    for found in read_runbooks_named(typed, limit=PALETTE_ROWS) if typed else ():
        href = reverse("runbook", args=[found.code])
        yield Option(label=found.title, icon="book", detail=found.code, href=href)


def _search(typed: str) -> Option:
    """The page that finds runbooks by an error's words."""
    href = f"{reverse('runbook-find')}?{urlencode({'q': typed})}"
    return Option(label=_("Find a runbook with these words"), icon="find", href=href)


def _filters(typed: str, project_id: int) -> Iterable[Option]:
    if not typed:
        return
    choices, wanted, given = scope_choices(project_id), typed.casefold(), 0
    for name, label, values in (
        ("service", _("Service"), choices.services),
        ("environment", _("Environment"), choices.environments),
    ):
        for value in values:
            if wanted in value.casefold() and (given := given + 1) <= MAX_FILTERS:
                query = urlencode({"project": project_id, name: value})
                yield Option(label=value, icon="filter", detail=label, href=f"{reverse('issues')}?{query}")


def _actions(typed: str) -> Iterable[Option]:
    for action in _ACTIONS:
        if _says(action.label, typed):
            label = str(action.label)
            yield Option(label=label, icon=action.icon, press=action.press, does=action.does, keys=action.keys)


def _says(label: Promise, typed: str) -> bool:
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            if typed.casefold() in str(label).casefold():
                return True
    return False
