"""Bytes to values and back: JSON with a patient fallback, and decompression that never passes its cap.

JSON is read by msgspec; what it refuses but clients do send (NaN, lone surrogates, numbers without bound, bytes that are
not UTF-8) is read once more by the standard library and mended to what every later station can keep.
"""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, TypeVar

import brotli
import msgspec
import zstandard
from isal import isal_zlib

from mukiau.core.normalizing.sound import ORDINARY_CHARS, ORDINARY_LEVELS

JSONValue = Any
Message = TypeVar("Message")
Unread = msgspec.Raw
"""In a TypedDict for `reader`: JSON that is only checked for syntax; `bytes` of it is its text."""

GZIP_MAGIC = b"\x1f\x8b"

_GZIP_WBITS, _ZLIB_WBITS, _RAW_WBITS = 31, 15, -15
_PIECE_BYTES = 64 * 1024
# Each member costs at most one piece's copy, so a body of empty members stays cheap. Batches hold a few hundred.
_MAX_GZIP_MEMBERS = 10_000
# RFC 8878 asks decoders for 8 MB at least; more would let one small body claim memory.
_MAX_ZSTD_WINDOW_BYTES = 8 * 1024**2
# More digits are a denial of service for int(), and no identifier or amount.
_MAX_INTEGER_DIGITS = 300
_SURROGATE = re.compile("[\ud800-\udfff]")


class BodyError(ValueError):
    """A body that cannot be read: one sentence for the answer."""


class BodyTooLarge(BodyError):  # noqa: N818 - reads as what it says
    """A body that is, or unpacks to, more than its cap."""


class UnknownEncoding(BodyError):  # noqa: N818
    """A Content-Encoding nobody here can read."""


# --- JSON ---------------------------------------------------------------------------------------------------------


class _EventHead(msgspec.Struct):
    """What the door must know of an event; everything else is checked for syntax and skipped."""

    event_id: Any = None


class _CountedTags(msgspec.Struct):
    """What of a stored document a search by tag must know."""

    tags: Any = None


@cache
def _ordinary_decoder() -> "msgspec.json.Decoder[Any]":
    """Reads so many lists and objects inside of each other, and integers of 64 bits. Made where it is used: it takes longer
    than all the rest of this module."""
    scalar = None | bool | Annotated[int, msgspec.Meta(ge=-(2**63) + 1, le=2**63 - 1)] | float | str
    found: Any = scalar
    for _ in range(ORDINARY_LEVELS):
        found = scalar | list[found] | dict[str, found]
    return msgspec.json.Decoder(found)


_decoder = msgspec.json.Decoder()
_head_decoder = msgspec.json.Decoder(_EventHead)
_tags_decoder = msgspec.json.Decoder(_CountedTags)
_encoder = msgspec.json.Encoder()


def loads(data: bytes | str) -> JSONValue:
    """Read one JSON value; raise ValueError when it is none, also with the standard library's patience.

    NaN and the infinities become their names as strings, lone surrogates and broken UTF-8 U+FFFD, numbers that no
    float holds (or with more than 300 digits) the string they were written as.
    """
    try:
        return _decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return _loads_patiently(data)


