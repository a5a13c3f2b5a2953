"""The event: one occurrence of an error, whatever door it came through.

An event has two halves. `payload` is the normalised wire shape (what an SDK of the Sentry protocol sends: exception
values oldest cause first, frames oldest call first); pages show it. The typed fields are what grouping, the stores and
the workflow read; they are derived from the payload after normalising and scrubbing, so both paths (SDK and log) share
one road.

Order, everywhere in `core`: a *chain* (`tuple[ExceptionInfo, ...]`) is outermost first, the raised exception at index
0 and its causes after it; frames are wire order, oldest call first and the crash last. Only the payload has the wire's
reversed chain.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

# The one place where Any is meant: a decoded JSON value (None, bool, int, float, str, list, dict).
JSONValue = Any
JSONObject = dict[str, Any]


class Level(StrEnum):
    """Severity with the wire's values."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    FATAL = "fatal"


class Relation(StrEnum):
    """How an exception of a chain hangs on its parent."""

    TOP = "top"
    CAUSE = "cause"
    CONTEXT = "context"
    SUPPRESSED = "suppressed"
    GROUP_MEMBER = "group-member"
    AGGREGATE_MEMBER = "aggregate-member"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One stack entry."""

    function: str = ""
    """Name without the class or package, as the runtime prints it (`lambda$run$0`, `(anonymous)`)."""
    module: str = ""
    """Dotted module, or package and class, or Go package path; empty when the runtime prints only a file."""
    filename: str = ""
    """The path as printed, or its last part where the runtime prints only that."""
    abs_path: str = ""
    lineno: int | None = None
    """From 1; None where the runtime prints none (`Native Method`)."""
    colno: int | None = None
    in_app: bool = False
    """The frame belongs to the team's own code."""
    context_line: str = ""
    """The source line, where the trace carries it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionInfo:
    """One link of an exception chain."""

    type: str
    """As printed, with package or namespace (`java.io.IOException`); empty where the runtime has none."""
    message: str = ""
    module: str = ""
    """The type's module where the wire gives it apart (`sqlite3` for `OperationalError`)."""
    relation: Relation = Relation.TOP
    parent: int | None = None
    """Index in the same chain; None for the first."""
    frames: tuple[Frame, ...] = ()
    """Wire order: oldest call first, crash last."""
    handled: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventProblem:
    """Something of the input that was mended or left out; kept with the event and shown on its page."""

    kind: str
    """`wrong_type`, `too_long`, `invalid_value`, `clock`, `truncated`, …: one word, no variable part."""
    path: str = ""
    """Dotted path in the payload (`exception.values.0.stacktrace`)."""
    given: str = ""
    """What was given, shortened."""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where an event came from, as far as its door knows; fills what the payload leaves open."""

    project_id: int = 0
    source_id: int = 0
    """Id of the key the input was sent with."""
    service: str = ""
    environment: str = ""
    account: str = ""
    log_group: str = ""
    log_stream: str = ""
    record_ids: tuple[str, ...] = ()
    """Ids of the records the event was assembled from; empty for an SDK's event."""
    call_site: str = ""
    """File (and function) of the log call, without line number: `shipping/main.go`."""
    language: str = ""
    """`java`, `python`, `javascript`, `csharp`, `go`, …; empty when unknown."""
    raw: str = ""
    """The block's text as it stood in the log; empty for an SDK's event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One occurrence, normalised and scrubbed."""

    event_id: str
    """32 lower-case hex digits."""
    origin: Origin
    occurred_at: datetime
    received_at: datetime
    sent_at: datetime | None = None
    level: Level = Level.ERROR
    platform: str = "other"
    logger: str = ""
    service: str = ""
    environment: str = ""
    release: str = ""
    transaction: str = ""
    trace_id: str = ""
    """Of the request it occurred in, as `canonical_id` writes it: its trace's id, else the request's; "" without one."""
    message: str = ""
    """The formatted message of the log entry; for a bare exception its own message."""
    message_template: str = ""
    """The source's own template (`logentry.message`, Serilog `@mt`); empty when it gave none."""
    exceptions: tuple[ExceptionInfo, ...] = ()
    """The chain, outermost first."""
    client_fingerprint: tuple[str, ...] = ()
    """`fingerprint` as the client sent it; empty when absent."""
    tags: tuple[tuple[str, str], ...] = ()
    payload: Mapping[str, JSONValue] = field(default_factory=dict)
    problems: tuple[EventProblem, ...] = ()

    @property
    def call_site(self) -> str:
        return self.origin.call_site
