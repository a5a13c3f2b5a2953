"""What is fuzzed: each target takes any bytes and raises when something is not as promised.

A target needs nothing but mukiau itself, so the tests run every target over its seeds and over each input that was once
a finding.
"""

import base64
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial

import re2

from fuzz.shapes import event_json_of, event_of
from mukiau import codec
from mukiau.core.envelope import Envelope, parse_envelope, parse_envelope_header, parse_event_id
from mukiau.core.event import JSONValue, Origin
from mukiau.core.event_builder import build_event
from mukiau.core.grouping.fingerprint import fingerprint_of
from mukiau.core.grouping.title import title_of
from mukiau.core.normalize import normalize_payload
from mukiau.core.records.assemble import Assembler
from mukiau.core.records.entry import LogEntry
from mukiau.core.records.firehose import iter_firehose
from mukiau.core.records.fluent import iter_fluent
from mukiau.core.records.log_groups import DEFAULT
from mukiau.core.records.otlp.records import iter_otlp, iter_otlp_json
from mukiau.core.records.payloads import parse_records, read_batch
from mukiau.core.records.record import Record
from mukiau.core.records.wire import entry_to_payload
from mukiau.core.scrub import Scrubber, ScrubPolicy
from mukiau.core.traces.registry import RUNTIMES, classify_line, find_trace_in_text
from mukiau.core.traces.text import split_lines
from mukiau.core.traces.trace import Runtime, Trace

Target = Callable[[bytes], None]

NOW = datetime(2026, 10, 5, 12, tzinfo=UTC)
MAX_UNPACKED_BYTES = 256 * 1024
ENCODINGS = ("", "gzip", "deflate", "br", "zstd")

_scrubber = Scrubber(ScrubPolicy(), compile_pattern=re2.compile)


class BrokenPromiseError(AssertionError):
    """A promise that was not kept."""


def envelope(data: bytes) -> None:
    """Frame, unpack and decode; the library's and our own reader of JSON agree on what is an envelope."""
    parse_envelope_header(data, loads=codec.loads)
    parse_envelope(data)
    found = parse_envelope(data, loads=codec.loads)
    if isinstance(found, Envelope):
        _check_envelope(found, data)
    for encoding in ENCODINGS:
        _unpack(data, encoding)


def records(data: bytes) -> None:
    """Read a body of records, assemble it and digest the errors in it."""
    batch = parse_records(data, loads=codec.loads, item="1")
    lines = data.decode("utf-8", "replace").split("\n")
    plain = [Record(record_id=str(n), message=line, log_stream="plain") for n, line in enumerate(lines)]
    for given in (batch.records, plain):
        _assemble(given)


def firehose(data: bytes) -> None:
    """Read a request of Firehose, and one whose record the bytes are."""
    request = b'{"requestId":"r","records":[{"data":"%s"}]}' % base64.b64encode(data)
    for body in (data, request):
        batch = read_batch(iter_firehose(body, loads=codec.loads, item="1"))
        _assemble(batch.records)


def otlp(data: bytes) -> None:
    """Read an export of OpenTelemetry's logs in either encoding."""
    for read in (iter_otlp, iter_otlp_json):
        _assemble(read_batch(read(data, loads=codec.loads, item="1")).records)


def fluent(data: bytes) -> None:
    """Read what Fluent Bit posts."""
    _assemble(read_batch(iter_fluent(data, loads=codec.loads, item="1")).records)


def event(data: bytes) -> None:
    """Normalise and scrub an event made of the bytes, and one that is the bytes."""
    for text in (event_json_of(data), data):
        try:
            value = codec.loads(text)
        except ValueError:
            continue
        digest(value)
    digest(event_of(data))


def traces(data: bytes) -> None:
    """Look for a trace in a text as the assembler does."""
    text = data.decode("utf-8", "replace")
    lines = split_lines(text)
    for line in lines:
        classify_line(line)
    found = find_trace_in_text(text)
    if found is not None:
        _check_trace(found, len(lines))


