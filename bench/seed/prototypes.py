"""One prototype an issue: an event that passed all stations once, of which many are made by changing what differs.

Running a million events through the parser would measure the parser. Here its result is made once per issue; what an
occurrence has of its own (id, time, number in the message, environment, release, host, user) is put in afterwards.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from bench.seed.words import (
    ACTIONS,
    DEFAULT_TYPES,
    ENVIRONMENT_WEIGHTS,
    ENVIRONMENTS,
    EXTENSIONS,
    FAILURES,
    HOSTS,
    RELEASES,
    SERVICES,
    SUBJECTS,
    WRAPPERS,
    Failure,
    Service,
)
from mukiau.core.event import JSONObject, Origin
from mukiau.core.event_builder import build_event
from mukiau.core.grouping.fingerprint import fingerprint_of
from mukiau.core.grouping.title import title_of
from mukiau.digest.batch import DigestedEvent

MAX_ISSUES = len(SERVICES) * len(SUBJECTS) * len(ACTIONS) * len(FAILURES)
NUMBER = "10000000001"
"""Stands in a prototype's texts where an occurrence has its own number."""
RECEIVED_AFTER = timedelta(milliseconds=180)
_STRIDE = 100_003
"""Prime and no divisor of MAX_ISSUES, so that neighbouring issues have little in common."""
_LIBRARY_FRAMES = 8
_BREADCRUMBS = 12


@dataclass(frozen=True, slots=True)
class Kind:
    """What makes an issue: which service failed at what, and how."""

    service: Service
    subject: str
    action: str
    failure: Failure

    @property
    def message(self) -> str:
        return self.failure.message.format(subject=self.subject, number=NUMBER)


def kind_of(index: int) -> Kind:
    """Return the kind of an issue; different indexes below MAX_ISSUES are different issues."""
    at = index * _STRIDE % MAX_ISSUES
    at, failure = divmod(at, len(FAILURES))
    at, action = divmod(at, len(ACTIONS))
    service, subject = divmod(at, len(SUBJECTS))
    return Kind(SERVICES[service], SUBJECTS[subject], ACTIONS[action], FAILURES[failure])


def make_prototype(index: int, *, project_id: int, source_id: int, at: datetime) -> DigestedEvent:
    """Return the prototype of an issue; about a third come from SDKs, the rest from logs."""
    kind = kind_of(index)
    is_sdk = index % 3 == 0
    payload = _payload(kind, is_sdk=is_sdk, index=index)
    origin = Origin(project_id=project_id, source_id=source_id, language=kind.service.language)
    if not is_sdk:
        origin = _log_origin(origin, kind)
    event = build_event(payload, origin=origin, received_at=at)
    return DigestedEvent(event=event, fingerprint=fingerprint_of(event), title=title_of(event))


def make_occurrence(prototype: DigestedEvent, at: datetime, rng: Random) -> DigestedEvent:
    """Return one more event of an issue."""
    number = str(rng.randrange(10**10, 10**11))
    event_id = f"{rng.getrandbits(128):032x}"
    environment = rng.choices(ENVIRONMENTS, ENVIRONMENT_WEIGHTS)[0]
    release, host = rng.choice(RELEASES), rng.choice(HOSTS)
    event, title = prototype.event, prototype.title
    tags = {**event.payload["tags"], "host": host}
    own = {"event_id": event_id, "timestamp": f"{at:%Y-%m-%dT%H:%M:%S.%f}Z", "environment": environment}
    payload = {**event.payload, **own, "release": release, "tags": tags, **_texts(event.payload, number)}
    return replace(
        prototype,
        event=replace(
            event,
            event_id=event_id,
            origin=replace(event.origin, environment=environment, raw=event.origin.raw.replace(NUMBER, number)),
            occurred_at=at,
            received_at=at + RECEIVED_AFTER,
            environment=environment,
            release=release,
            message=event.message.replace(NUMBER, number),
            tags=tuple(tags.items()),
            payload=payload,
        ),
        title=replace(
            title,
            title=title.title.replace(NUMBER, number),
            subtitle=title.subtitle.replace(NUMBER, number),
            root_message=title.root_message.replace(NUMBER, number),
        ),
    )


def _texts(payload: Any, number: str) -> JSONObject:
    """The parts of a payload in which the number stands."""
    values = [{**value, "value": value["value"].replace(NUMBER, number)} for value in payload["exception"]["values"]]
    return {
        "logentry": {"formatted": payload["logentry"]["formatted"].replace(NUMBER, number)},
        "exception": {"values": values},
        "user": {"id": number[-6:]},
    }


# --- The payload of a prototype -----------------------------------------------------------------------------------


