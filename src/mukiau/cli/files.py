"""Log files as records: plain text, what `aws logs tail` prints, records as JSON lines, CloudWatch Logs documents."""

import codecs
import glob
import gzip
import io
import json
import re
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from typing import IO, TypeVar, cast

import click

from mukiau import codec
from mukiau.cli.aws_export import export_records, is_export
from mukiau.cli.aws_tail import is_tail, tail_records
from mukiau.cli.paced import paced_batches
from mukiau.cli.rejections import what_was_given
from mukiau.cli.terminal import one_line
from mukiau.core.records.kinesis import is_kinesis, iter_kinesis
from mukiau.core.records.payloads import RecordsBatch, Rejected, line_documents, parse_records, read_batch
from mukiau.core.records.record import Record

INPUT = """FILE is plain text, records as JSON lines (log_group, log_stream, timestamp, message, id), a CloudWatch Logs
document, or what `aws logs tail` or `aws kinesis get-records` printed; .gz and globs work; - is standard input."""
LINES_A_BATCH = 1_000
MAX_LINE_DIGITS = 12
"""Of a line's number as an id; longer ids are a source's own."""
Thing = TypeVar("Thing")
_DATED: dict[str, Callable[[Iterator[tuple[int, str]], str], Iterator[Record]]] = {
    "tail": tail_records,
    "export": export_records,
}
_DOCUMENT = '{"messageType"'
_KINESIS = re.compile(r'\s*"(?:Records|NextShardIterator|MillisBehindLatest)"')
"""The second line of what `aws kinesis get-records` prints."""
_MAX_FIRST_CHARS = 64 * 1024
_CHUNK_CHARS = 1024**2
_RECORD_KEYS = frozenset({"log_group", "logGroup", "log_stream", "logStream"})
_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DOCUMENT_KEYS = frozenset({"awslogs", "logEvents"})


class FolderGiven(click.ClickException):
    """Ends a command that reads files and was given a folder."""

    def __init__(self, folder: str) -> None:
        super().__init__(f"{folder} is a folder; name the files in it, such as {Path(folder, '*.log')}.")


def find_files(patterns: tuple[str, ...]) -> list[str]:
    """Return the files that paths and globs name, `-` for standard input; end the command when one names none."""
    found: list[str] = []
    for pattern in patterns or ("-",):
        names = [pattern] if pattern == "-" else sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207 - absolute patterns too
        files = [name for name in names if name == "-" or not Path(name).is_dir()]
        if names and not files:
            raise FolderGiven(names[0])
        if not files:
            raise click.ClickException(f"No file is called {pattern}.")
        found += files
    return found


@contextmanager
def open_text(name: str, encoding: str = "") -> Iterator[IO[str]]:
    """Open a file, gunzipped where it is gzip (by content, not by name).

    Without an encoding it is UTF-8, or UTF-16 where a mark at its beginning says so. What cannot be decoded becomes
    U+FFFD.
    """
    with ExitStack() as opened:
        try:
            binary = _standard_input() if name == "-" else opened.enter_context(Path(name).open("rb"))
            buffered = io.BufferedReader(cast("io.RawIOBase", binary))
            opened.callback(buffered.detach)
            is_gzip = buffered.peek(2)[:2] == codec.GZIP_MAGIC
            plain = opened.enter_context(gzip.GzipFile(fileobj=buffered)) if is_gzip else buffered
            encoding = encoding or ("utf-16" if buffered.peek(2)[:2] in _UTF_16_MARKS else "utf-8-sig")
            text = io.TextIOWrapper(cast("IO[bytes]", plain), encoding=encoding, errors="replace", newline="\n")
            opened.callback(text.detach)
            yield text
        except (OSError, EOFError, zlib.error) as error:
            raise click.ClickException(f"{name} cannot be read: {error}") from error


def _standard_input() -> IO[bytes]:
    """Without the buffer that waits until it is full."""
    return cast("IO[bytes]", getattr(sys.stdin.buffer, "raw", sys.stdin.buffer))


def read_batches(name: str, *, numbered: bool, encoding: str = "") -> Iterator[RecordsBatch]:
    """Yield a file's records in batches of at most LINES_A_BATCH lines; what is no record is counted by its line.

    `numbered`: plain lines get their number (from 1) as id; else what has no id gets one that the same line of the same
    file gets again, so that a file brought in twice counts once.
    """
    with open_text(name, encoding) as stream:
        lines = enumerate(_lines(stream), 1)
        first = next(((number, line) for number, line in lines if line.strip()), None)
        if first is None:
            return
        file = name if name == "-" else str(Path(name).resolve())
        for found in _read(chain([first], lines), _shape_of(first[1], name), file):
            yield found if numbered else replace(found, records=_with_stable_ids(found.records, file))


def read_records(names: Iterable[str], *, encoding: str) -> Iterator[Record]:
    """Yield the records of files, numbered by their lines; say of each line that is none why."""
    for name in names:
        for batch in read_batches(name, numbered=True, encoding=encoding):
            say_rejected(name, batch)
            yield from batch.records


