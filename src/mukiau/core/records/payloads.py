"""Bodies of the records door into records: JSON lines, CloudWatch Logs documents, the Lambda event, plain text.

A body is already unpacked. Bad lines are turned away one by one, with their index and a reason; they never fail the
rest. An index counts the lines (or documents, or log events) of the body from 0.
"""

import base64
import binascii
import codecs
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mukiau.core.event import JSONObject, JSONValue
from mukiau.core.records.decoding import Loads
from mukiau.core.records.gzip_members import gunzip
from mukiau.core.records.record import Record

MAX_UNPACKED_BYTES = 32 * 1_048_576
"""Of the gzip inside a Lambda event: 30 times what CloudWatch Logs puts into one."""
MAX_RECORD_CHARS = 1_048_576
"""Of one message: as much as CloudWatch Logs takes. Of a longer one the beginning is kept."""
MAX_REJECTED = 20_000
"""Bad lines of one body: they cost more than good ones, and with so many of them it is no body of records."""
MAX_RECORDS = 200_000
"""Lines read of one body, good and bad; from there on the rest is rejected as one `too_many`."""
MAX_MARKS = 2_000_000
"""Braces, brackets and commas of what is decoded at once: a list of MAX_RECORDS records has less. Small values take twenty
times their text in memory."""
_MAX_DOCUMENTS = 10_000
RECORD_KEYS = frozenset(("log_group", "logGroup", "log_stream", "logStream"))
"""By one of them a JSON line is told to be a record, where it may as well be what an application logged."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A line, document or log event that could not be read."""

    index: int
    reason: str
    """`not_json`, `too_many_values`, `not_an_object`, `no_message`, `bad_awslogs_data`, `bad_firehose_data`,
    `not_firehose`, `bad_kinesis_data`, `aggregated`, `not_kinesis`, `bad_log_record`, `not_otlp`, `cut` (its beginning is
    kept), `too_many`: one word, no variable part."""


@dataclass(frozen=True, slots=True)
class RecordsBatch:
    """What a body held."""

    records: tuple[Record, ...]
    rejected: tuple[Rejected, ...] = ()


Line = Record | Rejected


@dataclass(slots=True)
class Reader:
    """Reads the documents of one body; knows how many lines there were so far."""

    item: str
    """Names the body in ids of lines that bring none."""
    loads: Loads
    max_lines: int = MAX_RECORDS
    is_item_lasting: bool = False
    """The body goes by that name also when it comes again."""
    index: int = 0
    bad: int = 0
    is_over: bool = False
    """Nothing more is read: it was said."""

    @property
    def is_full(self) -> bool:
        return self.index >= self.max_lines or self.bad >= MAX_REJECTED

    @property
    def made_id(self) -> str:
        """The next line's name, where it brings none."""
        return f"{self.item}:{self.index}"

    def take(self, value: JSONValue) -> Iterator[Line]:
        """Read one decoded document or line."""
        if self.is_full:
            yield from self.reject_rest()
        elif not isinstance(value, dict):
            yield self.reject("not_an_object")
        elif isinstance(value.get("awslogs"), dict):
            yield from self._take_lambda_event(value["awslogs"])
        elif "logEvents" in value or "messageType" in value:
            yield from self._take_subscription(value)
        else:
            yield from self._take_record(value, value)

    def _take_record(self, value: JSONObject, around: JSONObject) -> Iterator[Line]:
        message = value.get("message")
        if not isinstance(message, str):
            yield self.reject("no_message")
            return
        given_id = find_text(value, "id", "eventId", "event_id", "record_id")
        yield from self._take_message(
            message, given_id=given_id, timestamp_ms=_milliseconds(value.get("timestamp")), around=around
        )

    def take_text(self, text: str, *, around: JSONObject) -> Iterator[Line]:
        """Read a line that is a message as a whole; `around` may name its log group and stream."""
        if self.is_full:
            yield from self.reject_rest()
        else:
            yield from self._take_message(text, given_id="", timestamp_ms=None, around=around)

    def _take_message(
        self, message: str, *, given_id: str, timestamp_ms: int | None, around: JSONObject
    ) -> tuple[Line, ...]:
        record = Record(
            record_id=given_id or self.made_id,
            message=message[:MAX_RECORD_CHARS],
            timestamp_ms=timestamp_ms,
            account=find_text(around, "account", "owner", "accountId"),
            log_group=find_text(around, "log_group", "logGroup", "logGroupName"),
            log_stream=find_text(around, "log_stream", "logStream", "logStreamName"),
            service=find_text(around, "service"),
            environment=find_text(around, "environment"),
            has_source_id=bool(given_id) or self.is_item_lasting,
        )
        return self.keep(record, is_cut=len(message) > MAX_RECORD_CHARS)

    def keep(self, record: Record, *, is_cut: bool) -> tuple[Line, ...]:
        """Count a record; `is_cut` says that its message is only the beginning of what was sent."""
        self.index += 1
        return (record, Rejected(self.index - 1, "cut")) if is_cut else (record,)

    def _take_subscription(self, document: JSONObject) -> Iterator[Line]:
        events = document.get("logEvents")
        if document.get("messageType") == "CONTROL_MESSAGE":
            return
        if not isinstance(events, list):
            yield self.reject("no_message")
            return
        for event in events:
            if self.is_full:
                yield from self.reject_rest()
                return
            yield from self._take_record(event, document) if isinstance(event, dict) else [self.reject("not_an_object")]

    def _take_lambda_event(self, awslogs: JSONObject) -> Iterator[Line]:
        data = awslogs.get("data")
        try:
            unpacked = (
                gunzip(base64.b64decode(data, validate=False), max_bytes=MAX_UNPACKED_BYTES)
                if isinstance(data, str)
                else None
            )
        except (binascii.Error, ValueError, zlib.error):
            unpacked = None
        if unpacked is None:
            yield self.reject("bad_awslogs_data")
            return
        for document in documents_of(unpacked, self.loads):
            if isinstance(document, dict) and "awslogs" not in document:
                yield from self.take(document)
            else:
                yield self.reject("bad_awslogs_data")

    def reject_rest(self) -> Iterator[Rejected]:
        """Say once that nothing more is read."""
        if not self.is_over:
            self.is_over = True
            yield Rejected(self.index, "too_many")

    def reject(self, reason: str) -> Rejected:
        """Count a line that is none."""
        self.index += 1
        self.bad += 1
        return Rejected(self.index - 1, reason)