def _payload(kind: Kind, *, is_sdk: bool, index: int) -> JSONObject:
    language = kind.service.language
    payload: JSONObject = {
        "event_id": f"{index:032x}",
        "level": "fatal" if index % 50 == 0 else "warning" if index % 11 == 0 else "error",
        "platform": language,
        "logger": f"{_module(kind)}.{kind.action}",
        "timestamp": "2026-01-01T00:00:00Z",
        "tags": {"service": kind.service.name, "host": HOSTS[0], "zone": f"zone-{index % 3}", "team": _team(kind)},
        "logentry": {"formatted": f"{kind.action} {kind.subject} {NUMBER} failed"},
        "exception": {"values": _chain(kind, is_sdk=is_sdk)},
        "breadcrumbs": {"values": [_breadcrumb(kind, step) for step in range(_BREADCRUMBS)]},
    }
    return payload | _surroundings(kind) if is_sdk else payload


def _team(kind: Kind) -> str:
    return f"team-{sum(map(ord, kind.service.name)) % 7}"


def _module(kind: Kind) -> str:
    return f"{kind.service.root.format(kind.service.name.replace('-', '_'))}.{kind.subject}"


def _chain(kind: Kind, *, is_sdk: bool) -> list[JSONObject]:
    """Oldest cause first: the failure below a library, and the service's own exception around it."""
    language = kind.service.language
    cause = kind.failure.types.get(language, DEFAULT_TYPES[language])
    own = [_own_frame(kind, name, is_sdk=is_sdk) for name in ("handle", "run", f"{kind.action}_{kind.subject}")]
    below = [_library_frame(language, name) for name in kind.failure.library]
    around = [_library_frame(language, f"dispatch{step}") for step in range(_LIBRARY_FRAMES)]
    return [
        {
            "type": cause,
            "value": kind.message,
            "mechanism": {"type": "chained", "exception_id": 1, "parent_id": 0, "source": "__cause__"},
            "stacktrace": {"frames": [*own, *below]},
        },
        {
            "type": WRAPPERS[language],
            "value": f"{kind.action} failed",
            "mechanism": {"type": "log", "handled": True, "exception_id": 0},
            "stacktrace": {"frames": [*around, *own]},
        },
    ]


def _own_frame(kind: Kind, function: str, *, is_sdk: bool) -> JSONObject:
    module = _module(kind)
    filename = module.replace(".", "/") + EXTENSIONS[kind.service.language]
    line = 20 + len(function) * 7 % 300
    frame: JSONObject = {"function": function, "module": module, "filename": filename, "lineno": line, "in_app": True}
    if not is_sdk:
        return frame
    frame["context_line"] = f"    return {function}({kind.subject}, options)"
    frame["pre_context"] = [f"    # step {n} of {kind.action}" for n in range(5)]
    frame["post_context"] = ["", f"def after_{function}():", "    pass", "", ""]
    frame["vars"] = {kind.subject: f"<{kind.subject} {NUMBER}>", "options": {"retry": True, "limit": 50}, "count": 3}
    return frame


def _library_frame(language: str, function: str) -> JSONObject:
    module = {"java": "org.example.web.Dispatcher", "python": "web.dispatch"}.get(language, "lib.dispatch")
    filename = module.replace(".", "/") + EXTENSIONS[language]
    return {"function": function, "module": module, "filename": filename, "lineno": 811, "in_app": False}


def _breadcrumb(kind: Kind, step: int) -> JSONObject:
    message = f"{kind.subject}: step {step} of {kind.action} took {step * 37 % 90} ms"
    return {"type": "log", "category": "log", "level": "info", "message": message}


def _surroundings(kind: Kind) -> JSONObject:
    """What an SDK says of the request and the machine."""
    return {
        "request": {
            "method": "POST",
            "url": f"https://shop.example.com/{kind.subject}/{kind.action}",
            "headers": [["Accept", "*/*"], ["Content-Type", "application/json"], ["User-Agent", "Mozilla/5.0"]],
            "data": {"step": 3, "items": [{"sku": f"SKU-{n:05d}", "quantity": n} for n in range(6)]},
        },
        "contexts": {"runtime": {"name": "CPython", "version": "3.12.4"}, "os": {"name": "Linux", "version": "6.8"}},
        "sdk": {"name": "sentry.python", "version": "2.75.0"},
        "modules": {f"package-{n}": f"{n % 5}.{n % 9}.1" for n in range(30)},
    }


def _log_origin(origin: Origin, kind: Kind) -> Origin:
    group = f"/ecs/production/{kind.service.name}"
    frames = "\n".join(f"    at {_module(kind)}.{name}(line 12)" for name in ("handle", "run", kind.action))
    raw = f"ERROR {kind.action} {kind.subject} {NUMBER} failed\n{WRAPPERS[kind.service.language]}: {kind.message}\n{frames}"
    return replace(
        origin,
        service=kind.service.name,
        log_group=group,
        log_stream=f"ecs/{kind.service.name}/1",
        record_ids=(NUMBER,),
        raw=raw,
    )