def loads_ordinary(data: bytes) -> JSONValue:
    """Read one JSON value in which nothing has to be mended; raise ValueError for any other, which `loads` may read.

    Ordinary is what is not long, not nested deeply, has no NUL and no integer beyond 64 bits. The decoder tells at the price
    of reading; a walk over the values would cost twice as much again.
    """
    if len(data) > ORDINARY_CHARS or b"\\u0000" in data:
        raise ValueError("The JSON is not an ordinary event's.")
    try:
        return _ordinary_decoder().decode(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise ValueError("The JSON is not an ordinary event's.") from None


def dumps(value: JSONValue) -> bytes:
    """Write a value read by `loads` as compact JSON."""
    return _encoder.encode(value)


def messages(kind: type[Message]) -> tuple[Callable[[Message], bytes], Callable[[bytes], Message]]:
    """Return how a dataclass (or a tuple of some) is written for another process of this program, and read there.

    Writing raises ValueError, TypeError or OverflowError for values JSON does not have.
    """
    return msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder(kind).decode


def reader(kind: type[Message]) -> Callable[[bytes], Message]:
    """Return how JSON is read as a TypedDict: what that does not name is only skipped, at a fraction of the cost of `loads`.

    Reading raises ValueError where the JSON is broken or of other types.
    """
    return msgspec.json.Decoder(kind).decode


def read_event_id(data: bytes) -> JSONValue:
    """Return what an event's JSON has as `event_id` (any value, None without); raise ValueError when the JSON is
    broken or no object. Costs half of `loads`, because the rest is only skipped."""
    try:
        return _head_decoder.decode(data).event_id
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        value = _loads_patiently(data)
    if not isinstance(value, dict):
        raise ValueError("The event is not a JSON object.")
    return value.get("event_id")


def read_tags(data: bytes) -> list[JSONValue]:
    """Return the pairs a stored document counts under; the rest is only skipped."""
    found = _tags_decoder.decode(data).tags
    return found if isinstance(found, list) else []


def _loads_patiently(data: bytes | str) -> JSONValue:
    text = data if isinstance(data, str) else data.decode("utf-8", errors="replace")
    try:
        value = _patient.decode(text.lstrip("\ufeff"))
        return _mend_surrogates(value) if _may_hold_surrogates(text) else value
    except RecursionError:
        raise ValueError("The JSON is nested too deeply.") from None


def _read_float(text: str) -> float | str:
    value = float(text)
    return text if value in (float("inf"), float("-inf")) else value


def _read_int(text: str) -> int | str:
    return int(text) if len(text) <= _MAX_INTEGER_DIGITS else text


_patient = json.JSONDecoder(parse_float=_read_float, parse_int=_read_int, parse_constant=str, strict=False)


def _may_hold_surrogates(text: str) -> bool:
    return "\\ud" in text or "\\uD" in text or _SURROGATE.search(text) is not None


def _mend_surrogates(value: JSONValue) -> JSONValue:
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_mend_surrogates(entry) for entry in value]
    if isinstance(value, dict):
        return {_mend_surrogates(key): _mend_surrogates(entry) for key, entry in value.items()}
    return value


# --- Bodies -------------------------------------------------------------------------------------------------------


def content_encoding(header: str, body: bytes) -> str:
    """Return how a body is packed: `gzip`, `deflate`, `br`, `zstd`, or empty for plain.

    Some clients send an empty header or `UTF-8`, which say nothing; a gzip document sent without a header (a
    CloudWatch Logs payload from a file) is known by its first bytes. Raises UnknownEncoding.
    """
    name = header.strip().lower()
    if name in ("", "utf-8", "utf8", "identity"):
        return "gzip" if body.startswith(GZIP_MAGIC) else ""
    if name == "x-gzip":
        return "gzip"
    if name not in _DECOMPRESSORS:
        raise UnknownEncoding("The Content-Encoding is none of gzip, deflate, br, zstd.")
    return name


def decompress(body: bytes, encoding: str, *, max_bytes: int) -> bytes:
    """Unpack a body, never holding more than about `max_bytes`; raise BodyTooLarge, UnknownEncoding or BodyError."""
    if not encoding:
        if len(body) > max_bytes:
            raise BodyTooLarge("The body is too large.")
        return body
    unpack = _DECOMPRESSORS.get(encoding)
    if unpack is None:
        raise UnknownEncoding("The Content-Encoding is none of gzip, deflate, br, zstd.")
    return unpack(body, max_bytes)


def decode_store_body(body: bytes, *, max_bytes: int) -> bytes:
    """Return the JSON of a legacy /store/ body, which may be base64 of it, or base64 of it deflated."""
    if body.lstrip()[:1] in (b"{", b""):
        return body
    try:
        packed = base64.b64decode(body, validate=False)
    except binascii.Error:
        raise BodyError("The body is neither JSON nor base64.") from None
    if packed.lstrip()[:1] == b"{":
        return packed
    return _inflate(packed, max_bytes, _ZLIB_WBITS)


