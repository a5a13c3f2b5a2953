"""Heads of requests that are known: what was parsed once need not be parsed again.

A client writes the same head before every event, except for the length of the body and the ids that proxies give a
request. Parsing it costs more than all that the short way does with the event but unpacking it. So a head is cut where it
varies, and what lies between the cuts is looked up: byte for byte what the parser has taken before, or not known.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from mukiau.core.limits import FREE_BODY_BYTES
from mukiau.intake.short_way import Head

MAX_HEAD_BYTES = 2_048
MAX_HEADS = 512

# Values of one visible word each, so that none can hold a line, a list or a second value.
_VARYING = re.compile(rb"\r\n((?i:content-length|x-request-id|traceparent|x-amzn-trace-id)): ?([!-~]{1,200})(?=\r\n)")
_LENGTH = re.compile(rb"[0-9]{1,7}")
# Whoever says one of these means something for the connection, or for how the body is read.
_UNUSUAL = {b"connection", b"expect", b"transfer-encoding", b"upgrade", b"x-upgrade"}
_KEPT = (b"connection", b"keep-alive")
# Lines that end in other ways, or go on in the next one: readers could differ.
_ODD_BREAK = re.compile(rb"(?<!\r)\n|\r(?!\n)|\n[ \t]")

Header = tuple[bytes, bytes]


class Cut(NamedTuple):
    """One whole request, cut where the requests of one client differ."""

    fixed: tuple[bytes, ...]
    """The head between the cuts, and the names of what was cut out."""
    varying: list[Header]
    """What was cut out; names in lower case."""
    body: bytes


class KnownHead(NamedTuple):
    """A head that was parsed before."""

    scope: Mapping[str, Any]
    """What ASGI is told of it, without what belongs to the connection."""
    headers: list[Header]
    """All that do not vary."""
    read: Head
    """What the short way made of it."""


def cut_request(data: bytes) -> Cut | None:
    """Cut what arrived; None where it is not exactly one small request with a length."""
    end = data.find(b"\r\n\r\n", 0, MAX_HEAD_BYTES) if data.startswith(b"POST ") else -1  # pages come this way, too
    if end < 0 or len(data) > FREE_BODY_BYTES:
        return None
    pieces = _VARYING.split(data[: end + 2])
    names = [name.lower() for name in pieces[1::3]]
    varying = list(zip(names, pieces[2::3], strict=True))
    del pieces[2::3]
    length = dict(varying).get(b"content-length", b"")
    if not _LENGTH.fullmatch(length) or len(data) != end + 4 + int(length):
        return None
    return Cut(tuple(pieces), varying, data[end + 4 :])


class KnownHeads:
    """The heads of clients that come again; of too many the oldest is forgotten."""

    def __init__(self) -> None:
        self._heads: dict[tuple[bytes, ...], KnownHead] = {}

    def find(self, cut: Cut) -> KnownHead | None:
        """Return the head of a request, None where it has to be parsed."""
        return self._heads.get(cut.fixed)

    def learn(self, cut: Cut, scope: Mapping[str, Any], read: Head) -> None:
        """Remember how a request was parsed, unless its head says anything that only a parser should judge."""
        headers = [header for header in scope["headers"] if header not in cut.varying]
        is_whole = len(headers) + len(cut.varying) == len(scope["headers"])
        is_even = not any(_ODD_BREAK.search(piece) for piece in cut.fixed)
        if scope["http_version"] != "1.1" or not is_whole or not is_even or _is_unusual(headers, cut.varying):
            return
        if len(self._heads) >= MAX_HEADS:
            del self._heads[next(iter(self._heads))]
        told = {name: scope[name] for name in ("http_version", "method", "path", "query_string", "raw_path")}
        self._heads[cut.fixed] = KnownHead(told, headers, read)


def _is_unusual(headers: list[Header], varying: list[Header]) -> bool:
    """Say whether a header that was not cut out means something for the connection, or is one that varies."""
    names = _UNUSUAL | dict(varying).keys()
    return any(name in names for name, value in headers if (name, value) != _KEPT)
