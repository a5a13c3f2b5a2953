"""Protocol Buffers' wire format, read without making a message of it.

The official library would make an object of every submessage: 16 MB of empty ones take half a gigabyte there, and unpack
from 16 KB (docs/adr/0012). This reads field by field, in the bytes as they are, and counts.
"""

from collections.abc import Iterator

from mukiau.core.records.otlp.logged import Malformed

MAX_FIELDS = 2_000_000
"""Of one body. A log record with ten attributes has some sixty."""
_MAX_VARINT_BYTES = 10


class TooManyFields(Malformed):
    """The body has more fields than are read; what is behind is not known."""


class Wire:
    """The bytes of one body, and how many of its fields may still be read."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._left = MAX_FIELDS

    def fields(self, at: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Yield the fields of the message between two places as (number, value, stop); raises Malformed.

        A field with a length is bytes from `value` to `stop`; any other one is the unsigned number `value`, and its
        `stop` is -1.
        """
        data = self.data
        while at < end:
            self._left -= 1
            if self._left < 0:
                raise TooManyFields("The body has too many fields.")
            tag, at = self._varint(at, end)
            if tag < 8:
                raise Malformed("A field has the number 0.")
            kind = tag & 7
            if kind == 2:
                size, at = self._varint(at, end)
                stop = at + size
                if stop > end:
                    raise Malformed("A field is longer than its message.")
                yield tag >> 3, at, stop
                at = stop
            elif kind == 0:
                value, at = self._varint(at, end)
                yield tag >> 3, value, -1
            elif kind in (1, 5):
                stop = at + (8 if kind == 1 else 4)
                if stop > end:
                    raise Malformed("A number is cut.")
                yield tag >> 3, int.from_bytes(data[at:stop], "little"), -1
                at = stop
            else:
                raise Malformed("A field is of a kind that is not used any more, or of none.")

    def text(self, at: int, stop: int) -> str:
        """Return a field's bytes as text; what is no UTF-8 becomes U+FFFD."""
        return self.data[at:stop].decode("utf-8", "replace")

    def _varint(self, at: int, end: int) -> tuple[int, int]:
        data = self.data
        if at < end and (byte := data[at]) < 0x80:
            return byte, at + 1  # nearly always
        value = shift = 0
        for place in range(at, min(end, at + _MAX_VARINT_BYTES)):
            byte = data[place]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value & 0xFFFF_FFFF_FFFF_FFFF, place + 1
            shift += 7
        raise Malformed("A number does not end.")
