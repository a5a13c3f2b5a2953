"""What happened before the error, as a timeline: log lines, calls, queries, clicks, each in the form that reads best."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from mukiau.core.event import JSONObject, JSONValue
from mukiau.web.event.shapes import brief, items, mapping, text
from mukiau.web.event.sheet import Pairs, Sheet, Value

LEVELS = ("debug", "info", "warning", "error", "fatal")
NEWEST_BYTES, ALL_BYTES = 24_000, 60_000
CRUMB_BYTES = 420
"""Markup of one line."""
MAX_SHOWN = 15
"""The newest ones, unless all are asked for."""
_SHOWN = frozenset("timestamp type category level message data event_id".split())
_CALL_DATA = frozenset("url method status_code reason http.method http.status_code http.query http.fragment".split())


class Kind(StrEnum):
    """What a crumb is about; each has a sign and a word."""

    LOG = "log"
    HTTP = "http"
    QUERY = "query"
    NAVIGATION = "navigation"
    USER = "user"
    ERROR = "error"


_KINDS_OF_TYPES = {
    "http": Kind.HTTP,
    "navigation": Kind.NAVIGATION,
    "user": Kind.USER,
    "ui": Kind.USER,
    "query": Kind.QUERY,
    "error": Kind.ERROR,
}
_KINDS_OF_CATEGORIES = {
    "httplib": Kind.HTTP,
    "http": Kind.HTTP,
    "fetch": Kind.HTTP,
    "xhr": Kind.HTTP,
    "requests": Kind.HTTP,
    "navigation": Kind.NAVIGATION,
    "query": Kind.QUERY,
    "sql": Kind.QUERY,
    "db": Kind.QUERY,
    "redis": Kind.QUERY,
    "ui": Kind.USER,
    "touch": Kind.USER,
    "exception": Kind.ERROR,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An HTTP request that was made."""

    method: str
    url: str
    status: str
    is_failed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Crumb:
    """One thing that happened before the error."""

    anchor: str
    """`b-17`: its place in the payload."""
    at_ms: int | None
    before_ms: int | None
    """How long before the error."""
    kind: Kind
    level: str
    category: str
    message: Value
    call: Call | None
    came_from: str
    went_to: str
    data: Pairs
    fields: Pairs
    """What else is said of it: origin, …"""
    event_id: str

    @property
    def is_alarming(self) -> bool:
        """Its level is worth a word."""
        return self.level in {"warning", "error", "fatal"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CrumbFilter:
    """What of the timeline the address asks for."""

    kind: str = ""
    level: str = ""
    is_whole: bool = False
    """All of them, not only the newest."""


NO_FILTER = CrumbFilter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One value to filter by, and how many there are."""

    value: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """What happened before the error, oldest first."""

    crumbs: tuple[Crumb, ...] = ()
    total: int = 0
    matching: int = 0
    kinds: tuple[Choice, ...] = ()
    levels: tuple[Choice, ...] = ()
    chosen: CrumbFilter = NO_FILTER
    has_times: bool = False

    @property
    def hidden(self) -> int:
        """Matching crumbs that are not on the page: older ones."""
        return self.matching - len(self.crumbs)


def timeline_of(
    payload: JSONObject, sheet: Sheet, *, event_ms: int, chosen: CrumbFilter = NO_FILTER, opened: str = ""
) -> Timeline:
    """Return the breadcrumbs the filter asks for; when there are many, the newest."""
    every = [(number, mapping(crumb)) for number, crumb in enumerate(items(payload.get("breadcrumbs")))]
    wanted = [(number, crumb) for number, crumb in every if _matches(crumb, chosen)]
    asked = next((place for place, (number, _) in enumerate(wanted) if f"b-{number}" == opened), len(wanted))
    first = 0 if chosen.is_whole else min(max(0, len(wanted) - MAX_SHOWN), asked)
    part, shown = sheet.part(NEWEST_BYTES if len(wanted) - first <= MAX_SHOWN else ALL_BYTES), []
    for number, crumb in reversed(wanted[first:]):  # the newest have the first claim to room
        if not part.takes(CRUMB_BYTES):
            break
        shown.append(_crumb(number, crumb, event_ms, part))
    return Timeline(
        crumbs=tuple(reversed(shown)),
        total=len(every),
        matching=len(wanted),
        kinds=_choices([_kind(crumb).value for _, crumb in every], [kind.value for kind in Kind]),
        levels=_choices([_level(crumb) for _, crumb in every], LEVELS),
        chosen=chosen,
        has_times=any(crumb.at_ms is not None for crumb in shown),
    )


def _matches(crumb: JSONObject, chosen: CrumbFilter) -> bool:
    return (not chosen.kind or _kind(crumb) == chosen.kind) and (not chosen.level or _level(crumb) == chosen.level)


def _choices(given: list[str], order: tuple[str, ...] | list[str]) -> tuple[Choice, ...]:
    found = tuple(Choice(value=value, count=given.count(value)) for value in order if value in given)
    return found if len(found) > 1 else ()


def _crumb(number: int, crumb: JSONObject, event_ms: int, sheet: Sheet) -> Crumb:
    path, kind, data = f"breadcrumbs.values.{number}", _kind(crumb), crumb.get("data")
    at_ms, call = unix_ms(crumb.get("timestamp")), _call(mapping(data)) if kind is Kind.HTTP else None
    known = _CALL_DATA if call else {"from", "to"} if kind is Kind.NAVIGATION else ()
    return Crumb(
        anchor=f"b-{number}",
        at_ms=at_ms,
        before_ms=None if at_ms is None else event_ms - at_ms,
        kind=kind,
        level=_level(crumb),
        category=brief(crumb.get("category"), 120),
        message=sheet.value(crumb.get("message") or "", f"{path}.message"),
        call=call,
        came_from=_sized(mapping(data).get("from"), sheet) if kind is Kind.NAVIGATION else "",
        went_to=_sized(mapping(data).get("to"), sheet) if kind is Kind.NAVIGATION else "",
        data=sheet.pairs(data, f"{path}.data", known=known),
        fields=sheet.pairs(_unshown(crumb, kind), path, known=_SHOWN - {"type"}),
        event_id=text(crumb.get("event_id")) if _is_event_id(crumb.get("event_id")) else "",
    )


def _unshown(crumb: JSONObject, kind: Kind) -> JSONObject:
    """Return what has no place of its own in the line."""
    rest = {name: value for name, value in crumb.items() if name not in _SHOWN}
    if text(crumb.get("type")) not in {"", "default", kind.value, *LEVELS}:
        rest["type"] = crumb["type"]
    if crumb.get("event_id") and not _is_event_id(crumb["event_id"]):
        rest["event_id "] = crumb["event_id"]
    return rest


def _is_event_id(value: JSONValue) -> bool:
    return isinstance(value, str) and len(value) == 32 and value.isalnum() and value.isascii()


def _sized(value: JSONValue, sheet: Sheet) -> str:
    shown = brief(value)
    sheet.takes(len(shown))
    return shown


def _kind(crumb: JSONObject) -> Kind:
    """Return what a crumb is about: by its type, else by the first word of its category."""
    by_type = _KINDS_OF_TYPES.get(text(crumb.get("type")))
    first = text(crumb.get("category")).partition(".")[0].lower()
    return by_type or _KINDS_OF_CATEGORIES.get(first, Kind.LOG)


def _level(crumb: JSONObject) -> str:
    level = text(crumb.get("level"))
    return level if level in LEVELS else ""


def _call(data: JSONObject) -> Call | None:
    if not data.get("url"):
        return None
    url = "".join(text(data.get(key)) for key in ("url", "http.query", "http.fragment"))
    code = data.get("status_code", data.get("http.status_code"))
    status = brief(code, 20)
    return Call(
        method=brief(data.get("method") or data.get("http.method"), 20),
        url=brief(url, 600),
        status=f"{status} {brief(data.get('reason'), 60)}".strip(),
        is_failed=status[:1] in {"4", "5"},
    )


def unix_ms(value: JSONValue) -> int | None:
    """Read a time of the wire: seconds since 1970 or ISO 8601."""
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return int(value * 1000)
        moment = datetime.fromisoformat(text(value))
    except (ValueError, OverflowError):
        return None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
