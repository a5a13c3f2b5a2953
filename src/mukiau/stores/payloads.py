"""The column `event.payload`: JSON, compressed with Zstandard, and the codecs it was ever written with.

A codec's number stands beside each payload, so a codec, once released, never changes: a better dictionary is a new
number and a new file beside the old one. With a dictionary a 20 KB event of an SDK takes about a third of the plain
frame, because what repeats *between* events (keys, source lines of libraries, package lists) is in the dictionary.
"""

from functools import cache
from importlib.resources import files
from typing import Any

import zstandard

from mukiau import codec

PLAIN = 1
DICTIONARY_1 = 2
CURRENT = PLAIN

_DICTIONARIES = {DICTIONARY_1: "payload-1.dict"}
_LEVEL = 1
MAX_PAYLOAD_BYTES = 64 * 1024**2
"""Far above any limit at the door; a stored row that claims more is damaged."""


def pack(document: dict[str, Any], *, payload_codec: int = CURRENT) -> bytes:
    """Return the document compressed with a codec."""
    return _compressor(payload_codec).compress(codec.dumps(document))


def unpack(data: bytes, payload_codec: int) -> dict[str, Any]:
    """Return the document {"payload": …, "origin": …, "problems": […], "tags": […]}."""
    text = _decompressor(payload_codec).decompress(data, max_output_size=MAX_PAYLOAD_BYTES)
    document: dict[str, Any] = codec.loads(text)
    return document


# A compressor is not safe to share between threads; digest has one, and pages only unpack.
@cache
def _compressor(payload_codec: int) -> zstandard.ZstdCompressor:
    return zstandard.ZstdCompressor(level=_LEVEL, dict_data=_dictionary(payload_codec), write_checksum=False)


@cache
def _dictionary(payload_codec: int) -> zstandard.ZstdCompressionDict | None:
    name = _DICTIONARIES.get(payload_codec)
    if name is None:
        return None
    return zstandard.ZstdCompressionDict((files("mukiau.stores") / "dictionaries" / name).read_bytes())


def _decompressor(payload_codec: int) -> zstandard.ZstdDecompressor:
    return zstandard.ZstdDecompressor(dict_data=_dictionary(payload_codec))
