"""Records into events without server, spool or store: what `mukiau parse` and `mukiau group` show."""

from collections.abc import Iterable, Iterator
from itertools import islice

from mukiau.core.records.log_groups import LogGroupTable
from mukiau.core.records.record import Record
from mukiau.digest.batch import DigestedEvent
from mukiau.digest.event_maker import EventMaker
from mukiau.digest.log_streams import AssembledEntry, LogStreams
from mukiau.digest.making import raw_event_of
from mukiau.digest.seen import SeenFilter

_RECORDS_AT_ONCE = 1_000
_PROJECT = 1


def digest_records(
    records: Iterable[Record], *, maker: EventMaker, table: LogGroupTable, now_ms: int
) -> Iterator[DigestedEvent]:
    """Yield the error events in the records, each once and whole, exactly as the server would group them.

    `now_ms` stands in for the time of arrival, which text without time stamps falls back to.
    """
    streams = LogStreams()
    seen = SeenFilter(lambda _: frozenset())
    for entry in _assembled(iter(records), streams, seen, now_ms):
        yield maker.make(raw_event_of(entry, table=table))


def _assembled(
    records: Iterator[Record], streams: LogStreams, seen: SeenFilter, now_ms: int
) -> Iterator[AssembledEntry]:
    while batch := list(islice(records, _RECORDS_AT_ONCE)):
        new = seen.pass_new(batch, project_id=_PROJECT, received_ms=now_ms)
        yield from streams.feed(new, project_id=_PROJECT, source_id=0, received_ms=now_ms)
    yield from streams.flush_idle(now_ms, 0)
