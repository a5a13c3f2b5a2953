"""Build the typed event from a normalised, scrubbed payload.

The payload's exception chain comes oldest cause first; the typed chain is outermost first. Where the client numbers its
exceptions (`mechanism.exception_id`, `parent_id`) they form a tree, which is flattened parent before child; otherwise
they are a plain chain of causes, the last one being what was raised.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from mukiau.core.envelope import parse_event_id
from mukiau.core.event import Event, EventProblem, ExceptionInfo, Frame, JSONObject, JSONValue, Level, Origin, Relation
from mukiau.core.normalizing.times import parse_time
from mukiau.core.trace_ids import find_trace_id

_LANGUAGES = {"node": "javascript", "csharp": "csharp", "dotnet": "csharp", "other": "", "native": ""}
_SERVICE_TAGS = ("service", "service.name", "service_name")
_SOURCES = {
    "__cause__": Relation.CAUSE,
    "__context__": Relation.CONTEXT,
    "suppressed": Relation.SUPPRESSED,
    "exceptions": Relation.GROUP_MEMBER,
    "errors": Relation.AGGREGATE_MEMBER,
    "aggregate": Relation.AGGREGATE_MEMBER,
    "InnerExceptions": Relation.AGGREGATE_MEMBER,
}
"""What `mechanism.source` says, without its index (`exceptions[2]`); anything else is a cause."""


def build_event(
    payload: JSONObject,
    *,
    origin: Origin,
    received_at: datetime,
    sent_at: datetime | None = None,
    problems: tuple[EventProblem, ...] = (),
) -> Event:
    """Return the event of a payload, whose `event_id` is already the one it goes by."""
    exceptions = build_chain(_values(payload, "exception"))
    entry = _object(payload, "logentry")
    tags = _object(payload, "tags")
    platform = _text(payload, "platform") or "other"
    return Event(
        event_id=parse_event_id(payload.get("event_id")),
        origin=_completed(origin, payload, platform=platform, has_exceptions=bool(exceptions)),
        occurred_at=parse_time(payload.get("timestamp")) or received_at,
        received_at=received_at,
        sent_at=sent_at,
        level=_level(payload.get("level")),
        platform=platform,
        logger=_text(payload, "logger"),
        service=find_service(payload) or origin.service,
        environment=_text(payload, "environment") or origin.environment,
        release=_text(payload, "release"),
        transaction=_text(payload, "transaction"),
        trace_id=find_trace_id(contexts=_object(payload, "contexts"), tags=tags),
        message=_text(entry, "formatted") or _text(entry, "message") or (exceptions[0].message if exceptions else ""),
        message_template=_text(entry, "message"),
        exceptions=exceptions,
        client_fingerprint=tuple(str(part) for part in _list(payload, "fingerprint")),
        tags=tuple((key, str(value)) for key, value in tags.items()),
        payload=payload,
        problems=problems,
    )


def find_service(payload: JSONObject) -> str:
    """Return the service a payload names: its tag, else the `service.name` of its resource; "" when it names none."""
    tags = _object(payload, "tags")
    contexts = _object(payload, "contexts")
    resources = (tags, _object(contexts, "resource"), _object(_object(contexts, "otel"), "resource"))
    names = (_text(resource, key) for resource in resources for key in _SERVICE_TAGS)
    return next((name for name in names if name), "")


def build_chain(values: Sequence[JSONValue]) -> tuple[ExceptionInfo, ...]:
    """Return the chain, outermost first, of the wire's `exception.values` (oldest cause first)."""
    links = [value for value in reversed(values) if isinstance(value, dict)]
    mechanisms = [_object(link, "mechanism") for link in links]
    order, parents = _ordered(mechanisms)
    position = {index: place for place, index in enumerate(order)}
    return tuple(
        _link(
            links[index],
            mechanisms[index],
            parent=None if (parent := parents[index]) is None else position[parent],
            relation=_relation(mechanisms[index], mechanisms, parent),
        )
        for index in order
    )


def _ordered(mechanisms: Sequence[JSONObject]) -> tuple[list[int], list[int | None]]:
    """Return the order that has every parent before its children, and each link's parent (by its given index)."""
    ids = [mechanism.get("exception_id") for mechanism in mechanisms]
    parents: list[int | None] = [index - 1 if index else None for index in range(len(ids))]
    if len(ids) > 1 and None not in ids and len(set(map(repr, ids))) == len(ids):
        places = {number: index for index, number in enumerate(ids) if isinstance(number, int)}
        named = [places.get(mechanism.get("parent_id", -1)) for mechanism in mechanisms]
        order = list(range(len(ids))) if named == parents else _preorder(named)
        if order is not None:
            return order, named
    return list(range(len(ids))), parents


