"""What the addresses of the API take, as one table: parameters and bodies by the name of the address and the method.

Everything else that the OpenAPI document says (addresses, methods, scopes, rights, summaries) is read from the addresses
themselves, so it cannot be forgotten; an address that is not listed here takes an empty body.
"""

from dataclasses import dataclass
from typing import Any

from mukiau.core.event import Level
from mukiau.notify.channels.registry import CHANNELS
from mukiau.stores.queries.handlings import View
from mukiau.stores.queries.issue_list import Sort
from mukiau.stores.work.runbooks import CommentKind, RunbookState
from mukiau.work.handling import Outcome
from mukiau.work.requests import Kind, Side, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One parameter, or one field of a body."""

    name: str
    says: str
    schema: dict[str, Any]
    """JSON Schema of its value."""
    is_needed: bool = False


def _text(name: str, says: str, *, is_needed: bool = False) -> Field:
    return Field(name=name, says=says, schema={"type": "string"}, is_needed=is_needed)


def _number(name: str, says: str, *, is_needed: bool = False) -> Field:
    return Field(name=name, says=says, schema={"type": "integer", "minimum": 0}, is_needed=is_needed)


def _truth(name: str, says: str, *, is_needed: bool = False) -> Field:
    return Field(name=name, says=says, schema={"type": "boolean"}, is_needed=is_needed)


def _ids(name: str, says: str, *, is_needed: bool = False) -> Field:
    ids = {"type": "array", "items": {"type": "integer", "minimum": 1}}
    return Field(name=name, says=says, schema=ids, is_needed=is_needed)


def _texts(name: str, says: str, *, is_needed: bool = False) -> Field:
    texts = {"type": "array", "items": {"type": "string"}}
    return Field(name=name, says=says, schema=texts, is_needed=is_needed)


def _one_of(name: str, says: str, values: tuple[str, ...], *, is_needed: bool = False) -> Field:
    schema = {"type": "string", "enum": [str(value) for value in values]}
    return Field(name=name, says=says, schema=schema, is_needed=is_needed)


_CURSOR = _text("cursor", "Where the page before ended: take the address in `next` as it is.")
_REASON = _text("reason", "Why; it stands in the history.")
_VERSION = _number("version", "The version that was read; an older one is refused with 409.", is_needed=True)
_RUNBOOK_TEXT = _text("text", "Front matter and Markdown.", is_needed=True)
_RUNBOOK_VERSION = _number("version", "Number of the version that was read.", is_needed=True)
_COMMENT = _text("text", "What is said, in Markdown; `@name` names somebody.", is_needed=True)
_ABOUT_REQUEST = (
    _text("body", "What is needed, at length."),
    _text("statement", "Exactly what is to be run; only of data corrections and investigations."),
    _number("expected_rows", "How many rows it should change."),
    _text("rollback", "How to take it back."),
    _text("evidence", "What shows that it is right."),
    _text("service", "Name of the service."),
    _text("customer", "Name of the customer."),
    _text("environment", "Where it is run."),
    Field(name="due", says="The last day, such as 2026-12-04.", schema={"type": "string", "format": "date"}),
    _one_of("side", "Whom it is asked of, where its kind has a choice.", tuple(Side)),
)

PARAMETERS: dict[str, tuple[Field, ...]] = {
    "api-issues": (
        _number("project", "Id of the project; needed when there are several."),
        _text("q", "Words of the search."),
        _text("service", "Exactly this service."),
        _text("environment", "Exactly this environment."),
        _one_of("level", "Exactly this level.", tuple(Level)),
        _one_of("sort", "The order; `last` without.", tuple(Sort)),
        _CURSOR,
    ),
    "api-issue-events": (_CURSOR,),
    "api-deploys": (
        _number("project", "Id of the project; needed when there are several."),
        _text("service", "Exactly this service."),
        _text("environment", "Exactly this environment."),
        _text("release", "Exactly this release."),
        _CURSOR,
    ),
    "api-environments": (_number("project", "Id of the project; needed when there are several."),),
    "api-services": (_number("project", "Id of the project; needed when there are several."),),
    "api-customers": (_number("project", "Id of the project; needed when there are several."),),
    "api-handlings": (
        _one_of("view", "What is to do (without it), what waits for a request, what is closed.", tuple(View)),
        _number("issue", "Only of this issue."),
        _text("service", "Exactly this service."),
        _text("environment", "Exactly this environment."),
        _text("key", "Exactly this value of the decision's key."),
        _CURSOR,
    ),
    "api-requests": (
        _one_of("mine", "`1`: only what waits for the token's owner.", ("0", "1")),
        _one_of("kind", "Exactly this kind.", tuple(Kind)),
        _one_of("state", "Exactly this state.", tuple(State)),
        _text("customer", "Exactly this customer."),
        _text("environment", "Exactly this environment."),
        _CURSOR,
    ),
    "api-runbooks-find": (_text("text", "The error: a line, a log entry, a trace.", is_needed=True),),
    "api-runbooks": (
        _text("q", "Words of code, title, services or team."),
        _one_of("state", "Exactly this state; without, all that are not retired.", tuple(RunbookState)),
        _CURSOR,
    ),
}
"""Of `GET`."""
BODIES: dict[tuple[str, str], tuple[Field, ...]] = {
    ("api-issue-decide", "post"): (
        _one_of("decision", "What is decided.", ("handle_each", "handle_batch", "watch"), is_needed=True),
        Field(name="purposes", says="Purposes it holds for.", schema={"type": "array", "items": {"type": "string"}}),
        _text(
            "key",
            "Name of the value (a tag, or a field of the log line) that says which occurrences get one answer together.",
        ),
        _one_of("period", "How much time a batch covers.", ("day", "hour")),
        _number("per_hour", "Watch until more events than so many an hour."),
        _number("per_day", "Watch until more events than so many a day."),
        _number("customers", "Watch until more customers than so many are hit."),
        _text("release", "Watch until this release arrives."),
        Field(name="until", says="Watch until this day.", schema={"type": "string", "format": "date"}),
        Field(name="review", says="Look at it again on this day.", schema={"type": "string", "format": "date"}),
        _REASON,
        _number("version", "The version that was read; an older one is refused with 409."),
    ),
    ("api-issue-resolve", "post"): (
        _text("release", "Where it, or a later one, runs; empty: at once."),
        Field(name="environments", says="Empty: everywhere.", schema={"type": "array", "items": {"type": "string"}}),
        _number("version", "The version that was read; an older one is refused with 409."),
    ),
    ("api-projects", "post"): (_text("name", "What it is called.", is_needed=True),),
    ("api-keys", "post"): (
        _text("label", "What the key is for.", is_needed=True),
        _text("service", "Service of what comes with it and names none."),
        _text("environment", "Environment of what comes with it and names none."),
    ),
    ("api-key", "patch"): (_truth("active", "Whether it works.", is_needed=True),),
    ("api-issue-merge", "post"): (_ids("issues", "Issues that are merged into this one.", is_needed=True), _REASON),
    ("api-issue-split", "post"): (_ids("fingerprints", "What becomes a new issue.", is_needed=True), _REASON),
    ("api-issue-comments", "post"): (_COMMENT,),
    ("api-comment", "patch"): (
        _COMMENT,
        _number("version", "The version that was read; an older one is refused with 409. Without it, the latest."),
    ),
    ("api-issue-assign", "post"): (
        Field(name="team", says="Id of the team; null: no team.", schema={"type": ["integer", "null"]}),
        Field(name="person", says="Name of the account; null: nobody.", schema={"type": ["string", "null"]}),
    ),
    ("api-runs", "post"): (_text("text", "The policy, in TOML.", is_needed=True), _REASON),
    ("api-deploys", "post"): (
        _text("environment", "Where it runs.", is_needed=True),
        _text("release", "What runs.", is_needed=True),
        _text("service", "Of which service; without it of all services of the environment."),
        Field(
            name="at", says="Since when, with a zone; now without.", schema={"type": "string", "format": "date-time"}
        ),
        _number("project", "Id of the project; needed when there are several."),
    ),
    ("api-route", "patch"): (_truth("active", "Whether it is told.", is_needed=True),),
    ("api-routes", "post"): (
        _text("name", "What people call it.", is_needed=True),
        _one_of("channel", "How it is told.", tuple(CHANNELS), is_needed=True),
        _text("to", "Where to: a URL, or mail addresses. It is never told again.", is_needed=True),
        _texts("kinds", "What it is told of: new, regressed, summary, …", is_needed=True),
        _texts("purposes", "Only of these environments; production without it."),
        _texts("services", "Only of these; of all without it."),
        _ids("teams", "Only of the issues of these teams."),
        _text("language", "ja or en (without it)."),
        _text("time_zone", "IANA name; UTC without it."),
    ),
    ("api-handling-act", "post"): (
        _VERSION,
        _one_of("outcome", "Whether what the runbook says helped; of `finish`.", tuple(Outcome)),
        _number("minutes", "What it took; of `finish` and `dismiss`."),
        _text("note", "What somebody should know; `dismiss` needs the reason here."),
        _text("result", "What was printed."),
        _number("step", "From 1 through the runbook; `tick` and `untick` need it."),
    ),
    ("api-requests", "post"): (
        _one_of("kind", "What is asked for.", tuple(Kind), is_needed=True),
        _text("title", "What is needed, in one line; a draft may lack it."),
        *_ABOUT_REQUEST,
        _number("project", "Id of the project; needed when there are several and no issue is named."),
        _number("issue", "The issue it is about."),
        _ids("events", "The events it is about."),
        _number("handling", "The handling whose occurrences it is about; that one waits for it."),
        _truth("draft", "`true`: nobody is asked yet."),
        _text("client_key", "Whoever tries again with the same one files nothing twice."),
    ),
    ("api-request", "patch"): (_VERSION, _text("title", "What is needed, in one line."), *_ABOUT_REQUEST),
    ("api-request-act", "post"): (
        _VERSION,
        _text("note", "The reason; `decline`, `send_back` and `not_yet` need one."),
        _text("result", "What was printed; `report` needs it."),
        _number("actual_rows", "How many rows were changed; of `report`."),
        _number("minutes", "What the handling that is done by it took in all; of `verify`."),
    ),
    ("api-runbooks-find", "post"): (_text("text", "The error: a line, a log entry, a trace.", is_needed=True),),
    ("api-runbooks", "post"): (
        _RUNBOOK_TEXT,
        _text("prefix", "Beginning of its code, such as `ORD`; from its first service without."),
    ),
    ("api-runbook", "patch"): (_RUNBOOK_TEXT, _RUNBOOK_VERSION, _text("note", "What changed.")),
    ("api-runbook-publish", "post"): (_RUNBOOK_VERSION,),
    ("api-runbook-comment", "post"): (
        _RUNBOOK_VERSION,
        _text("text", "What there is to say.", is_needed=True),
        _one_of("kind", "`comment` without.", tuple(CommentKind)),
    ),
}
"""By name of the address and method."""