def _read(lines: Iterator[tuple[int, str]], shape: str, file: str) -> Iterator[RecordsBatch]:
    in_batches = paced_batches if file == "-" else _batched  # a pipe may fall silent
    if shape in _DATED:
        for records in in_batches(_DATED[shape](lines, file), LINES_A_BATCH):
            yield RecordsBatch(tuple(records))
        return
    if shape == "plain":
        yield from (_plain(batch, file) for batch in in_batches(lines, LINES_A_BATCH))
    elif shape == "kinesis":
        yield from (_of_kinesis(number, line, file) for number, line in lines)
    elif file == "-":
        yield from (
            _parsed(part) for batch in in_batches(lines, LINES_A_BATCH) for part in _batched_by_size(iter(batch))
        )
    else:
        yield from map(_parsed, _batched_by_size(lines))


def say_rejected(name: str, batch: RecordsBatch) -> None:
    """Say on standard error of each line that is no record why."""
    for rejected in batch.rejected:
        click.echo(one_line(f"{name}:{rejected.index}: {what_was_given(rejected.reason)}"), err=True)


def _lines(stream: IO[str]) -> Iterator[str]:
    """Yield a file's lines; documents of a subscription that stand in a row, as Firehose puts them into a bucket, are one
    each. What parts them cannot be in a message: there its quotes would be escaped."""
    first = stream.readline(_MAX_FIRST_CHARS)
    if first.strip() == "{" and _KINESIS.match(second := stream.readline(_MAX_FIRST_CHARS)):
        yield from _joined(stream, first + second)
        return
    if first.strip() == "{":
        yield from (first, second)
        yield from stream
        return
    if not first.startswith(_DOCUMENT):
        yield first + stream.readline() if len(first) == _MAX_FIRST_CHARS else first
        yield from stream
        return
    rest = first
    while chunk := stream.read(_CHUNK_CHARS):
        *whole, rest = (rest + chunk).replace("}" + _DOCUMENT, "}\n" + _DOCUMENT).split("\n")
        yield from (line + "\n" for line in whole)
    yield from rest.replace("}" + _DOCUMENT, "}\n" + _DOCUMENT).splitlines(keepends=True)


def _joined(stream: IO[str], begun: str) -> Iterator[str]:
    """Yield each document of several lines as one: `}` at a line's beginning ends it."""
    lines = begun.splitlines()
    for line in stream:
        lines.append(line.rstrip("\r\n"))
        if line.startswith("}"):
            yield " ".join(lines)
            lines = []
    if any(map(str.strip, lines)):
        yield " ".join(lines)


def _shape_of(line: str, name: str) -> str:
    if not line.lstrip().startswith("{"):
        return "export" if is_export(line, name) else "tail" if is_tail(line) else "plain"
    try:
        given = json.loads(line)
    except ValueError:
        return "plain"
    keys = given.keys() if isinstance(given, dict) else set()
    if is_kinesis(given):
        return "kinesis"
    is_record = bool(keys & _RECORD_KEYS and "message" in keys) or bool(keys & _DOCUMENT_KEYS)
    return "records" if is_record else "plain"


def _batched(things: Iterator[Thing], size: int) -> Iterator[list[Thing]]:
    while batch := list(islice(things, size)):
        yield batch


def _batched_by_size(lines: Iterator[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    """A line may be a document of ten thousand log events: a batch is as large as a server takes."""
    batch: list[tuple[int, str]] = []
    chars = 0
    for line in lines:
        batch.append(line)
        chars += len(line[1])
        if chars >= _CHUNK_CHARS or len(batch) == LINES_A_BATCH:
            yield batch
            batch, chars = [], 0
    if batch:
        yield batch


def _plain(batch: list[tuple[int, str]], file: str) -> RecordsBatch:
    return RecordsBatch(
        tuple(
            Record(record_id=str(number), message=line.rstrip("\r\n"), log_stream=file, has_source_id=False)
            for number, line in batch
        )
    )


def _parsed(batch: list[tuple[int, str]]) -> RecordsBatch:
    body = "".join(line for _, line in batch).encode("utf-8", "replace")
    parsed = parse_records(body, loads=codec.loads, item=str(batch[0][0]))
    # An index counts log events, of which a line may hold many: then the batch's first line must do.
    numbers = [number for number, _ in batch]
    rejected = (replace(one, index=numbers[one.index if one.index < len(numbers) else 0]) for one in parsed.rejected)
    return replace(parsed, rejected=tuple(rejected))


def _of_kinesis(number: int, line: str, file: str) -> RecordsBatch:
    """Read an answer of GetRecords; what is no record has its place in the answer, from 1."""
    read = RecordsBatch(())
    for answer in line_documents(line, codec.loads):
        if not is_kinesis(answer):
            return replace(read, rejected=(*read.rejected, Rejected(number, "not_kinesis")))
        found = read_batch(iter_kinesis(answer, loads=codec.loads, around={"log_stream": file}))
        read = RecordsBatch((*read.records, *found.records), (*read.rejected, *_counted_from_one(found)))
    return read


def _counted_from_one(batch: RecordsBatch) -> Iterator[Rejected]:
    return (replace(one, index=one.index + 1) for one in batch.rejected)


def _with_stable_ids(records: tuple[Record, ...], file: str) -> tuple[Record, ...]:
    return tuple(record if record.has_source_id else _with_stable_id(record, file) for record in records)


def _with_stable_id(record: Record, file: str) -> Record:
    text = f"{file}\0{record.record_id}\0{record.timestamp_ms}\0{record.message}"
    return replace(record, record_id=sha256(text.encode("utf-8", "replace")).hexdigest()[:24], has_source_id=True)