@dataclass(frozen=True, slots=True)
class Unread:
    """Stands for a piece of the body that is not read."""

    reason: str = "not_json"
    """Or `too_many_values`."""


def parse_records(body: bytes, *, loads: Loads = json.loads, item: str) -> RecordsBatch:
    """Read a body; never raises.

    `item` names the body in ids of records that bring none.
    """
    return read_batch(iter_records(body, loads=loads, item=item))


def read_batch(lines: Iterable[Line]) -> RecordsBatch:
    """Return what a reader found, sorted into records and the rest."""
    records: list[Record] = []
    rejected: list[Rejected] = []
    for line in lines:
        if isinstance(line, Record):
            records.append(line)
        else:
            rejected.append(line)
    return RecordsBatch(tuple(records), tuple(rejected))


def iter_records(body: bytes, *, loads: Loads = json.loads, item: str) -> Iterator[Line]:
    """Read a body line by line, in order; never raises. Of a body of many lines only one at a time is decoded."""
    reader = Reader(item, loads)
    for document in documents_of(body.removeprefix(codecs.BOM_UTF8), loads):
        if reader.is_over:
            return
        if isinstance(document, Unread):
            yield from reader.take(None) if reader.is_full else [reader.reject(document.reason)]
        elif isinstance(document, list):
            for value in document:
                yield from reader.take(value)
        else:
            yield from reader.take(document)


def has_too_many_values(text: str, *, most: int = MAX_MARKS) -> bool:
    """Say whether decoding a text would take more memory than a body may, by its marks; a short one never does."""
    return len(text) > most and text.count("{") + text.count("[") + text.count(",") > most


def documents_of(body: bytes, loads: Loads) -> Iterator[JSONValue]:
    """Yield the documents of a body: JSON lines, several documents in a row (`}{`), or one over several lines."""
    if body.partition(b"\n")[0].strip() in (b"{", b"[") and b"\n" in body:
        text = body.decode("utf-8", "replace")  # pretty-printed
        yield from [Unread("too_many_values")] if has_too_many_values(text) else _consecutive(text, loads)
        return
    for line in lines_of(body):
        text = line.decode("utf-8", "replace")
        if text.strip():
            yield from line_documents(text, loads)


def lines_of(body: bytes) -> Iterator[bytes]:
    """Yield the lines of a body one by one, without their newlines."""
    at = 0
    while (end := body.find(b"\n", at)) >= 0:
        yield body[at:end]
        at = end + 1
    yield body[at:]


def line_documents(line: str, loads: Loads) -> Iterator[JSONValue]:
    """Yield the JSON documents of a line, and Unread in the place of the first one that is not read."""
    if has_too_many_values(line):
        yield Unread("too_many_values")
        return
    try:
        yield loads(line)
    except (ValueError, RecursionError):
        yield from _consecutive(line, loads)


def _consecutive(text: str, loads: Loads) -> Iterator[JSONValue]:
    """Documents one after the other; what follows the first broken one is given up."""
    decoder = json.JSONDecoder()
    at, count = 0, 0
    while count < _MAX_DOCUMENTS:
        while at < len(text) and text[at] in " \t\r\n\x1e,":
            at += 1
        if at >= len(text):
            return
        try:
            end = decoder.raw_decode(text, at)[1]
            value = loads(text[at:end])  # mends what the decoder lets through
        except (ValueError, RecursionError):
            yield Unread()
            return
        count, at = count + 1, end
        yield value


def find_text(value: JSONObject, *names: str) -> str:
    """Find the first of some keys that has a text or a whole number; "" where none has."""
    for name in names:
        found = value.get(name)
        if isinstance(found, str):
            return found
        if isinstance(found, int) and not isinstance(found, bool):
            return str(found)
    return ""


def _milliseconds(value: JSONValue) -> int | None:
    """Unix milliseconds; seconds with a fraction are taken too, anything else is no time."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if isinstance(value, float) and not -1e15 < value < 1e15:
        return None
    if isinstance(value, float) and abs(value) < 1e11:
        return int(value * 1000)
    return int(value) if abs(value) < 10**15 else None
