"""What Amazon Data Firehose delivers to an HTTP endpoint, as records.

A request is one JSON object; each of its `records` holds some bytes in base64. What they are is up to who put them in:

* CloudWatch Logs documents of a subscription: gzip, in one or several members, one or several documents in a row;
* records in the form of the records door;
* an application's own lines, plain or JSON: the whole line is the message.

A log event of CloudWatch has an id of its own. Any other line is named by its request, whose id is the same however often
Firehose tries, and by its place in it: a request that comes again counts nothing twice.

A line in front of the request may name the log group and stream of lines that do not. The door writes it there from the
stream's common attributes, which come in a header.
"""

import base64
import binascii
import json
import zlib
from collections.abc import Iterator

from mukiau.core.event import JSONObject, JSONValue
from mukiau.core.records.decoding import Loads, find_value
from mukiau.core.records.gzip_members import GZIP_MAGIC, gunzip
from mukiau.core.records.payloads import (
    MAX_UNPACKED_BYTES,
    RECORD_KEYS,
    Line,
    Reader,
    Unread,
    has_too_many_values,
    line_documents,
    lines_of,
)

MAX_LINES = 500_000
MAX_LINES_BYTES = 128 * 1024**2
"""Of one request, unpacked: Firehose collects 5 MiB by default, of what CloudWatch Logs has packed ten to twenty times."""
MAX_REQUEST_MARKS = 600_000
"""Braces, brackets and commas of a request: three for each of 200,000 records. Base64 has none, so a body with more is no
request and is not decoded: small values take twenty times their text in memory."""
MAX_DOCUMENT_BYTES = 8 * 1024**2
"""Of a line that is decoded: CloudWatch Logs puts one megabyte of messages into a document."""


def iter_firehose(body: bytes, *, loads: Loads = json.loads, item: str) -> Iterator[Line]:
    """Read a request line by line; never raises. `item` names its lines where it has no id.

    What is beyond the bounds is rejected as one `too_many`, and nothing behind it is read.
    """
    head, request = _split(body, loads)
    request_id, given = read_request_id(request), request.get("records")
    reader = Reader(request_id or item, loads, max_lines=MAX_LINES, is_item_lasting=bool(request_id))
    if not isinstance(given, list):
        yield reader.reject("not_firehose")
        return
    left = MAX_LINES_BYTES
    for record in given:
        if reader.is_full:
            yield from reader.reject_rest()
            return
        try:
            data = unpack(record.get("data") if isinstance(record, dict) else None, min(left, MAX_UNPACKED_BYTES))
        except (binascii.Error, ValueError, zlib.error):
            yield reader.reject("bad_firehose_data")
            continue
        if data is None:
            yield from reader.reject_rest()
        else:
            left -= len(data)
            yield from read_data(data, reader, head)
        if reader.is_over:
            return


def read_request_id(request: JSONObject) -> str:
    """Return a request's own id, "" when it has none."""
    given = request.get("requestId")
    return given if isinstance(given, str) else ""


def _split(body: bytes, loads: Loads) -> tuple[JSONObject, JSONObject]:
    """Return the line in front of a request and the request; each empty when it is not there, or not readable."""
    text = body.decode("utf-8", "replace")
    if has_too_many_values(text, most=MAX_REQUEST_MARKS):
        return {}, {}
    whole = _object(text, loads)
    if whole:
        return {}, whole
    head, _, rest = text.partition("\n")
    return _object(head, loads), _object(rest, loads)


def _object(text: str, loads: Loads) -> JSONObject:
    value = find_value(text, loads)
    return value if isinstance(value, dict) else {}


def unpack(given: JSONValue, max_bytes: int) -> bytes | None:
    """Return what a record's base64 holds, None when it is more than allowed; raises when it cannot be read."""
    if not isinstance(given, str):
        raise ValueError("A record has no data.")
    data = base64.b64decode(given, validate=True)
    if data[:2] == GZIP_MAGIC:
        return gunzip(data, max_bytes=max_bytes)
    return data if len(data) <= max_bytes else None


def read_data(data: bytes, reader: Reader, head: JSONObject) -> Iterator[Line]:
    """Read the lines of what a record held; `head` may name the log group and stream of those that do not."""
    for line in lines_of(data):
        if reader.is_over:
            return
        text = line.decode("utf-8", "replace").rstrip("\r")
        if not text.strip():
            continue
        documents = _documents(text, reader.loads)
        if Unread("too_many_values") in documents:
            yield from reader.reject_rest()
        elif documents and all(map(_is_record, documents)):
            for document in documents:
                yield from reader.take(document)
        else:
            yield from reader.take_text(text, around=head)


def _documents(line: str, loads: Loads) -> list[JSONValue]:
    if line.lstrip()[:1] != "{" or len(line) > MAX_DOCUMENT_BYTES:
        return []
    return list(line_documents(line, loads))


def _is_record(document: JSONValue) -> bool:
    """Tell a record, or a document of records, from a line that an application wrote as JSON."""
    if not isinstance(document, dict):
        return False
    return bool(
        document.keys() & {"logEvents", "messageType"} or ("message" in document and document.keys() & RECORD_KEYS)
    )
