"""Log files as records: plain text, records as JSON lines, CloudWatch Logs documents; `-`, globs and .gz."""

import glob
import gzip
import io
import json
import sys
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from typing import IO, cast

import click

from mukiau import codec
from mukiau.core.records.payloads import parse_records
from mukiau.core.records.record import Record

LINES_A_BATCH = 1_000
_RECORD_KEYS = frozenset({"log_group", "logGroup", "log_stream", "logStream"})
_DOCUMENT_KEYS = frozenset({"awslogs", "logEvents"})


def find_files(patterns: tuple[str, ...]) -> list[str]:
    """Return the files that paths and globs name, `-` for standard input; end the command when one names none."""
    found: list[str] = []
    for pattern in patterns or ("-",):
        names = [pattern] if pattern == "-" else sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207 - absolute patterns too
        files = [name for name in names if name == "-" or Path(name).is_file()]
        if not files:
            raise click.ClickException(f"No file is called {pattern}.")
        found += files
    return found


@contextmanager
def open_text(name: str) -> Iterator[IO[str]]:
    """Open a file, gunzipped where it is gzip (by content, not by name); bytes that are no UTF-8 become U+FFFD."""
    with ExitStack() as opened:
        try:
            binary = sys.stdin.buffer if name == "-" else opened.enter_context(Path(name).open("rb"))
            buffered = io.BufferedReader(cast("io.RawIOBase", binary))
            opened.callback(buffered.detach)
            is_gzip = buffered.peek(2)[:2] == codec.GZIP_MAGIC
            plain = opened.enter_context(gzip.GzipFile(fileobj=buffered)) if is_gzip else buffered
            text = io.TextIOWrapper(cast("IO[bytes]", plain), encoding="utf-8", errors="replace", newline="\n")
            opened.callback(text.detach)
            yield text
        except (OSError, EOFError, zlib.error) as error:
            raise click.ClickException(f"{name} cannot be read: {error}") from error


def read_batches(name: str, *, numbered: bool) -> Iterator[list[Record]]:
    """Yield a file's records in batches of at most LINES_A_BATCH lines.

    `numbered`: plain lines get their number (from 1) as id; else an id that the same line of the same file gets again,
    so that a file brought in twice counts once.
    """
    with open_text(name) as stream:
        lines = enumerate(stream, 1)
        first = next(((number, line) for number, line in lines if line.strip()), None)
        if first is None:
            return
        shape = _shape_of(first[1])
        for batch in _batched(chain([first], lines), LINES_A_BATCH):
            yield _plain(name, batch, numbered=numbered) if shape == "plain" else _parsed(name, batch)


def _shape_of(line: str) -> str:
    if not line.lstrip().startswith("{"):
        return "plain"
    try:
        given = json.loads(line)
    except ValueError:
        return "plain"
    keys = given.keys() if isinstance(given, dict) else set()
    is_record = bool(keys & _RECORD_KEYS and "message" in keys) or bool(keys & _DOCUMENT_KEYS)
    return "records" if is_record else "plain"


def _batched(lines: Iterator[tuple[int, str]], size: int) -> Iterator[list[tuple[int, str]]]:
    while batch := list(islice(lines, size)):
        yield batch


def _plain(name: str, batch: list[tuple[int, str]], *, numbered: bool) -> list[Record]:
    return [
        Record(
            record_id=str(number) if numbered else _stable_id(name, number, line),
            message=line.rstrip("\r\n"),
            log_stream=name,
            has_source_id=not numbered,
        )
        for number, line in batch
    ]


def _stable_id(name: str, number: int, line: str) -> str:
    text = f"{Path(name).name}\0{number}\0{line}"
    return sha256(text.encode("utf-8", "replace")).hexdigest()[:24]


def _parsed(name: str, batch: list[tuple[int, str]]) -> list[Record]:
    body = "".join(line for _, line in batch).encode("utf-8", "replace")
    parsed = parse_records(body, loads=codec.loads, item=f"{name}:{batch[0][0]}")
    for rejected in parsed.rejected:
        number = batch[rejected.index][0] if rejected.index < len(batch) else batch[0][0]
        click.echo(f"{name}:{number}: {rejected.reason}", err=True)
    return list(parsed.records)
