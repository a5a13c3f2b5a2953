"""What `aws logs tail` prints, as records: each line names its time and its log stream before the message."""

import re
from collections.abc import Iterable, Iterator

from mukiau.core.records.moments import read_time
from mukiau.core.records.record import Record

_LINE = re.compile(
    r"(?P<time>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?)(?:\+00:00|Z) "
    r"(?P<stream>(?:[^\s/]{1,200}/){1,8}[^\s/]{0,100}[0-9a-f]{16,64}) (?P<message>.*)"
)
"""The name of a stream is a path that ends in the id of a task or of a function's instance."""


def is_tail(line: str) -> bool:
    """Say whether a file that begins with this line was written by `aws logs tail`."""
    return _LINE.match(line) is not None


def tail_records(lines: Iterable[tuple[int, str]], file: str) -> Iterator[Record]:
    """Yield a record for each numbered line; one without time and stream goes on with the message above it."""
    stream, at_ms = file, None
    for number, line in lines:
        message = line.rstrip("\r\n")
        if (found := _LINE.match(message)) is not None:
            stream, at_ms, message = f"{file} {found['stream']}", read_time(found["time"]), found["message"]
        yield Record(record_id=str(number), message=message, log_stream=stream, timestamp_ms=at_ms, has_source_id=False)
