"""Traces that a batch's edge cuts: what stands before and after it in its stream, read with GetLogEvents.

An event belongs to the batch that holds its first record. So a batch whose first line may be the rest of something reads
what stands before it, and then knows that the event is not its own; one whose last line may go on reads what follows. A
writer sends a stream's lines every few seconds: what follows may have to be waited for.

GetLogEvents gives no ids. They are not needed: what is read here begins no event, and lines of the batch itself are told
by their time and text.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

from mukiau.core.event import Level
from mukiau.core.records.formats import looks_like_object
from mukiau.core.records.headers import sniff
from mukiau.core.records.prefixes import clean
from mukiau.core.records.record import Record
from mukiau.core.traces.registry import classify_line
from mukiau.core.traces.trace import LineKind
from mukiau.forwarder.door import TimeLeft
from mukiau.forwarder.own_log import say

REACH_MS = 15_000
"""How far from the batch's edge a trace is looked for: longer than a writer holds lines back."""
WAITS_SECONDS = (0.0, 1.0, 2.0, 3.0)
MAX_EVENTS = 1_000
"""Read at a time: the lines of the longest entry."""

_GRAVE = frozenset({Level.WARNING, Level.ERROR, Level.FATAL})
Line = tuple[int, str]
"""Time (milliseconds) and message."""


class StreamReader(Protocol):
    """Whoever has the streams."""

    def read(self, log_group: str, log_stream: str, *, start_ms: int, end_ms: int, from_start: bool) -> list[Line]:
        """Return at most MAX_EVENTS lines with start_ms <= time < end_ms in order; none when they cannot be read."""
        ...


class Repair:
    """Finds the lines around a batch that may belong to its first and last entry."""

    def __init__(self, reader: StreamReader, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._reader = reader
        self._sleep = sleep

    def around(self, records: Sequence[Record], *, time_left: TimeLeft) -> tuple[list[Record], list[Record]]:
        """Return what stands before and after a batch of one stream, each empty where the edge cuts nothing."""
        if not records or records[0].timestamp_ms is None or records[-1].timestamp_ms is None:
            return [], []
        before = self._before(records) if _may_be_rest(records[0].message) else []
        after = self._after(records, time_left) if _may_go_on(records[-1].message) else []
        return before, after

    def _before(self, records: Sequence[Record]) -> list[Record]:
        first = records[0]
        at = first.timestamp_ms or 0
        lines = self._reader.read(
            first.log_group, first.log_stream, start_ms=at - REACH_MS, end_ms=at + 1, from_start=False
        )
        return _as_records(_without(lines, records), like=first, where="before")

    def _after(self, records: Sequence[Record], time_left: TimeLeft) -> list[Record]:
        last = records[-1]
        at = last.timestamp_ms or 0
        lines: list[Line] = []
        for wait in WAITS_SECONDS:
            if wait >= time_left():
                break
            self._sleep(wait)
            found = self._reader.read(
                last.log_group, last.log_stream, start_ms=at, end_ms=at + REACH_MS, from_start=True
            )
            lines = _without(found, records)
            if lines and not _may_go_on(lines[-1][1]):
                break
        return _as_records(lines, like=last, where="after")


def _may_be_rest(message: str) -> bool:
    """Whether a line says nothing of itself: no time, no level, no object."""
    text = clean(message).text
    return not looks_like_object(text) and sniff(text.partition("\n")[0]) is None


def _may_go_on(message: str) -> bool:
    """Whether a trace is open after this line, or may follow it."""
    text = clean(message).text
    last = text.rpartition("\n")[2]
    head = sniff(last)
    if looks_like_object(text):
        return False
    return (head is not None and head.level in _GRAVE) or classify_line(last) is not LineKind.NONE or last[:1] in " \t"


def _without(lines: Sequence[Line], records: Sequence[Record]) -> list[Line]:
    """Return the lines that are not the batch's own; of equal ones as many as the batch has not."""
    own = Counter((record.timestamp_ms, record.message) for record in records)
    left = []
    for line in lines:
        if own[line] > 0:
            own[line] -= 1
        else:
            left.append(line)
    return left


def _as_records(lines: Sequence[Line], *, like: Record, where: str) -> list[Record]:
    return [
        Record(
            record_id=f"{where}:{number}",
            message=message,
            timestamp_ms=at_ms,
            account=like.account,
            log_group=like.log_group,
            log_stream=like.log_stream,
            has_source_id=False,
        )
        for number, (at_ms, message) in enumerate(lines)
    ]


class CloudWatchStreams:
    """Reads streams of this account and region."""

    def __init__(self) -> None:
        import boto3  # noqa: PLC0415 - the Lambda runtime has it, and it is slow to load
        from botocore.config import Config  # noqa: PLC0415
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        limits = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 3})
        self._logs = boto3.client("logs", config=limits)
        self._failures = (BotoCoreError, ClientError)

    def read(self, log_group: str, log_stream: str, *, start_ms: int, end_ms: int, from_start: bool) -> list[Line]:
        """Return the lines; one failed reading leaves a trace cut, which is better than the batch sent again and again."""
        try:
            answer = self._logs.get_log_events(
                logGroupName=log_group,
                logStreamName=log_stream,
                startTime=start_ms,
                endTime=end_ms,
                startFromHead=from_start,
                limit=MAX_EVENTS,
            )
        except self._failures as error:
            say("WARN", "The log stream cannot be read: a trace may stay cut.", log_group=log_group, reason=str(error))
            return []
        return [(event["timestamp"], event["message"]) for event in answer["events"]]
