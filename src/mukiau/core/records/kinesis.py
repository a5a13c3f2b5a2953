"""What a Kinesis data stream holds, as records: what `aws kinesis get-records` prints and what a Lambda function is given.

Each Kinesis record holds some bytes in base64, read as those that Firehose delivers (`firehose.py`): CloudWatch Logs
documents of a subscription, gzipped or not, records in the form of the records door, or an application's own lines. A line
without an id of its own is named by its record's sequence number, which is the same however often the stream is read.
"""

import binascii
import json
import zlib
from collections.abc import Iterator

from mukiau.core.event import JSONObject, JSONValue
from mukiau.core.records.decoding import Loads
from mukiau.core.records.firehose import MAX_LINES, read_data, unpack
from mukiau.core.records.payloads import MAX_UNPACKED_BYTES, Line, Reader, Rejected, find_text

AGGREGATED = b"\xf3\x89\x9a\xc2"
"""What the Kinesis Producer Library puts in front of several records in one."""
_EMPTY_KEYS = frozenset(("NextShardIterator", "MillisBehindLatest"))
"""By one of them an answer without records is told from another object."""


def is_kinesis(value: JSONValue) -> bool:
    """Tell an answer of GetRecords, or the event of a function, from other JSON."""
    records = value.get("Records") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(records, list):
        return False
    return _data_of(records[0]) is not None if records else not _EMPTY_KEYS.isdisjoint(value)


def iter_kinesis(answer: JSONObject, *, loads: Loads = json.loads, around: JSONObject) -> Iterator[Line]:
    """Read an answer record by record; never raises. `around` names the log group and stream of lines that do not.

    The index of what is rejected counts the Kinesis records.
    """
    for index, record in enumerate(answer["Records"]):
        sequence = _sequence_of(record)
        reader = Reader(sequence or str(index), loads, max_lines=MAX_LINES, is_item_lasting=bool(sequence))
        for line in _lines_of(record, reader, around):
            yield Rejected(index, line.reason) if isinstance(line, Rejected) else line


def _lines_of(record: JSONValue, reader: Reader, around: JSONObject) -> Iterator[Line]:
    try:
        data = unpack(_data_of(record), MAX_UNPACKED_BYTES)
    except (binascii.Error, ValueError, zlib.error):
        yield reader.reject("bad_kinesis_data")
        return
    if data is None:
        yield from reader.reject_rest()
    elif data.startswith(AGGREGATED):
        yield reader.reject("aggregated")
    else:
        yield from read_data(data, reader, around)


def _data_of(record: JSONValue) -> JSONValue:
    """Return the bytes of a record in base64, wherever they stand; None where there are none."""
    if not isinstance(record, dict):
        return None
    inner = record.get("kinesis")
    return inner.get("data") if isinstance(inner, dict) else record.get("Data")


def _sequence_of(record: JSONValue) -> str:
    if not isinstance(record, dict):
        return ""
    inner = record.get("kinesis")
    return find_text(inner if isinstance(inner, dict) else record, "SequenceNumber", "sequenceNumber")
