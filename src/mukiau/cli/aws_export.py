"""What `aws logs create-export-task` leaves in a bucket: a folder for each log stream, in it gzipped lines with their time."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from mukiau.core.records.moments import read_time
from mukiau.core.records.record import Record

_FILE = re.compile(r"\d{6}(?:\.gz)?")
_LINE = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3})Z (.*)", re.DOTALL)


def is_export(line: str, name: str) -> bool:
    """Say whether a file of this name that begins with this line is part of an export."""
    return _FILE.fullmatch(Path(name).name) is not None and _LINE.match(line) is not None


def export_records(lines: Iterable[tuple[int, str]], file: str) -> Iterator[Record]:
    """Yield a record for each numbered line; one without a time goes on with the message above it.

    The folder is named as the log stream is, with `-` for `/`.
    """
    stream, at_ms = Path(file).parent.name, None
    for number, line in lines:
        message = line.rstrip("\r\n")
        if (found := _LINE.match(message)) is not None:
            at_ms, message = read_time(found[1]), found[2]
        yield Record(record_id=str(number), message=message, log_stream=stream, timestamp_ms=at_ms, has_source_id=False)