def _preorder(parents: Sequence[int | None]) -> list[int] | None:
    """Return the tree's nodes, parent before child; None when it is no tree with one root."""
    children: dict[int | None, list[int]] = {}
    for index, parent in enumerate(parents):
        children.setdefault(parent, []).append(index)
    if len(children.get(None, ())) != 1:
        return None
    order: list[int] = []
    stack = list(children[None])
    while stack:
        index = stack.pop()
        order.append(index)
        stack.extend(reversed(children.get(index, ())))
    return order if len(order) == len(parents) else None


def _relation(mechanism: JSONObject, mechanisms: Sequence[JSONObject], parent: int | None) -> Relation:
    if parent is None:
        return Relation.TOP
    source = _text(mechanism, "source").partition("[")[0]
    if not source and mechanisms[parent].get("is_exception_group") is True:
        return Relation.GROUP_MEMBER
    return _SOURCES.get(source, Relation.CAUSE)


def _link(value: JSONObject, mechanism: JSONObject, *, parent: int | None, relation: Relation) -> ExceptionInfo:
    handled = mechanism.get("handled")
    return ExceptionInfo(
        type=_text(value, "type"),
        message=_text(value, "value"),
        module=_text(value, "module"),
        relation=relation,
        parent=parent,
        frames=build_frames(value.get("stacktrace")),
        handled=handled if isinstance(handled, bool) else None,
    )


def language_of(platform: str) -> str:
    """Return the language an SDK's platform is written in; "" where the platform does not tell."""
    return _LANGUAGES.get(platform, platform)


def build_frames(stacktrace: JSONValue) -> tuple[Frame, ...]:
    """Return the frames of a wire stack trace, oldest call first; those built before stay as they are."""
    if not isinstance(stacktrace, dict):
        return stacktrace if isinstance(stacktrace, tuple) else ()
    return tuple([_frame(frame) for frame in _list(stacktrace, "frames") if isinstance(frame, dict)])


def _frame(frame: JSONObject) -> Frame:
    get = frame.get
    return _known_frame(
        get("function") or "",
        get("module") or "",
        get("filename") or "",
        get("abs_path") or "",
        get("lineno"),
        get("colno"),
        get("in_app") is True,
        get("context_line") or "",
    )


@lru_cache(maxsize=8192)
def _known_frame(
    function: str,
    module: str,
    filename: str,
    abs_path: str,
    lineno: int | None,
    colno: int | None,
    in_app: bool,
    context_line: str,
) -> Frame:
    """Most frames were in an event before, and looking one up costs a quarter of making it."""
    return Frame(
        function=function,
        module=module,
        filename=filename,
        abs_path=abs_path,
        lineno=lineno,
        colno=colno,
        in_app=in_app,
        context_line=context_line,
    )


def _completed(origin: Origin, payload: JSONObject, *, platform: str, has_exceptions: bool) -> Origin:
    """Fill what an SDK's payload knows better than its door: the language and, for a message, where it was logged."""
    if not origin.language:
        origin = replace(origin, language=language_of(platform))
    if has_exceptions or origin.call_site:
        return origin
    frames = build_frames(payload.get("stacktrace")) or _current_thread_frames(payload)
    frame = next((frame for frame in reversed(frames) if frame.in_app), None)
    return origin if frame is None else replace(origin, call_site=f"{frame.filename} {frame.function}".strip())


def _current_thread_frames(payload: JSONObject) -> tuple[Frame, ...]:
    for thread in _values(payload, "threads"):
        if isinstance(thread, dict) and (thread.get("crashed") or thread.get("current")):
            return build_frames(thread.get("stacktrace"))
    return ()


def _level(value: JSONValue) -> Level:
    try:
        return Level(value)
    except ValueError:
        return Level.ERROR


def _object(value: Mapping[str, JSONValue], key: str) -> JSONObject:
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def _values(payload: JSONObject, key: str) -> list[JSONValue]:
    return _list(_object(payload, key), "values")


def _list(value: Mapping[str, JSONValue], key: str) -> list[JSONValue]:
    found = value.get(key)
    return found if isinstance(found, list) else []


def _text(value: Mapping[str, JSONValue], key: str) -> str:
    found = value.get(key)
    return found if isinstance(found, str) else ""
