"""Gzip of any number of members in a row, unpacked under a cap, with the standard library alone."""

import zlib

GZIP_MAGIC = b"\x1f\x8b"
_MAX_MEMBERS = 10_000
"""Each costs a piece's copy, however empty it is."""
_PIECE_BYTES = 16 * 1024


def gunzip(data: bytes, *, max_bytes: int) -> bytes | None:
    """Unpack all members; None when that is more than allowed. Raises zlib.error for what is no gzip, or cut."""
    parts: list[bytes] = []
    left = max_bytes
    at, members = 0, 0
    while at < len(data) and members < _MAX_MEMBERS:
        member = zlib.decompressobj(wbits=47)
        while not member.eof:
            piece = data[at : at + _PIECE_BYTES]
            if not piece:
                raise zlib.error("truncated")
            part = member.decompress(piece, left + 1)
            parts.append(part)
            at, left = at + len(piece), left - len(part)
            if left < 0:
                return None
        at, members = at - len(member.unused_data), members + 1
    return b"".join(parts) if at >= len(data) else None
