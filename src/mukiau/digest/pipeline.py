"""The pipeline: a spool item becomes events, counts and open streams. One item, top to bottom, on one screen."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from mukiau import codec
from mukiau.core.records.bodies import READERS
from mukiau.core.records.log_groups import DEFAULT, LogGroupTable
from mukiau.core.records.payloads import parse_records
from mukiau.core.records.record import Record
from mukiau.digest.arrivals import ArrivedRecords
from mukiau.digest.batch import Arrived, DigestedEvent, SeenRecord, SetAside, StreamState
from mukiau.digest.boundary import Failure, attempt
from mukiau.digest.envelopes import Undigestible
from mukiau.digest.log_streams import AssembledEntry, LogStreams
from mukiau.digest.making import OPENERS, Job, Made, sdk_job
from mukiau.digest.ports import Item, Sources
from mukiau.digest.seen import FindSeen, SeenFilter

__all__ = ["DigestedEvent", "Outcome", "Pipeline"]

PART_RECORDS = 200
"""Records digested at a time: the worker may write what they became before the rest of their item."""
MAX_RECORDS_BYTES = 64 * 1024**2
"""Unpacked; the door lets less through."""
ENTRY, STREAM = "entry", "stream"
"""Kinds of items set aside by digest itself: one log entry as a record, a log stream as it was saved."""


@dataclass(slots=True)
class Outcome:
    """What items became."""

    events: list[DigestedEvent] = field(default_factory=list)
    counters: Counter[tuple[str, str]] = field(default_factory=Counter)
    set_aside: list[SetAside] = field(default_factory=list)
    records_done: int = 0
    """Of the item digested last, when there are more; 0 when it is finished."""

    def add(self, other: "Outcome") -> None:
        """Take over what another item, or the next part of this one, became."""
        self.events += other.events
        self.counters += other.counters
        self.set_aside += other.set_aside
        self.records_done = other.records_done


class Pipeline:
    """Digests items one by one; the open log entries of all streams live in it between items."""

    def __init__(
        self,
        *,
        make: Callable[[Job], Made],
        sources: Sources,
        find_seen: FindSeen,
        share: Callable[[Sequence[Job]], Sequence[Made | None]] | None = None,
        table: LogGroupTable = DEFAULT,
    ) -> None:
        """`make` does one job; `share` does many at once where it can, and leaves the others undone (None); `table` says
        whose a record is."""
        self._make = make
        self._share = share
        self._sources = sources
        self._find_seen = find_seen
        self._made: dict[int, Made] = {}
        """By position: what items became that are digested soon."""
        self._seen = SeenFilter(find_seen)
        self._streams = LogStreams()
        self._arrived = ArrivedRecords(table)
        self._reading: _Reading | None = None
        """An item that is digested in parts."""

    def restore(self, states: Iterable[StreamState]) -> list[StreamState]:
        """Go back to what was saved last, forgetting what was digested since; return the states nobody can read."""
        self._made = {}
        self._seen = SeenFilter(self._find_seen)
        self._arrived.take()
        return self._streams.restore(states)

    def look_ahead(self, items: Sequence[Item]) -> None:
        """Have the work on items that are digested next shared; digesting one alone needs no such call."""
        if self._share is None:
            return
        jobs = {
            item.position: sdk_job(item, self._sources.find_defaults(item.source_id))
            for item in items
            if item.kind in OPENERS and item.position not in self._made
        }
        for position, made in zip(jobs, self._share(list(jobs.values())), strict=True):
            if made is not None:
                self._made[position] = made

    def digest_item(self, item: Item, *, records_done: int = 0) -> Outcome:
        """Turn an item into events; any exception says that the item is to be set aside, and needs `restore`.

        Of an item of many records only the next part is digested; the outcome's `records_done` says up to where.
        """
        if item.kind in OPENERS:
            made = self._made.pop(item.position, None)
            return _outcome(made or self._make(sdk_job(item, self._sources.find_defaults(item.source_id))))
        if item.kind in READERS:
            return self._digest_records(item, records_done)
        if item.kind in (ENTRY, STREAM):
            return self._digest_again(item)
        raise Undigestible(f"The item is of an unknown kind: {item.kind}.")

    def flush_idle(self, now_ms: int, idle_ms: int) -> Outcome:
        """Return the events of log streams that have been silent for a time."""
        return self._digest_entries(self._streams.flush_idle(now_ms, idle_ms), position=0)

    def forget_idle(self, now_ms: int) -> None:
        """Let go of log entries that no late line will continue any more; `take_streams` tells which."""
        self._streams.forget_idle(now_ms)

    def take_streams(self) -> tuple[StreamState, ...]:
        """Return the streams that changed since the last call, to be saved with the events."""
        return self._streams.take_changes()

    def take_seen(self) -> tuple[SeenRecord, ...]:
        """Return the records digested since the last call, to be remembered with the events."""
        return self._seen.take_fresh()

    def take_arrived(self) -> tuple[Arrived, ...]:
        """Return where records came from since the last call."""
        return self._arrived.take()

    def find_broken_streams(self) -> list[tuple[StreamState, str]]:
        """Return the streams whose open entries cannot be read, each with the reason."""
        tried = [(state, attempt(_flushed, state)) for state in self._streams.snapshot()]
        return [(state, flushed.reason) for state, flushed in tried if isinstance(flushed, Failure)]

    def _digest_records(self, item: Item, start: int) -> Outcome:
        reading = self._reading_of(item, start)
        given = reading.take(PART_RECORDS)
        self._reading = None if reading.is_over else reading
        project, received_ms = item.project_id, item.received_ms
        new = self._seen.pass_new(given, project_id=project, received_ms=received_ms)
        self._note_arrived(new, item)
        entries = self._streams.feed(new, project_id=project, source_id=item.source_id, received_ms=received_ms)
        outcome = self._digest_entries(entries, position=item.position)
        outcome.counters["records", "digested"] += len(new)
        outcome.counters["duplicate", "record"] += len(given) - len(new)
        outcome.records_done = 0 if reading.is_over else reading.done
        return outcome

    def _note_arrived(self, records: Sequence[Record], item: Item) -> None:
        defaults = self._sources.find_defaults(item.source_id)
        self._arrived.note(records, project_id=item.project_id, received_ms=item.received_ms, defaults=defaults)

    def _reading_of(self, item: Item, start: int) -> "_Reading":
        if (reading := self._reading) is not None and (reading.position, reading.done) == (item.position, start):
            return reading
        body = codec.decompress(item.body, item.encoding, max_bytes=MAX_RECORDS_BYTES)
        lines = READERS[item.kind](body, loads=codec.loads, item=str(item.position))
        records = (line for line in lines if isinstance(line, Record))
        return _Reading(item.position, start, islice(records, start, None))

    def _digest_entries(self, entries: Sequence[AssembledEntry], *, position: int) -> Outcome:
        """A bad entry is set aside alone: the thousands of records that came with it are none the worse."""
        outcome = Outcome()
        jobs = [self._entry_job(assembled) for assembled in entries]
        shared = self._share(jobs) if self._share is not None else [None] * len(jobs)
        for assembled, job, made in zip(entries, jobs, shared, strict=True):
            result = attempt(self._make, job) if made is None else made
            if isinstance(result, Failure):
                outcome.set_aside.append(_entry_aside(assembled, result.reason, position=position))
            else:
                outcome.events += result.events
        return outcome

    def _entry_job(self, assembled: AssembledEntry) -> Job:
        return Job(entry=assembled, defaults=self._sources.find_defaults(assembled.source_id))

    def _digest_again(self, item: Item) -> Outcome:
        """Its records were seen and its stream has gone on, so it is assembled by itself."""
        if item.kind == STREAM:
            state = StreamState(project_id=item.project_id, stream_key="", state=item.body.decode())
            return self._whole(_flushed(state))
        alone = LogStreams()
        records = parse_records(item.body, loads=codec.loads, item=str(item.position)).records
        entries = alone.feed(
            records, project_id=item.project_id, source_id=item.source_id, received_ms=item.received_ms
        )
        entries += alone.flush_idle(item.received_ms, 0)
        return self._whole(entries)

    def _whole(self, entries: Iterable[AssembledEntry]) -> Outcome:
        return Outcome(events=[event for entry in entries for event in self._make(self._entry_job(entry)).events])


class _Reading:
    """The records of an item, read as they are digested: unpacked they may be more than memory should hold at once."""

    def __init__(self, position: int, done: int, records: Iterator[Record]) -> None:
        self.position = position
        self.done = done
        """So many were taken."""
        self._records = records
        self._next = next(records, None)

    @property
    def is_over(self) -> bool:
        return self._next is None

    def take(self, count: int) -> list[Record]:
        """Return the next records, at most so many."""
        if self._next is None:
            return []
        given = [self._next, *islice(self._records, count - 1)]
        self.done += len(given)
        self._next = next(self._records, None)
        return given


def _outcome(made: Made) -> Outcome:
    return Outcome(events=list(made.events), counters=Counter(made.counters))


def _flushed(state: StreamState) -> list[AssembledEntry]:
    """Return the open errors of a saved stream; raises what reading them raises."""
    alone = LogStreams()
    if alone.restore([state]):
        raise Undigestible("The saved stream cannot be read.")
    return alone.flush_idle(2**62, 0)


def _entry_aside(assembled: AssembledEntry, reason: str, *, position: int) -> SetAside:
    return SetAside(
        position=position,
        kind=ENTRY,
        project_id=assembled.project_id,
        source_id=assembled.source_id,
        received_ms=assembled.received_ms,
        encoding="",
        event_id="",
        body=_entry_body(assembled),
        reason=reason,
    )


def _entry_body(assembled: AssembledEntry) -> bytes:
    """The entry as one record with its whole text, in the form of the records door."""
    entry = assembled.entry
    record = Record(record_id=entry.record_ids[0], message=entry.raw, timestamp_ms=entry.occurred_ms)
    document = {
        "account": entry.account,
        "log_group": entry.log_group,
        "log_stream": entry.log_stream,
        "timestamp": record.timestamp_ms,
        "message": record.message,
        "id": record.record_id,
    }
    return codec.dumps({name: value for name, value in document.items() if value is not None})
