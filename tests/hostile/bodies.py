"""Pieces of which hostile bodies are made."""

import base64
import gzip
import json
import zlib
from typing import Any

import brotli
import zstandard

MEGABYTE = 1024**2
BOMB_BYTES = 100 * MEGABYTE
DEEP = 100_000


def envelope(payload: bytes, *, header: bytes = b"{}", item: bytes = b"") -> bytes:
    """An envelope with one event."""
    return b"%s\n%s\n%s\n" % (header, item or b'{"type":"event","length":%d}' % len(payload), payload)


def items(*pairs: tuple[bytes, bytes], header: bytes = b"{}") -> bytes:
    """An envelope of (item header, payload)."""
    return header + b"\n" + b"".join(b"%s\n%s\n" % pair for pair in pairs)


def event(**fields: Any) -> bytes:
    """An envelope with an event of these fields."""
    return envelope(json.dumps(fields).encode())


def raw_event(text: bytes) -> bytes:
    """An envelope with an event whose one field's JSON is given."""
    return envelope(b'{"message":"m","extra":{"x":' + text + b"}}")


def frames(count: int) -> bytes:
    """An event with one exception of many small frames."""
    return envelope(
        b'{"exception":{"values":[{"type":"E","stacktrace":{"frames":['
        + b",".join([b'{"lineno":1}'] * count)
        + b"]}}]}}"
    )


def record(message: str, **fields: Any) -> bytes:
    """One record as a line of JSON."""
    return json.dumps({"log_group": "/ecs/prod/shop", "log_stream": "s", "message": message, **fields}).encode() + b"\n"


def record_of(text: bytes) -> bytes:
    """One record whose message's JSON is given."""
    return b'{"log_stream":"s","message":' + text + b"}\n"


def subscription(**fields: Any) -> bytes:
    """What CloudWatch Logs delivers, with some fields as given."""
    return json.dumps({
        "messageType": "DATA_MESSAGE", "owner": "1", "logGroup": "/ecs/prod/shop", "logStream": "s",
        "logEvents": [{"id": "1", "timestamp": 1_791_200_000_000, "message": "ERROR boom"}], **fields,
    }).encode()  # fmt: skip


def lambda_event(data: bytes) -> bytes:
    """What CloudWatch Logs hands to a function."""
    return json.dumps({"awslogs": {"data": base64.b64encode(data).decode()}}).encode()


def firehose(*data: bytes) -> bytes:
    """A request of Firehose with these records."""
    return firehose_of(*(b'"%s"' % base64.b64encode(one) for one in data))


def firehose_of(*data: bytes) -> bytes:
    """A request of Firehose whose records' JSON is given."""
    return (
        b'{"requestId":"r","timestamp":1791200000000,"records":['
        + b",".join(b'{"data":%s}' % one for one in data)
        + b"]}"
    )


def protobuf_field(number: int, value: bytes) -> bytes:
    """A field of bytes in protobuf's wire format."""
    size, written = len(value), bytearray([number << 3 | 2])
    while size >= 0x80:
        written.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([*written, size]) + value


def otlp_record(text: bytes) -> bytes:
    """A log record of severity ERROR as a field of its scope."""
    return otlp_record_of(protobuf_field(1, text))


def otlp_record_of(body: bytes) -> bytes:
    """The same with a body whose value is given."""
    return protobuf_field(
        2, b"\x09" + (1_791_200_000_000_000_000).to_bytes(8, "little") + b"\x10\x11" + protobuf_field(5, body)
    )


def otlp(records: bytes) -> bytes:
    """An export of logs with these fields in its one scope."""
    return otlp_resource(protobuf_field(2, records))


def otlp_resource(scopes: bytes) -> bytes:
    """An export of logs with these fields in its one resource."""
    return protobuf_field(1, scopes)


def otlp_json(records: bytes) -> bytes:
    """An export of logs in JSON with these log records."""
    return b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[' + records + b"]}]}]}"


def nested_value(depth: int) -> bytes:
    """A list in a list in a list."""
    value = b""
    for _ in range(depth):
        value = protobuf_field(5, protobuf_field(1, value))
    return value


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def gzip_bomb(size: int = BOMB_BYTES) -> bytes:
    return _bomb(zlib.compressobj(9, zlib.DEFLATED, 31), size)


def zlib_bomb(size: int = BOMB_BYTES) -> bytes:
    return _bomb(zlib.compressobj(9), size)


def raw_deflate_bomb(size: int = BOMB_BYTES) -> bytes:
    return _bomb(zlib.compressobj(9, zlib.DEFLATED, -15), size)


def brotli_bomb(size: int = BOMB_BYTES) -> bytes:
    packer = brotli.Compressor(quality=1)
    return b"".join([packer.process(b" " * MEGABYTE) for _ in range(size // MEGABYTE)]) + packer.finish()


def zstd_bomb(size: int = BOMB_BYTES) -> bytes:
    """Without its size in the header."""
    return _bomb(zstandard.ZstdCompressor(level=1).compressobj(), size)


def honest_zstd_bomb(size: int = BOMB_BYTES) -> bytes:
    """With its size in the header."""
    return _bomb(zstandard.ZstdCompressor(level=1).compressobj(size=size), size)


def wide_zstd(body: bytes) -> bytes:
    """A frame that asks for a window of 128 MB."""
    parameters = zstandard.ZstdCompressionParameters.from_level(3, window_log=27)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    return packer.compress(body) + packer.flush()


def nested_gzip(body: bytes, levels: int) -> bytes:
    for _ in range(levels):
        body = gzip.compress(body, 1)
    return body


def _bomb(packer: Any, size: int) -> bytes:
    piece = b" " * MEGABYTE
    return b"".join([packer.compress(piece) for _ in range(size // MEGABYTE)]) + packer.flush()