def _gunzip(body: bytes, max_bytes: int) -> bytes:
    return _inflate(body, max_bytes, _GZIP_WBITS)


def _undeflate(body: bytes, max_bytes: int) -> bytes:
    """Unpack `deflate`, which means zlib, but is raw deflate from some clients."""
    try:
        return _inflate(body, max_bytes, _ZLIB_WBITS)
    except BodyTooLarge:
        raise
    except BodyError:
        return _inflate(body, max_bytes, _RAW_WBITS)


def _inflate(body: bytes, max_bytes: int, wbits: int) -> bytes:
    parts: list[bytes] = []
    left = max_bytes
    at = 0
    for _ in range(_MAX_GZIP_MEMBERS):
        part, at = _inflate_member(body, at, left, wbits)
        parts.append(part)
        left -= len(part)
        if wbits != _GZIP_WBITS or body[at : at + 2] != GZIP_MAGIC:
            return parts[0] if len(parts) == 1 else b"".join(parts)
    raise BodyError("The gzip body has too many members.")


def _inflate_member(body: bytes, at: int, max_bytes: int, wbits: int) -> tuple[bytes, int]:
    """Unpack one member that begins at `at`; return it and where it ended."""
    member = isal_zlib.decompressobj(wbits)
    parts: list[bytes] = []
    size = 0
    while not member.eof:
        piece = body[at : at + _PIECE_BYTES]
        if not piece:
            raise BodyError("The compressed body ends too early.")
        try:
            part = member.decompress(piece, max_bytes + 1 - size)
        except (isal_zlib.error, zlib.error):  # type: ignore[misc]
            raise BodyError("The body is not compressed as its Content-Encoding says.") from None
        size += len(part)
        if size > max_bytes:
            raise BodyTooLarge("The body unpacks to too much.")
        parts.append(part)
        at += len(piece)
    return (parts[0] if len(parts) == 1 else b"".join(parts)), at - len(member.unused_data)


def _unbrotli(body: bytes, max_bytes: int) -> bytes:
    stream = brotli.Decompressor()
    parts: list[bytes] = []
    size = 0
    piece = body
    try:
        while not stream.is_finished():
            part = stream.process(piece, output_buffer_limit=_PIECE_BYTES)
            piece = b""
            size += len(part)
            if size > max_bytes:
                raise BodyTooLarge("The body unpacks to too much.")
            if not part and stream.can_accept_more_data() and not stream.is_finished():
                raise BodyError("The compressed body ends too early.")
            parts.append(part)
    except brotli.error:
        raise BodyError("The body is not compressed as its Content-Encoding says.") from None
    return b"".join(parts)


def _unzstd(body: bytes, max_bytes: int) -> bytes:
    unpacker = zstandard.ZstdDecompressor(max_window_size=_MAX_ZSTD_WINDOW_BYTES)
    try:
        promised = zstandard.get_frame_parameters(body).content_size
        if promised != zstandard.CONTENTSIZE_UNKNOWN and promised > max_bytes:
            raise BodyTooLarge("The body unpacks to too much.")
        with unpacker.stream_reader(body, read_across_frames=True) as reader:
            text: bytes = reader.read(max_bytes + 1)
        if len(text) > max_bytes:
            raise BodyTooLarge("The body unpacks to too much.")
        is_whole = len(text) >= promised if promised != zstandard.CONTENTSIZE_UNKNOWN else _is_whole_zstd(body)
    except zstandard.ZstdError:
        raise BodyError("The body is not compressed as its Content-Encoding says.") from None
    if not is_whole:
        raise BodyError("The compressed body ends too early.")
    return text


def _is_whole_zstd(body: bytes) -> bool:
    """Say whether the first frame ends; the reader gives what there is without a word about the rest."""
    stream = zstandard.ZstdDecompressor(max_window_size=_MAX_ZSTD_WINDOW_BYTES).decompressobj()
    stream.decompress(body)
    return bool(stream.eof)


_DECOMPRESSORS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "deflate": _undeflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
