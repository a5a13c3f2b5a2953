"""What there is to tell: one thing that happened, as a value that whoever made it happen writes down.

A cause is made by one of the functions below and given to `stores.notify.outbox.tell` in the transaction that makes it
true: so it is told if and only if it happened. Its key says which happening it is; the same key is told once, however
often it is written.
"""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum

MAX_TITLE_CHARS = 300


class CauseKind(StrEnum):
    """What happened."""

    NEW = "new"
    """An issue was seen for the first time in an environment of its purpose."""
    REGRESSED = "regressed"
    """A resolved issue came back where the fix runs."""
    REQUEST = "request"
    """A request waits for somebody."""
    MENTION = "mention"
    """Somebody was named in a comment."""


PERSONAL = frozenset({CauseKind.REQUEST, CauseKind.MENTION})
"""What is said to certain people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One thing that happened."""

    kind: CauseKind
    key: str
    """Which happening this is; written again, it is not told again."""
    project_id: int
    at_ms: int
    issue_id: int = 0
    """0: it is about no issue."""
    title: str = ""
    service: str = ""
    environment: str = ""
    purpose: str = ""
    occurred_ms: int = 0
    """When the event behind it happened by its source's clock; 0 where there is none."""
    person_ids: tuple[int, ...] = ()
    """Whom it concerns (`auth_user.id`); empty for what concerns everybody."""
    team_id: int | None = None
    actor: str = ""
    """Who did it; empty for what nobody did."""
    note: str = ""
    """What else is to be said in a few words: the release that regressed, the beginning of a comment."""
    step: str = ""
    """Of a request: the state it is in now (`work.requests.State`)."""
    path: str = ""
    """Of the page that shows it, below the base address: `issues/12/`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """The event by which something was noticed about an issue."""

    issue_id: int
    project_id: int
    title: str
    service: str
    environment: str
    purpose: str
    occurred_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What somebody says to others."""

    project_id: int
    title: str
    """Of the request, or of the issue that is talked about."""
    actor: str
    """Who says it."""
    person_ids: tuple[int, ...]
    """To whom; never to whoever says it."""
    path: str
    """Of the page where it stands, below the base address: `requests/7/`."""
    text: str = ""
    """The beginning of a comment."""
    step: str = ""
    """The state a request is in now."""
    issue_id: int = 0
    team_id: int | None = None


def new_issue(seen: Sighting, *, at_ms: int) -> Cause:
    """Return that an issue was seen for the first time in an environment of its purpose. The digester tells this."""
    return _noticed(CauseKind.NEW, f"new:{seen.issue_id}:{seen.purpose}", seen, at_ms=at_ms)


def regression(seen: Sighting, *, event_pk: int, release: str, at_ms: int) -> Cause:
    """Return that a resolved issue came back by an event in an environment that runs the fix.

    To be told where `issue_standing` becomes `regressed`, in that transaction.
    """
    key = f"regressed:{seen.issue_id}:{seen.environment}:{event_pk}"
    return _noticed(CauseKind.REGRESSED, key, seen, at_ms=at_ms, note=release)


def _noticed(kind: CauseKind, key: str, seen: Sighting, *, at_ms: int, note: str = "") -> Cause:
    return Cause(
        kind=kind,
        key=key,
        project_id=seen.project_id,
        at_ms=at_ms,
        issue_id=seen.issue_id,
        title=seen.title,
        service=seen.service,
        environment=seen.environment,
        purpose=seen.purpose,
        occurred_ms=seen.occurred_ms,
        note=note,
        path=f"issues/{seen.issue_id}/",
    )


def request_waits(said: Said, *, request_id: int, version: int, at_ms: int) -> Cause:
    """Return that a request, as it is in this version, waits for people or for a team.

    To be told with every step that makes it somebody's turn (asked, approved, sent back), in that transaction.
    """
    return _said(CauseKind.REQUEST, f"request:{request_id}:{version}", said, at_ms=at_ms)


def mention(said: Said, *, comment: str, at_ms: int) -> Cause:
    """Return that people were named in a comment; `comment` tells comments of all kinds apart (`issue:17`).

    To be told in the transaction that writes the comment.
    """
    return _said(CauseKind.MENTION, f"mention:{comment}", said, at_ms=at_ms)


def _said(kind: CauseKind, key: str, said: Said, *, at_ms: int) -> Cause:
    return Cause(
        kind=kind,
        key=key,
        project_id=said.project_id,
        at_ms=at_ms,
        issue_id=said.issue_id,
        title=said.title,
        person_ids=said.person_ids,
        team_id=said.team_id,
        actor=said.actor,
        note=said.text,
        step=said.step,
        path=said.path,
    )


def cause_to_json(cause: Cause) -> str:
    """Return a cause as it is stored; what is long is cut.

    >>> cause = Cause(kind=CauseKind.NEW, key="new:1:production", project_id=1, at_ms=5, person_ids=(2, 3))
    >>> parse_cause(cause_to_json(cause)) == cause
    True
    """
    values = asdict(cause)
    values.update(title=cause.title[:MAX_TITLE_CHARS], note=cause.note[:MAX_TITLE_CHARS])
    return json.dumps(values, ensure_ascii=False)


def parse_cause(text: str) -> Cause:
    """Return a cause that was stored."""
    values = json.loads(text)
    return Cause(**{**values, "kind": CauseKind(values["kind"]), "person_ids": tuple(values["person_ids"])})
