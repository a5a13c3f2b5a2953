"""What was so when the error occurred: the user, the contexts with one line for each, free data, packages, the rest.

Whatever no other section shows is shown here by its name on the wire (`rest_of`), so that no field a sender thinks of
can be missing from the page.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mukiau.core.event import JSONObject, JSONValue
from mukiau.web.event.shapes import brief, entries_of, items, mapping, text
from mukiau.web.event.sheet import Pairs, Sheet

CONTEXTS_BYTES = 22_000
EXTRA_BYTES = 14_000
USER_BYTES = 4_000
REST_BYTES = 10_000
MODULES_BYTES = 9_000
MODULE_BYTES = 45
CONTEXT_BYTES = 260
_ELSEWHERE = frozenset(
    """event_id level timestamp platform logger release dist environment transaction culprit logentry message exception
    stacktrace threads breadcrumbs request user contexts extra tags modules fingerprint errors _meta
    sdk""".split()
)

NAMES: dict[str, str | Promise] = {
    "runtime": _("Runtime"),
    "os": _("Operating system"),
    "client_os": _("Operating system of the client"),
    "device": _("Device"),
    "browser": _("Browser"),
    "app": _("App"),
    "trace": _("Trace"),
    "gpu": _("Graphics"),
    "culture": _("Language and region"),
    "cloud_resource": _("Cloud"),
    "otel": _("OpenTelemetry"),
    "response": _("Response"),
    "flags": _("Feature flags"),
    "state": _("State of the app"),
    "resource": _("Resource"),
    "profile": _("Profile"),
    "replay": _("Replay"),
    "user": _("User"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextView:
    """One context."""

    name: str
    """As on the wire: `runtime`."""
    label: str | Promise
    summary: str
    """`CPython 3.11.7`; "" where nothing stands out."""
    values: Pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Contexts:
    """All contexts, those that say where it ran first."""

    contexts: tuple[ContextView, ...] = ()
    summary: tuple[str, ...] = ()
    """Runtime, system, browser, device and app: `CPython 3.11.7`, `Linux 6.1`, …"""
    hidden: int = 0

    @property
    def count(self) -> int:
        return len(self.contexts) + self.hidden


@dataclass(frozen=True, slots=True, kw_only=True)
class UserView:
    """Who met the error."""

    name: str
    """The most telling of name, username, e-mail, id, address."""
    values: Pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Modules:
    """The packages that were loaded, by name."""

    entries: tuple[tuple[str, str], ...] = ()
    total: int = 0
    matching: int = 0
    search: str = ""

    @property
    def hidden(self) -> int:
        return self.matching - len(self.entries)


def user_of(payload: JSONObject, sheet: Sheet) -> UserView | None:
    """Return the user; None when the event names none."""
    user = mapping(payload.get("user"))
    if not user and not sheet.remarks.names_below("user"):
        return None
    named = (text(user.get(key)) for key in ("name", "username", "email", "id", "ip_address"))
    flat = {name: value for name, value in user.items() if name not in {"geo", "data"}}
    flat |= {f"geo.{name}": value for name, value in entries_of(user.get("geo"))}
    flat |= {f"data.{name}": value for name, value in entries_of(user.get("data"))}
    return UserView(name=brief(next(filter(None, named), ""), 120), values=sheet.part(USER_BYTES).pairs(flat, "user"))


def contexts_of(payload: JSONObject, sheet: Sheet) -> Contexts:
    """Return the contexts with their lines."""
    given = mapping(payload.get("contexts"))
    order = list(NAMES)
    names = sorted(given, key=lambda name: order.index(name) if name in NAMES else len(order))
    part, shown = sheet.part(CONTEXTS_BYTES), []
    for name in names:
        if not part.takes(CONTEXT_BYTES):
            break
        shown.append(_context(name, mapping(given[name]), part))
    lines = {context.name: context.summary for context in shown}
    wanted = (lines.get(name, "") for name in ("runtime", "os", "browser", "device", "app"))
    return Contexts(contexts=tuple(shown), summary=tuple(filter(None, wanted)), hidden=len(names) - len(shown))


def _context(name: str, context: JSONObject, sheet: Sheet) -> ContextView:
    kind = text(context.get("type")) or name
    told = {key: value for key, value in context.items() if not (key == "type" and value == name)}
    if name == "flags":
        told = _flags(context) or told
    return ContextView(
        name=name,
        label=NAMES.get(name, brief(name, 60)),
        summary=brief(_LINES.get(kind, _nothing)(context), 120),
        values=sheet.pairs(told, f"contexts.{name}"),
    )


def _flags(context: JSONObject) -> JSONObject:
    """Return the flags as name and result; nothing when they are not in the usual shape."""
    flags = [mapping(flag) for flag in items(context)]
    return {text(flag["flag"]): flag.get("result") for flag in flags if "flag" in flag} if len(context) == 1 else {}


def _nothing(context: JSONObject) -> str:
    return ""


def _joined(*keys: str) -> Callable[[JSONObject], str]:
    return lambda context: " ".join(
        brief(context[key], 60) for key in keys if context.get(key) not in (None, "", [], {})
    )


def _flag_line(context: JSONObject) -> str:
    flags = _flags(context)
    on = [name for name, result in flags.items() if result is True]
    return f"{len(on)} / {len(flags)}: {', '.join(on[:5])}" if flags else ""


def _response_line(context: JSONObject) -> str:
    return _joined("status_code", "body_size")(context)


_LINES: dict[str, Callable[[JSONObject], str]] = {
    "runtime": _joined("name", "version"),
    "os": _joined("name", "version"),
    "client_os": _joined("name", "version"),
    "browser": _joined("name", "version"),
    "device": _joined("model", "arch"),
    "app": _joined("app_name", "app_version"),
    "gpu": _joined("vendor_name", "name"),
    "culture": _joined("locale", "timezone"),
    "trace": _joined("op", "trace_id"),
    "cloud_resource": _joined("cloud.provider", "cloud.region"),
    "response": _response_line,
    "flags": _flag_line,
}


def extra_of(payload: JSONObject, sheet: Sheet) -> Pairs:
    """Return the sender's free data."""
    return sheet.part(EXTRA_BYTES).pairs(payload.get("extra"), "extra")


