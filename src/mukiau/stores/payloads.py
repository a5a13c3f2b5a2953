"""The column `event.payload`: JSON, compressed with Zstandard, mostly with a dictionary learned from the folder's events.

One event compresses badly, because what repeats stands *between* events: keys, package lists, source lines, the frames
of the same framework, the wording of the same log calls. A dictionary of such pieces makes a payload a third to a quarter
of what it is alone. Every platform repeats other things, so the dictionary is not shipped: it is trained from the events
of the data folder itself, first after some hundred events, and again when there are many times more.

`event.payload_codec` is PLAIN, or the id of the row of `payload_dictionary` the payload needs. A row is never changed or
deleted while an event needs it. The id is made from the content, so that it means the same in every file. DELETED says
that retention took the payload; what stands in its place is plain JSON: {"deleted": {"at_ms": …, "by": "age"}}.
"""

from collections.abc import Callable, Sequence
from typing import Any

import zstandard

from mukiau import codec

DELETED, PLAIN = 0, 1
FindDictionary = Callable[[int], bytes]
"""Returns the body of a dictionary by its id; raises when there is none."""

_LEVEL = 1
MAX_PAYLOAD_BYTES = 64 * 1024**2
"""Far above any limit at the door; a stored row that claims more is damaged."""
DICTIONARY_BYTES = 64 * 1024
"""More gains little (measured: 96 KB 2 % smaller payloads) and costs each start and each page its loading."""


class Packer:
    """Compresses payloads one after another; not to be shared between threads."""

    def __init__(self, dictionary: bytes = b"") -> None:
        """Without a dictionary payloads are plain Zstandard."""
        self.payload_codec = PLAIN
        data = None
        if dictionary:
            data = zstandard.ZstdCompressionDict(dictionary)
            data.precompute_compress(level=_LEVEL)
            self.payload_codec = data.dict_id()
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL, dict_data=data)

    def pack(self, document: dict[str, Any]) -> bytes:
        """Return the document compressed; it is to be unpacked with this packer's `payload_codec`."""
        return self._compressor.compress(codec.dumps(document))


def unpack(data: bytes, payload_codec: int, find_dictionary: FindDictionary) -> dict[str, Any]:
    """Return the document {"payload": …, "origin": …, "problems": […], "tags": […]}."""
    document: dict[str, Any] = codec.loads(unpack_text(data, payload_codec, find_dictionary))
    return document


def unpack_text(data: bytes, payload_codec: int, find_dictionary: FindDictionary) -> bytes:
    """Return the document as JSON."""
    return Unpacker(find_dictionary).unpack_text(data, payload_codec)


class Unpacker:
    """Unpacks payloads one after another; not to be shared between threads."""

    def __init__(self, find_dictionary: FindDictionary) -> None:
        self._find_dictionary = find_dictionary
        self._decompressors: dict[int, zstandard.ZstdDecompressor] = {}

    def unpack_text(self, data: bytes, payload_codec: int) -> bytes:
        """Return the document as JSON."""
        if payload_codec == DELETED:
            return data
        if (decompressor := self._decompressors.get(payload_codec)) is None:
            decompressor = zstandard.ZstdDecompressor(dict_data=self._dictionary(payload_codec))
            self._decompressors[payload_codec] = decompressor
        text: bytes = decompressor.decompress(data, max_output_size=MAX_PAYLOAD_BYTES)
        return text

    def _dictionary(self, payload_codec: int) -> zstandard.ZstdCompressionDict | None:
        if payload_codec == PLAIN:
            return None
        return _loaded(payload_codec) or _load(payload_codec, self._find_dictionary(payload_codec))


def deletion_note(*, at_ms: int, by: str) -> bytes:
    """Return what takes the place of a payload; `by` is `age` or `budget`."""
    return codec.dumps({"deleted": {"at_ms": at_ms, "by": by}})


def train(samples: Sequence[bytes]) -> tuple[int, bytes] | None:
    """Return (id, body) of a dictionary for texts such as these; None when they have too little in common."""
    try:
        trained = zstandard.train_dictionary(DICTIONARY_BYTES, list(samples))
    except zstandard.ZstdError:
        return None
    return trained.dict_id(), trained.as_bytes()


_dictionaries: dict[int, zstandard.ZstdCompressionDict] = {}


def _loaded(dictionary_id: int) -> zstandard.ZstdCompressionDict | None:
    return _dictionaries.get(dictionary_id)


def _load(dictionary_id: int, body: bytes) -> zstandard.ZstdCompressionDict:
    dictionary = _dictionaries[dictionary_id] = zstandard.ZstdCompressionDict(body)
    return dictionary
