"""What becomes of one SDK's item or one log entry.

This is where digesting spends its time, and it needs nothing of what digest keeps in order (streams, positions, the
store): the same job gives the same events wherever it is done. So `makers.py` may have other processes share it.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from mukiau.core.event import EventProblem, Origin
from mukiau.core.records.entry import LogEntry, entry_to_payload
from mukiau.core.records.log_groups import LogGroupTable
from mukiau.digest.batch import DigestedEvent
from mukiau.digest.envelopes import Opened, open_envelope, open_store
from mukiau.digest.event_maker import EventMaker, RawEvent
from mukiau.digest.log_streams import AssembledEntry
from mukiau.digest.ports import Item, SourceDefaults

OPENERS: dict[str, Callable[..., Opened]] = {"envelope": open_envelope, "store": open_store}
"""By kind of item: how the body of an SDK's door is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SdkItem:
    """A spool item of an SDK's door, without its place in the spool."""

    kind: str
    project_id: int
    source_id: int
    received_ms: int
    encoding: str
    event_id: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One thing to make events of; either an item or an entry."""

    item: SdkItem | None = None
    entry: AssembledEntry | None = None
    defaults: SourceDefaults | None = None
    """What the key's owner said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a job became."""

    events: tuple[DigestedEvent, ...] = ()
    counters: dict[tuple[str, str], int] = field(default_factory=Counter)
    """What else was in it, by (name, reason)."""


class Making:
    """Does jobs; raises what makes one undigestible."""

    def __init__(
        self,
        *,
        maker: EventMaker,
        table: LogGroupTable,
        pack: Callable[[DigestedEvent], DigestedEvent] = lambda digested: digested,
    ) -> None:
        """`pack` puts the payload into the store's form: right after it was made it is at hand, and small is cheap to
        keep and to pass on."""
        self._maker = maker
        self._table = table
        self._pack = pack

    def __call__(self, job: Job) -> Made:
        if job.item is not None:
            return self._of_item(job.item, job.defaults)
        assert job.entry is not None
        return Made(events=(self._event(raw_event_of(job.entry, table=self._table), job.defaults),))

    def _of_item(self, item: SdkItem, defaults: SourceDefaults | None) -> Made:
        opened = OPENERS[item.kind](item.body, item.encoding, event_id=item.event_id)
        if opened.payload is None:
            return Made(counters=opened.counters)
        raw = RawEvent(
            payload=opened.payload,
            is_ordinary=opened.is_ordinary,
            origin=Origin(project_id=item.project_id, source_id=item.source_id),
            event_id=opened.event_id,
            received_ms=item.received_ms,
            sent_at=opened.sent_at,
            problems=opened.problems,
        )
        return Made(events=(self._event(raw, defaults),), counters=opened.counters)

    def _event(self, raw: RawEvent, defaults: SourceDefaults | None) -> DigestedEvent:
        return self._pack(self._maker.make(raw, defaults=defaults))


def sdk_job(item: Item, defaults: SourceDefaults | None) -> Job:
    """Return the job of a spool item whose kind is one of OPENERS."""
    bare = SdkItem(
        kind=item.kind,
        project_id=item.project_id,
        source_id=item.source_id,
        received_ms=item.received_ms,
        encoding=item.encoding,
        event_id=item.event_id,
        body=item.body,
    )
    return Job(item=bare, defaults=defaults)


def raw_event_of(assembled: AssembledEntry, *, table: LogGroupTable) -> RawEvent:
    """Return a log entry as an event of the wire protocol."""
    payload, origin, event_id = entry_to_payload(
        assembled.entry, project_id=assembled.project_id, source_id=assembled.source_id, table=table
    )
    return RawEvent(
        payload=payload,
        origin=origin,
        event_id=event_id,
        received_ms=assembled.received_ms,
        problems=tuple(_problems(assembled.entry)),
        revision=assembled.entry.revision,
    )


def _problems(entry: LogEntry) -> Iterator[EventProblem]:
    if entry.cut_lines:
        note = f"The middle of the log entry is left out: {entry.cut_lines} lines."
        yield EventProblem(kind="truncated", note=note)
