"""What stands in the brackets of a log line's head: a thread, a logger's class, ids of trace and request, a service.

Nothing names them but their shape and their place: 32 hex digits are a trace, a UUID a request, a dotted class a logger,
and Spring writes `[service]` before the thread or `[service,trace,span]` alone.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

_TRACE = re.compile(r"([0-9a-f]{32})(?:[-,][0-9a-f]{16}(?:[-,]\w{1,5})?)?")
_SLEUTH = re.compile(r"([\w.-]{1,80}),([0-9a-f]{16}(?:[0-9a-f]{16})?)?,[0-9a-f]{0,16}(?:,\w{0,5})?")
_REQUEST = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_DOTTED_CLASS = re.compile(r"[a-z]\w{0,40}(?:\.[A-Za-z]\w{0,40}){1,10}")
_CLASS = re.compile(rf"[A-Z][a-z]{{1,40}}(?:[A-Z][A-Za-z]{{0,40}}){{1,6}}|{_DOTTED_CLASS.pattern}")


class Bracketed(NamedTuple):
    """What the brackets said; empty where they said nothing of it."""

    thread: str = ""
    logger: str = ""
    trace_id: str = ""
    request_id: str = ""
    service: str = ""


def read_brackets(before: Sequence[str], behind: Sequence[str], *, is_spring: bool = False) -> Bracketed:
    """Tell what the texts in brackets before and behind the level are; `is_spring` when ` --- ` stands among them."""
    trace_id = request_id = service = ""
    left: list[str] = []
    for text in (*before, *behind):
        if found := _SLEUTH.fullmatch(text):
            service, trace_id = service or found[1], trace_id or found[2] or ""
        elif found := _TRACE.fullmatch(text):
            trace_id = trace_id or found[1]
        elif _REQUEST.fullmatch(text):
            request_id = request_id or text
        elif text:
            left.append(text)
    if is_spring and len(left) > 1 and not service:
        service, *left = left
    logger = next((text for text in left if _DOTTED_CLASS.fullmatch(text) and len(left) > 1), "")
    if not logger and behind and left and _CLASS.fullmatch(left[-1]) and left[-1] == behind[-1]:
        logger = left[-1]  # `ERROR [CatalogClient] …`: threads are numbered or in lower case
    threads = [text for text in left if text != logger]
    return Bracketed(threads[0] if threads else "", logger, trace_id, request_id, service)


def find_request(text: str) -> str:
    """A request's id that stands bare between time and level, as Lambda writes it."""
    found = _REQUEST.search(text)
    return found[0] if found else ""
