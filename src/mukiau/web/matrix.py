"""The matrix: a row for each service, a column for each environment, by purpose; in each cell what came from there.

A cell says one of four things, and never one for another: errors came; none came; nothing at all comes any more although
something used to (silent); or the service was never seen there, neither by an event nor by a log line nor by a deploy.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from mukiau.stores.queries.places import PlaceEntry
from mukiau.stores.queries.registry import EnvironmentEntry, ServiceEntry
from mukiau.web.period import Period
from mukiau.web.purpose_names import PURPOSE_NAMES
from mukiau.web.templatetags.show import elapsed

MAX_CELLS = 800
"""About 150 KB of page; more rows and columns are told, and the filters find them."""
MAX_COLUMNS = 60
MAX_SILENT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A service in an environment, as it is shown."""

    state: str
    """`some`, `zero`, `silent`, `none`."""
    shown: str
    words: str
    """The same for who does not see it, and behind it."""
    address: str
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A service; the cells of its groups, in the order of the columns."""

    name: str
    area: str
    address: str
    groups: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """An environment, and the release that runs there."""

    label: str
    """Its customer, else its own name."""
    name: str
    address: str
    release: str
    """One, where all its services run one; else how many run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The environments of one purpose."""

    label: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """A place from which nothing comes any more."""

    service: str
    environment: str
    since_ms: int
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """All of it."""

    groups: tuple[Group, ...]
    rows: tuple[Row, ...]
    silent: tuple[Silent, ...]
    """The longest silent first, as far as they are shown."""
    silent_count: int
    left_out: int
    """Environments and services that did not fit."""

    @property
    def has_releases(self) -> bool:
        return any(column.release for group in self.groups for column in group.columns)


@dataclass(frozen=True, slots=True)
class _Maker:
    project_id: int
    period: Period
    now_ms: int
    places: dict[tuple[str, str], PlaceEntry]

    def column(self, entry: EnvironmentEntry) -> Column:
        releases = {p.release for (_, name), p in self.places.items() if name == entry.name and p.release}
        several = ngettext("%(n)s release", "%(n)s releases", len(releases)) % {"n": len(releases)}
        return Column(
            label=entry.customer or entry.shown_name,
            name=entry.shown_name,
            address=self.address(environment=entry.name),
            release=next(iter(releases), "") if len(releases) <= 1 else several,
        )

    def row(self, service: ServiceEntry, groups: Sequence[Sequence[EnvironmentEntry]]) -> Row:
        return Row(
            name=service.shown_name,
            area=service.area,
            address=self.address(service=service.name),
            groups=tuple(tuple(self.cell(service, entry) for entry in group) for group in groups),
        )

    def cell(self, service: ServiceEntry, entry: EnvironmentEntry) -> Cell:
        place = self.places.get((service.name, entry.name))
        column = f"{entry.customer or entry.shown_name} {_purpose_label(entry)}".strip()
        if place is None:
            return Cell(state="none", shown="", words=gettext("never seen here"), address="", column=column)
        state, shown, words = _say(place, self.now_ms)
        where = f"{service.shown_name} · {entry.shown_name}"
        release = f" · {place.release}" if place.release else ""
        address = self.address(service=service.name, environment=entry.name)
        return Cell(state=state, shown=shown, words=f"{where}: {words}{release}", address=address, column=column)

    def address(self, **filters: str) -> str:
        return f"{reverse('issues')}?{urlencode({'project': self.project_id, **filters, 'period': self.period.value})}"

    def silent(self, place: PlaceEntry) -> Silent:
        address = self.address(service=place.service, environment=place.environment)
        since_ms = place.arrivals.last_ms
        return Silent(service=place.service, environment=place.environment, since_ms=since_ms, address=address)


def matrix_of(
    services: Sequence[ServiceEntry],
    environments: Iterable[EnvironmentEntry],
    places: Sequence[PlaceEntry],
    *,
    project_id: int,
    period: Period,
    now_ms: int,
) -> Matrix:
    """Return the matrix of some services and environments; `places` may be more than those."""
    ordered = sorted(environments, key=lambda entry: (_rank(entry), entry.customer or entry.shown_name, entry.name))
    shown = ordered[:MAX_COLUMNS]
    rows = services[: max(1, MAX_CELLS // max(1, len(shown)))]
    names = {entry.name for entry in ordered}
    wanted = {service.name for service in services}
    inside = [place for place in places if place.environment in names and place.service in wanted]
    maker = _Maker(project_id, period, now_ms, {(place.service, place.environment): place for place in inside})
    groups = [list(group) for _, group in groupby(shown, key=_rank)]
    silent = sorted((p for p in inside if p.is_silent(now_ms)), key=lambda p: (p.arrivals.last_ms, p.service))
    return Matrix(
        groups=tuple(
            Group(label=_group_label(group[0]), columns=tuple(maker.column(entry) for entry in group))
            for group in groups
        ),
        rows=tuple(maker.row(service, groups) for service in rows),
        silent=tuple(maker.silent(place) for place in silent[:MAX_SILENT]),
        silent_count=len(silent),
        left_out=len(ordered) - len(shown) + len(services) - len(rows),
    )


def _say(place: PlaceEntry, now_ms: int) -> tuple[str, str, str]:
    """Return state, what stands in the cell, and the same in words."""
    count = ngettext("%(n)s event", "%(n)s events", place.event_count) % {"n": f"{place.event_count:,}"}
    if place.is_silent(now_ms):
        quiet = elapsed(now_ms - place.arrivals.last_ms)
        words = gettext("silent for %(time)s, nothing arrives any more; %(count)s") % {"time": quiet, "count": count}
        return "silent", quiet, words
    if place.event_count:
        return "some", f"{place.event_count:,}", count
    return "zero", "0", gettext("no errors")


def _rank(entry: EnvironmentEntry) -> int:
    order = list(PURPOSE_NAMES)
    return order.index(entry.purpose) if entry.purpose in order else len(order)


def _purpose_label(entry: EnvironmentEntry) -> str:
    return "" if entry.purpose is None else str(PURPOSE_NAMES[entry.purpose])


def _group_label(entry: EnvironmentEntry) -> str:
    return _purpose_label(entry) or gettext("Purpose not known")
