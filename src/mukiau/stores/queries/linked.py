"""Events that name the same trace or request as another one, and the issues they belong to.

An id may lie: a constant that something sends with every event looks like one. So an event is only looked for about an
hour around the other, and an id that more than MAX_TRACE_EVENTS events name within that time ties nothing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from mukiau.core.event import ExceptionInfo, JSONObject, Level
from mukiau.core.event_builder import build_chain
from mukiau.core.linking import Bond, Linking, LoggedError, Thrown, link_errors
from mukiau.stores.payloads import unpack
from mukiau.stores.queries.event import find_dictionary
from mukiau.stores.queries.event_order import read_in_order
from mukiau.stores.queries.rows import find_row, marks, read_rows

HOUR_MS = 3_600_000
MAX_TRACE_EVENTS = 100
"""More than one request logs, but for a loop that goes wild."""
SHOWN_EVENTS = 20
"""Of a trace, the nearest in time: so many payloads are unpacked."""
RECENT_EVENTS = 20
"""Events of an issue whose traces are followed."""
SAMPLED_TRACES = 3
"""So many of these traces, the latest, are read to say how the issues hang together."""
SHOWN_ISSUES = 10
_NOT_A_WARNING = frozenset({Level.ERROR, Level.FATAL})
_UNLINKED = Linking(bonds={}, root=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedEvent:
    """One event of a trace."""

    pk: int
    issue_id: int
    service: str
    environment: str
    occurred_ms: int
    level: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What names the same trace or request as an event."""

    events: tuple[TracedEvent, ...] = ()
    """In order of time, the event asked about among them; none when nothing else names its trace."""
    linking: Linking = _UNLINKED
    hidden: int = 0
    """Further events of the trace that are not among these."""
    is_shared: bool = False
    """More events name the id than one request has, so none is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedIssue:
    """An issue whose events share requests with another's."""

    id: int
    service: str
    title: str
    level: str
    shared: int
    """Of the events looked at, how many share a request with one of its events."""
    bond: Bond
    """What its event is to the other issue's in the latest request read; SAME_REQUEST where none was read."""
    is_root: bool
    """In the latest request read that tells a cause, the likely root is of this issue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedIssues:
    """The issues linked with one: the likely root, then those that are more than in the same request, most shared first."""

    issues: tuple[LinkedIssue, ...] = ()
    hidden: int = 0
    looked_at: int = 0
    """Recent events of the issue that name a trace or request."""
    is_root: bool = False
    """The issue asked about is itself the likely root."""


class _Member(NamedTuple):
    """An event of a trace, as the index leads to it."""

    pk: int
    issue_id: int
    occurred_ms: int


def read_trace(event_pk: int) -> Trace:
    """Return the events that name the same trace as one, and how they hang together."""
    row = find_row("SELECT trace_key, occurred_ms FROM event WHERE id = %s AND trace_key IS NOT NULL", (event_pk,))
    if row is None:
        return Trace()
    trace_key, occurred_ms = row
    members = _read_members({trace_key: occurred_ms})[trace_key]
    if len(members) > MAX_TRACE_EVENTS:
        return Trace(is_shared=True)
    if len(members) < 2:
        return Trace()
    events, linking = _link(_nearest(members, _Member(event_pk, 0, occurred_ms)))
    return Trace(events=events, linking=linking, hidden=len(members) - len(events))


def read_linked_issues(issue_id: int) -> LinkedIssues:
    """Return the issues whose events name the same traces as the latest events of one."""
    recent = [
        (key, occurred_ms)
        for key, occurred_ms, _ in read_in_order(issue_id, "trace_key, occurred_ms, id", limit=RECENT_EVENTS)
        if key is not None
    ]
    moments = dict(reversed(recent))
    traces = {key: found for key, found in _read_members(moments).items() if len(found) <= MAX_TRACE_EVENTS}
    others = [{member.issue_id for member in traces.get(key, ())} - {issue_id} for key, _ in recent]
    shared = Counter(issue for issues in others for issue in issues)
    told = [key for key, _ in recent if key in traces and len({member.issue_id for member in traces[key]}) > 1]
    bonds, root = _sample([traces[key] for key in dict.fromkeys(told)], issue_id)
    is_loose = {issue: bonds.get(issue, Bond.SAME_REQUEST) is Bond.SAME_REQUEST for issue in shared}
    order = sorted(shared, key=lambda issue: (issue != root, is_loose[issue], -shared[issue], -issue))
    return LinkedIssues(
        issues=tuple(_read_issues(order[:SHOWN_ISSUES], shared, bonds, root)),
        hidden=max(0, len(order) - SHOWN_ISSUES),
        looked_at=len(recent),
        is_root=root == issue_id,
    )


# --- Who names a trace --------------------------------------------------------------------------------------------

# The hour stands first in the index, and is written as there.
_MEMBERS = f"""
SELECT * FROM (
  SELECT e.trace_key, e.id, f.issue_id, e.occurred_ms FROM event e CROSS JOIN fingerprint f ON f.id = e.fingerprint_id
  WHERE e.occurred_ms / {HOUR_MS} IN (%s, %s, %s) AND e.trace_key = %s LIMIT {MAX_TRACE_EVENTS + 1}
)
"""  # noqa: S608 - constants


def _read_members(moments: Mapping[int, int]) -> dict[int, list[_Member]]:
    """Return for each trace key the events about an hour around the moment given, at most one more than may be."""
    members: dict[int, list[_Member]] = {key: [] for key in moments}
    if moments:
        hours = {key: occurred_ms // HOUR_MS for key, occurred_ms in moments.items()}
        values = [value for key, hour in hours.items() for value in (hour - 1, hour, hour + 1, key)]
        for key, *member in read_rows(" UNION ALL ".join([_MEMBERS] * len(moments)), values):
            members[key].append(_Member(*member))
    return members


# --- How they hang together ---------------------------------------------------------------------------------------


def _nearest(members: Sequence[_Member], to: _Member) -> list[_Member]:
    """Return the one and those nearest to it in time, as many as are shown."""
    apart = sorted(
        members, key=lambda member: (member.pk != to.pk, abs(member.occurred_ms - to.occurred_ms), member.pk)
    )
    return apart[:SHOWN_EVENTS]


def _link(members: Sequence[_Member]) -> tuple[tuple[TracedEvent, ...], Linking]:
    """Read the events and link them."""
    pks = [member.pk for member in members]
    rows = read_rows(_EVENTS.format(marks(pks)), pks)
    events = tuple(TracedEvent(**dict(zip(TracedEvent.__slots__, row, strict=False))) for row in rows)
    linking = link_errors(
        _logged_error(event, row[-3], unpack(bytes(row[-2]), row[-1], find_dictionary))
        for event, row in zip(events, rows, strict=True)
    )
    return events, linking


_EVENTS = """
SELECT e.id, f.issue_id, e.service, e.environment, e.occurred_ms, e.level, e.title, e.message, e.payload, e.payload_codec
FROM event e JOIN fingerprint f ON f.id = e.fingerprint_id WHERE e.id IN ({}) ORDER BY e.occurred_ms, e.id
"""


def _logged_error(event: TracedEvent, message: str, document: JSONObject) -> LoggedError:
    payload = document.get("payload") or {}
    trace = (payload.get("contexts") or {}).get("trace") or {}
    values: list[Any] = (payload.get("exception") or {}).get("values") or []
    return LoggedError(
        pk=event.pk,
        service=event.service,
        occurred_ms=event.occurred_ms,
        is_warning=event.level not in _NOT_A_WARNING,
        logger=payload.get("logger") or "",
        message=message or event.title,
        chain=tuple(Thrown(link.type, link.message, _place(link)) for link in build_chain(values)),
        span_id=trace.get("span_id") or "",
        parent_span_id=trace.get("parent_span_id") or "",
    )


def _place(link: ExceptionInfo) -> str:
    frame = link.frames[-1] if link.frames else None
    return f"{frame.module or frame.filename}.{frame.function}:{frame.lineno}" if frame and frame.lineno else ""


def _sample(traces: Sequence[Sequence[_Member]], issue_id: int) -> tuple[dict[int, Bond], int | None]:
    """Return what other issues' events are to the issue's, and the issue of the likely root, by the first few traces."""
    bonds: dict[int, Bond] = {}
    root = None
    for members in traces[:SAMPLED_TRACES]:
        own = max(member for member in members if member.issue_id == issue_id)
        events, linking = _link(_nearest(members, own))
        for event in events:
            if event.issue_id != issue_id:
                bonds.setdefault(event.issue_id, linking.bonds[own.pk, event.pk])
            if root is None and linking.is_cause and event.pk == linking.root:
                root = event.issue_id
    return bonds, root


_ISSUES = "SELECT id, service, title, level FROM issue WHERE id IN ({})"


def _read_issues(
    order: Sequence[int], shared: Mapping[int, int], bonds: Mapping[int, Bond], root: int | None
) -> Iterable[LinkedIssue]:
    rows = {row[0]: row for row in read_rows(_ISSUES.format(marks(order)), order)}
    for issue in order:
        if issue in rows:
            _, service, title, level = rows[issue]
            bond = bonds.get(issue, Bond.SAME_REQUEST)
            yield LinkedIssue(
                id=issue,
                service=service,
                title=title,
                level=level,
                shared=shared[issue],
                bond=bond,
                is_root=issue == root,
            )
