"""How the body of each door for records is read: one reader a kind, by the name the spool keeps it under."""

from collections.abc import Iterator
from typing import Protocol

from mukiau.core.records.decoding import Loads
from mukiau.core.records.firehose import iter_firehose
from mukiau.core.records.fluent import iter_fluent
from mukiau.core.records.otlp.records import iter_otlp, iter_otlp_json
from mukiau.core.records.payloads import Line, iter_records


class BodyReader(Protocol):
    """Reads an unpacked body line by line, in order; never raises, and keeps to its bounds."""

    def __call__(self, body: bytes, *, loads: Loads, item: str) -> Iterator[Line]: ...


READERS: dict[str, BodyReader] = {
    "records": iter_records,
    "firehose": iter_firehose,
    "fluent": iter_fluent,
    "otlp": iter_otlp,
    "otlp_json": iter_otlp_json,
}
