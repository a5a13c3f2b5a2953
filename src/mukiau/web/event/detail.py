"""Everything of an event beside its chain: log lines before, request, user, contexts, tags, problems."""

from dataclasses import dataclass
from datetime import UTC, datetime

from mukiau.core.event import JSONObject, JSONValue
from mukiau.web.event.shapes import items, mapping, pairs, text

LEVELS = ("debug", "info", "warning", "error", "fatal")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """A breadcrumb: what was logged or done before the error."""

    at_ms: int | None
    level: str
    category: str
    message: str
    data: tuple[tuple[str, str], ...]

    @property
    def is_alarming(self) -> bool:
        """Its level is worth a word."""
        return self.level in {"warning", "error", "fatal"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestView:
    """The HTTP request during which the error occurred."""

    method: str
    url: str
    query: str
    headers: tuple[tuple[str, str], ...]
    cookies: tuple[tuple[str, str], ...]
    environment: tuple[tuple[str, str], ...]
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Named values: a context, the user, extra data."""

    name: str
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemView:
    """Something of the input that was mended or left out."""

    kind: str
    path: str
    given: str
    note: str


def log_lines_of(payload: JSONObject) -> tuple[LogLine, ...]:
    """Return the breadcrumbs, oldest first."""
    found = [mapping(crumb) for crumb in items(payload.get("breadcrumbs"))]
    return tuple(
        LogLine(
            at_ms=_unix_ms(crumb.get("timestamp")),
            level=level if (level := text(crumb.get("level"))) in LEVELS else "",
            category=text(crumb.get("category")),
            message=text(crumb.get("message")),
            data=pairs(crumb.get("data")),
        )
        for crumb in found
    )


def request_of(payload: JSONObject) -> RequestView | None:
    """Return the request; None when the event has none."""
    request = mapping(payload.get("request"))
    if not request:
        return None
    query = request.get("query_string")
    return RequestView(
        method=text(request.get("method")),
        url=text(request.get("url")),
        query=query if isinstance(query, str) else "&".join(f"{name}={value}" for name, value in pairs(query)),
        headers=pairs(request.get("headers")),
        cookies=pairs(request.get("cookies")),
        environment=pairs(request.get("env")),
        body=text(request.get("data")),
    )


def sections_of(payload: JSONObject) -> tuple[Section, ...]:
    """Return the user, each context and the extra data, in this order, empty ones left out."""
    found = [("user", payload.get("user"))]
    found += [(name, context) for name, context in mapping(payload.get("contexts")).items()]
    found += [("extra", payload.get("extra"))]
    sections = (Section(name=name, values=pairs(_plain(values))) for name, values in found)
    return tuple(section for section in sections if section.values)


def message_of(payload: JSONObject) -> tuple[str, str]:
    """Return the formatted message and the source's own template (empty when it is the same)."""
    entry = payload.get("logentry")
    if not isinstance(entry, dict):
        return text(entry or payload.get("message")), ""
    template = text(entry.get("message"))
    formatted = text(entry.get("formatted")) or template
    return formatted, template if template != formatted else ""


def problems_of(document: JSONObject) -> tuple[ProblemView, ...]:
    """Return what was mended or left out while the event was read."""
    found = [mapping(problem) for problem in items(document.get("problems"))]
    return tuple(ProblemView(**{name: text(p.get(name)) for name in ("kind", "path", "given", "note")}) for p in found)


def _plain(values: JSONValue) -> JSONObject:
    """Leave out the `type` a context repeats and what is empty."""
    return {
        name: value for name, value in mapping(values).items() if name != "type" and value not in (None, "", [], {})
    }


def _unix_ms(value: JSONValue) -> int | None:
    """Read a time of the wire: seconds since 1970 or ISO 8601."""
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return int(value * 1000)
        moment = datetime.fromisoformat(text(value))
    except (ValueError, OverflowError):
        return None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
