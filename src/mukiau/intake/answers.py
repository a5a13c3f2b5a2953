"""What the doors answer, in the words of the wire: an id, or a refusal with its reason and when to come again."""

import json
from base64 import b64decode
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from http import HTTPStatus
from typing import NamedTuple

from mukiau.core.refusal import Refused
from mukiau.intake.asgi import Send

Headers = tuple[tuple[bytes, bytes], ...]

# Browsers ask first unless the request is plain; see "CORS" of the wire's rules.
_EXPOSED = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"x-sentry-error, x-sentry-rate-limits, retry-after"),
)
_PREFLIGHT = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
    (
        b"access-control-allow-headers",
        (
            b"x-sentry-auth, x-requested-with, x-forwarded-for, origin, referer, accept, content-type, authentication, "
            b"authorization, content-encoding, transfer-encoding"
        ),
    ),
    (b"access-control-max-age", b"3600"),
    (b"content-length", b"0"),
)
_PIXEL = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
# Events of every kind; other categories (sessions, spans, …) are not limited here.
_LIMITED_CATEGORIES = "default;error;security"
_UNWANTED_SECONDS = 3600
_CATEGORIES = {
    "check_in": "monitor",
    "log": "log_item",
    "metric_buckets": "metric_bucket",
    "profile": "profile",
    "profile_chunk": "profile_chunk",
    "replay_event": "replay",
    "replay_recording": "replay",
    "replay_video": "replay",
    "session": "session",
    "sessions": "session",
    "span": "span",
    "statsd": "metric_bucket",
    "trace_metric": "trace_metric",
    "transaction": "transaction",
}


class Answer(NamedTuple):
    """A whole HTTP answer. Made for each request: a tuple takes a third of a frozen dataclass's time."""

    status: int
    headers: Headers
    body: bytes

    def wire(self, more: Iterable[tuple[bytes, bytes]] = ()) -> bytes:
        """Return the answer as HTTP/1.1 writes it, with more headers."""
        lines = [b"%b: %b\r\n" % header for header in (*self.headers, *more)]
        return b"".join([_status_line(self.status), *lines, b"\r\n", self.body])

    async def send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": list(self.headers)})
        await send({"type": "http.response.body", "body": self.body})


class RefusedRequest(Exception):  # noqa: N818 - raised at any step of a door, answered in one place
    """Carries a refusal out of a door."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.reason)
        self.refused = refused


def accepted(event_id: str, *, unwanted: Iterable[str] = ()) -> Answer:
    """Answer that the body is on disk; without an id when it held no event.

    `unwanted` names the types of items that were dropped: clients that heed it stop sending them for an hour.
    """
    body = b'{"id":"%s"}' % event_id.encode("ascii") if event_id else b"{}"
    categories = sorted({_CATEGORIES[name] for name in unwanted if name in _CATEGORIES})
    if not categories:
        return json_answer(200, body)
    limits = f"{_UNWANTED_SECONDS}:{';'.join(categories)}:organization:unsupported"
    return json_answer(200, body, (b"x-sentry-rate-limits", limits.encode()))


def accepted_pixel() -> Answer:
    """Answer a GET on /store/: browsers of old loaded it as an image."""
    return Answer(200, ((b"content-type", b"image/gif"), _length(_PIXEL), *_EXPOSED), _PIXEL)


def accepted_records(accepted_count: int, rejected: Sequence[tuple[int, str]]) -> Answer:
    """Answer how many records were kept and which lines were not, by index from 0."""
    lines = [{"index": index, "reason": reason} for index, reason in rejected]
    return json_answer(200, json.dumps({"accepted": accepted_count, "rejected": lines}).encode())


def preflight() -> Answer:
    """Answer a browser's OPTIONS."""
    return Answer(200, _PREFLIGHT, b"")


def refused(refusal: Refused) -> Answer:
    """Answer why not, and when to try again where that makes sense."""
    body = json.dumps({"detail": refusal.reason, "causes": []}).encode()
    return json_answer(refusal.status, body, *refusal_headers(refusal))


def refusal_headers(refusal: Refused) -> list[tuple[bytes, bytes]]:
    """Return what a refusal says in headers, at every door."""
    headers = [(b"x-sentry-error", _header_text(refusal.reason))]
    if refusal.retry_after_seconds:
        seconds = str(refusal.retry_after_seconds)
        headers.append((b"retry-after", seconds.encode()))
        if refusal.status == 429:
            headers.append((b"x-sentry-rate-limits", f"{seconds}:{_LIMITED_CATEGORIES}:key:over_quota".encode()))
    if refusal.status == 405:
        headers.append((b"allow", b"POST, OPTIONS"))
    return headers


def json_answer(status: int, body: bytes, *headers: tuple[bytes, bytes]) -> Answer:
    """Answer a JSON text."""
    return answer_of("application/json", status, body, *headers)


def answer_of(content_type: str, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> Answer:
    """Answer a text of a type, for any origin to read."""
    return Answer(status, (*_usual_headers(content_type, len(body)), *headers), body)


@lru_cache(maxsize=256)
def _usual_headers(content_type: str, length: int) -> Headers:
    return ((b"content-type", content_type.encode()), (b"content-length", b"%d" % length), *_EXPOSED)


@cache
def _status_line(status: int) -> bytes:
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode()


def _length(body: bytes) -> tuple[bytes, bytes]:
    return (b"content-length", str(len(body)).encode())


def _header_text(sentence: str) -> bytes:
    """Return a sentence as a header may carry it: ASCII, without control characters."""
    return "".join(char if " " <= char <= "~" else "?" for char in sentence).encode("ascii")