def runtime(parser: Runtime, data: bytes) -> None:
    """Let one runtime's parser read a text, whether it looks like its own or not."""
    lines = split_lines(data.decode("utf-8", "replace"))
    for line in lines:
        parser.kind_of(line)
    found = parser.parse_trace(lines)
    if found is not None:
        _check_trace(found, len(lines))


TARGETS: dict[str, Target] = {
    "envelope": envelope,
    "records": records,
    "firehose": firehose,
    "otlp": otlp,
    "fluent": fluent,
    "event": event,
    "traces": traces,
    **{f"trace_{one.LANGUAGE}": partial(runtime, one) for one in RUNTIMES},
}


def digest(value: JSONValue, origin: Origin | None = None) -> None:
    """Take a decoded event through every station; the result can be stored, and normalising it again changes nothing."""
    normalized = normalize_payload(value, received_at=NOW)
    again = normalize_payload(normalized.payload, received_at=NOW)
    if again.payload != normalized.payload or again.problems:
        raise BrokenPromiseError(f"normalised twice: {again.problems}")
    scrubbed = _scrubber.scrub(normalized.payload, normalized.problems)
    made = build_event(scrubbed.payload, origin=origin or Origin(), received_at=NOW, problems=scrubbed.problems)
    codec.dumps(made.payload)
    for text in (
        fingerprint_of(made).hash,
        title_of(made).title,
        made.message,
        made.service,
        made.environment,
        made.release,
    ):
        text.encode()


def _check_envelope(found: Envelope, data: bytes) -> None:
    if sum(len(item.payload) for item in found.items) > len(data):
        raise BrokenPromiseError("the items are longer than the envelope")
    parse_event_id(found.header.get("event_id"))
    for item in found.items:
        try:
            codec.dumps(codec.loads(item.payload))
            codec.read_event_id(item.payload)
        except ValueError:
            continue


def _unpack(data: bytes, encoding: str) -> None:
    try:
        unpacked = codec.decompress(data, encoding, max_bytes=MAX_UNPACKED_BYTES)
    except codec.BodyError:
        return
    if len(unpacked) > MAX_UNPACKED_BYTES:
        raise BrokenPromiseError(f"{encoding}: {len(unpacked)} bytes are more than the cap")


def _assemble(given: Iterable[Record]) -> None:
    """Assemble in one go and with a restart in the middle; both give the same errors."""
    records = list(given)
    whole = Assembler(loads=codec.loads)
    errors = [*whole.feed(records), *whole.flush_all()]
    halves = Assembler(loads=codec.loads)
    pieces = halves.feed(records[: len(records) // 2])
    saved = json.loads(codec.dumps(list(halves.snapshot().items())))
    halves = Assembler(loads=codec.loads)
    halves.restore({tuple(key): state for key, state in saved})
    pieces += [*halves.feed(records[len(records) // 2 :]), *halves.flush_all()]
    if _by_stream(errors) != _by_stream(pieces):
        raise BrokenPromiseError("a restart changed what was assembled")
    for entry in errors:
        _digest_entry(entry)


def _by_stream(entries: Iterable[LogEntry]) -> list[tuple[tuple[str, str, str], str]]:
    """Streams are told apart; which of several open ones is closed first, nobody promised."""
    named = [((entry.account, entry.log_group, entry.log_stream), entry.raw) for entry in entries]
    return sorted(named, key=lambda one: one[0])


def _digest_entry(entry: LogEntry) -> None:
    payload, origin, event_id = entry_to_payload(entry, project_id=1, source_id=1, table=DEFAULT)
    if parse_event_id(event_id) != event_id:
        raise BrokenPromiseError(f"no event id: {event_id}")
    digest(payload, origin)


def _check_trace(found: Trace, line_count: int) -> None:
    if not found.exceptions or not 0 <= found.first_line < found.end_line <= line_count:
        raise BrokenPromiseError(f"lines {found.first_line} to {found.end_line} of {line_count}")
    for index, link in enumerate(found.exceptions):
        if link.parent is not None and not 0 <= link.parent < index:
            raise BrokenPromiseError(f"link {index} hangs on {link.parent}")