def modules_of(payload: JSONObject, sheet: Sheet, *, search: str = "") -> Modules:
    """Return the packages whose name holds the search, by name."""
    every = sorted((name, text(version)) for name, version in entries_of(payload.get("modules")))
    found = [pair for pair in every if search.lower() in pair[0].lower()]
    part, shown = sheet.part(MODULES_BYTES), []
    for name, version in found:
        if not part.takes(MODULE_BYTES + 2 * len(name) + len(version)):
            break
        shown.append((brief(name, 200), brief(version, 200)))
    return Modules(entries=tuple(shown), total=len(every), matching=len(found), search=search)


def rest_of(payload: JSONObject, sheet: Sheet) -> Pairs:
    """Return every field of the event that has no section of its own."""
    return sheet.part(REST_BYTES).pairs(dict(_unshown(payload)), "")


def _unshown(payload: JSONObject) -> Iterable[tuple[str, JSONValue]]:
    for name, value in payload.items():
        if name not in _ELSEWHERE:
            yield name, value
    for section in ("exception", "threads", "breadcrumbs"):  # beside their `values`
        for name, value in mapping(payload.get(section)).items():
            if name != "values":
                yield f"{section}.{name}", value
    for name, value in mapping(payload.get("stacktrace")).items():
        if name != "frames":
            yield f"stacktrace.{name}", value
    for name, value in mapping(payload.get("logentry")).items():
        if name not in {"formatted", "message", "params"}:
            yield f"logentry.{name}", value
