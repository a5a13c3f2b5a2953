"""The id by which the events of one request know each other across services: that of its trace, else of its request.

Ids come in many dresses. One id is written the same here whatever dress it wore: W3C `traceparent` and X-Ray's header
are opened, UUIDs lose their dashes, 64-bit ids padded to 128 bits their zeros, letters their case.

What is no id ties nothing: zeros, words (`null`, `unknown`), counters that every process begins anew (`req-17`), and
texts too short to be met once only. A constant that looks like an id cannot be told here; whoever follows an id has to
bound how many events it may tie.
"""

import re
from collections.abc import Mapping

from mukiau.core.event import JSONValue

MIN_CHARS = 12
MIN_HEX_CHARS = 8
"""Half a UUID's first block more than a thousand requests an hour need."""
MIN_DIFFERENT_CHARS = 4
"""`11111111-1111-…` and `aaaa…` are placeholders; of 8 random hex digits one in a thousand has fewer."""
MAX_CHARS = 200
"""As much as a tag keeps."""

_TAGS = ("trace_id", "traceId", "request_id", "requestId", "correlation_id")
_DRESSED = re.compile(
    r"^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$|(?:^|=)1-([0-9a-f]{8})-([0-9a-f]{24})(?:;|$)"
)
_HEX = re.compile(r"[0-9a-f]+")
_COUNTER = re.compile(r"[a-z_.:/#-]*\d{1,9}")
_DIGIT = re.compile(r"\d")


def find_trace_id(*, contexts: Mapping[str, JSONValue], tags: Mapping[str, JSONValue]) -> str:
    """Return the id of a payload's trace, else of its request; "" when it names none that can be one."""
    trace = contexts.get("trace")
    given = (trace.get("trace_id") if isinstance(trace, dict) else None, *(tags.get(name) for name in _TAGS))
    return next((found for one in given if one and (found := canonical_id(one))), "")


def canonical_id(given: JSONValue) -> str:
    """Return an id as it is compared, "" for what is none.

    >>> canonical_id("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01")
    '4bf92f3577b34da6a3ce929d0e0e4736'
    >>> canonical_id("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1")
    '5759e988bd862e3fe1be46a994272793'
    >>> [canonical_id(word) for word in ("", "null", "req-17", "00000000-0000-0000-0000-000000000000")]
    ['', '', '', '']
    """
    if not isinstance(given, str) or len(given) > MAX_CHARS:
        return ""
    text = given.strip().lower()
    if dressed := _DRESSED.search(text):
        text = "".join(part for part in dressed.groups() if part)
    bare = text.replace("-", "")
    is_hex = _HEX.fullmatch(bare) is not None
    if is_hex:
        text = bare.lstrip("0")
    is_id = (
        len(text) >= (MIN_HEX_CHARS if is_hex else MIN_CHARS)
        and len(set(text)) >= MIN_DIFFERENT_CHARS
        and _DIGIT.search(text) is not None
        and _COUNTER.fullmatch(text) is None
    )
    return text if is_id else ""
