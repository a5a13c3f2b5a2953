"""The codec: patient JSON, and decompression that stays under its cap."""

import base64
import contextlib
import gzip
import json
import tracemalloc
import zlib
from collections.abc import Callable
from functools import partial

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from mukiau import codec
from mukiau.core.normalizing.sound import ORDINARY_CHARS, ORDINARY_LEVELS

TEXT = b'{"message": "boom", "extra": "' + b"abc" * 500 + b'"}'


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKED = [
    ("gzip", gzip.compress(TEXT, mtime=0)),
    ("deflate", zlib.compress(TEXT)),
    ("deflate", raw_deflate(TEXT)),
    ("br", brotli.compress(TEXT)),
    ("zstd", zstandard.ZstdCompressor().compress(TEXT)),
    ("zstd", zstandard.ZstdCompressor(write_content_size=False).compress(TEXT)),
    ("", TEXT),
]


@pytest.mark.parametrize(("encoding", "body"), PACKED)
def test_every_encoding_unpacks_to_the_same_text(encoding: str, body: bytes) -> None:
    assert codec.decompress(body, encoding, max_bytes=len(TEXT)) == TEXT


@pytest.mark.parametrize(("encoding", "body"), PACKED)
def test_one_byte_over_the_cap_is_too_large(encoding: str, body: bytes) -> None:
    with pytest.raises(codec.BodyTooLarge):
        codec.decompress(body, encoding, max_bytes=len(TEXT) - 1)


@pytest.mark.parametrize(("encoding", "body"), [p for p in PACKED if p[0]])
def test_a_body_cut_short_is_an_error(encoding: str, body: bytes) -> None:
    with pytest.raises(codec.BodyError):
        codec.decompress(body[:-9], encoding, max_bytes=10**6)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
@given(body=st.binary(max_size=200))
def test_noise_is_refused_and_never_crashes(encoding: str, body: bytes) -> None:
    with contextlib.suppress(codec.BodyError):
        codec.decompress(body, encoding, max_bytes=1000)


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", partial(brotli.compress, quality=1)),
        ("zstd", zstandard.ZstdCompressor(write_content_size=False).compress),
    ],
    ids=["gzip", "deflate", "br", "zstd"],
)
def test_a_bomb_is_refused_without_being_inflated(encoding: str, compress: Callable[[bytes], bytes]) -> None:
    body = compress(bytes(200 * 1024**2))

    tracemalloc.start()
    with pytest.raises(codec.BodyTooLarge):
        codec.decompress(body, encoding, max_bytes=1024**2)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 8 * 1024**2


def test_gzip_of_several_members_is_read_as_one_text() -> None:
    body = b"".join(gzip.compress(part) for part in (b"a" * 100_000, b"", b"b" * 10)) + bytes(16)

    assert codec.decompress(body, "gzip", max_bytes=10**6) == b"a" * 100_000 + b"b" * 10


def test_many_empty_members_are_refused() -> None:
    with pytest.raises(codec.BodyError):
        codec.decompress(gzip.compress(b"") * 20_000, "gzip", max_bytes=10**6)


@pytest.mark.parametrize(
    ("header", "encoding"),
    [("", ""), ("UTF-8", ""), ("identity", ""), ("gzip", "gzip"), (" GZip ", "gzip"), ("x-gzip", "gzip"), ("br", "br")],
)
def test_the_content_encoding_header_is_read_leniently(header: str, encoding: str) -> None:
    assert codec.content_encoding(header, b"{}") == encoding


def test_a_gzip_document_without_header_is_known_by_its_first_bytes() -> None:
    assert codec.content_encoding("", gzip.compress(b"{}")) == "gzip"


def test_an_encoding_nobody_reads_is_refused() -> None:
    with pytest.raises(codec.UnknownEncoding):
        codec.content_encoding("compress", b"{}")


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'{"a": NaN, "b": -Infinity}', {"a": "NaN", "b": "-Infinity"}),
        (b'{"a": "\\ud800x"}', {"a": "\ufffdx"}),
        (b'{"\\uDFFF": "\\ud83d\\ude00", "n": NaN}', {"\ufffd": "😀", "n": "NaN"}),
        (b'{"a": 1e999}', {"a": "1e999"}),
        (b'{"a": ' + b"9" * 5000 + b"}", {"a": "9" * 5000}),
        (b'{"a": "\xff"}', {"a": "\ufffd"}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{"a": "line\nbreak"}', {"a": "line\nbreak"}),
    ],
)
def test_json_that_clients_really_send_is_read(data: bytes, value: object) -> None:
    assert codec.loads(data) == value
    assert json.loads(codec.dumps(codec.loads(data))) == value


@pytest.mark.parametrize("data", [b"", b"{", b"nope", b'{"a": 1} x', b"[" * 100_000, b"[" * 5000 + b"]" * 5000])
def test_broken_json_is_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        codec.loads(data)
    with pytest.raises(ValueError, match=r"."):
        codec.read_event_id(data)


@given(st.binary(max_size=300))
def test_reading_noise_as_json_raises_nothing_but_value_errors(data: bytes) -> None:
    for read in (codec.loads, codec.read_event_id):
        with contextlib.suppress(ValueError):
            read(data)


def test_a_text_with_lone_surrogates_is_read_and_mended() -> None:
    assert codec.loads('{"a\ud800":["\udfff"]}') == {"a\ufffd": ["\ufffd"]}


def test_reading_the_event_id_takes_any_value_and_refuses_what_is_no_object() -> None:
    assert codec.read_event_id(b'{"x": [1], "event_id": "abc"}') == "abc"
    assert codec.read_event_id(b'{"event_id": 7, "x": NaN}') == 7
    assert codec.read_event_id(b"{}") is None
    for other in (b"[]", b"1", b"[NaN]"):
        with pytest.raises(ValueError, match=r"."):
            codec.read_event_id(other)


def test_a_store_body_may_be_json_base64_or_base64_of_deflated_json() -> None:
    forms = [TEXT, base64.b64encode(TEXT), base64.b64encode(zlib.compress(TEXT))]

    assert [codec.decode_store_body(form, max_bytes=10**6) for form in forms] == [TEXT] * 3
    with pytest.raises(codec.BodyError):
        codec.decode_store_body(b"not base64 at all", max_bytes=100)


@pytest.mark.parametrize(
    "text",
    [
        b"9223372036854775808", b"-9223372036854775808", b"1e400", b"NaN", b'"\\ud800"', b'"a\\u0000"', b'"\x00"', b'"\xff"',
        b"[" * (ORDINARY_LEVELS + 1) + b"]" * (ORDINARY_LEVELS + 1), b'{"a":' * (ORDINARY_LEVELS + 1) + b"1" + b"}" * (ORDINARY_LEVELS + 1),
        b'"' + b"x" * ORDINARY_CHARS + b'"', b"", b"{", b"{} x",
    ],
)  # fmt: skip
def test_what_would_have_to_be_mended_is_not_ordinary(text: bytes) -> None:
    with pytest.raises(ValueError, match="ordinary"):
        codec.loads_ordinary(text)


@pytest.mark.parametrize(
    "text",
    [
        b"9223372036854775807",
        b"1.5e300",
        b'{"a":[null,true,"\xe3\x81\x82"]}',
        b"[" * ORDINARY_LEVELS + b"]" * ORDINARY_LEVELS,
    ],
)
def test_what_is_ordinary_is_read_as_ever(text: bytes) -> None:
    assert codec.loads_ordinary(text) == codec.loads(text)
