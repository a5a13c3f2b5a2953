"""The way to the server: one kept connection, and every request sent again until it is answered or time is up.

Sending again is always safe: records and events carry ids, and a server that has them counts them once. So whatever may
pass (a server that starts, is full, slow or gone, a connection cut in the middle) is tried again: after as long as
`Retry-After` says, else after a pause that doubles. What does not fit into the time the function has left fails at once:
Lambda itself calls again later, and at last keeps the event in its on-failure queue.
"""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ssl import SSLCertVerificationError

from mukiau.core.dsn import Dsn
from mukiau.core.event import JSONValue

TimeLeft = Callable[[], float]
"""Seconds until the function must have ended cleanly."""

AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses that may pass."""
MAX_ATTEMPT_SECONDS = 20.0
FIRST_PAUSE_SECONDS = 0.5
MAX_PAUSE_SECONDS = 10.0
MAX_ANSWER_BYTES = 1024**2


class Undelivered(Exception):  # noqa: N818 - says what became of the records
    """Something was not delivered. Raised out of the function, it makes Lambda try again and then keep the event."""

    def __init__(self, sentence: str, **fields: JSONValue) -> None:
        super().__init__(sentence)
        self.fields = fields


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


class Door:
    """A door of the server that a DSN names; keeps its connection between calls of the function."""

    def __init__(self, dsn: Dsn, name: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._dsn = dsn
        self._path = f"{dsn.path}/api/{dsn.project_id}/{name}/"
        self._sleep = sleep
        self._connection: HTTPConnection | None = None

    def post(self, body: bytes, headers: Mapping[str, str], *, time_left: TimeLeft) -> Answer:
        """Return the answer to a body, which is none of AGAIN; raises Undelivered when time is up first, or the certificate is wrong."""
        attempt = 0
        while True:
            attempt += 1
            was_kept = self._connection is not None
            wait = _pause(attempt)
            try:
                answer = self._exchange(body, headers, time_left())
            except SSLCertVerificationError as error:
                self.close()
                sentence = (
                    "The server's certificate is not trusted here; SSL_CERT_FILE may name the one that signed it."
                )
                raise Undelivered(sentence, host=self._dsn.host, reason=error.verify_message) from None
            except (OSError, HTTPException) as error:
                self.close()
                if was_kept and not isinstance(error, TimeoutError):
                    continue  # it was closed while the function slept: another one, at once
                reason = f"{type(error).__name__}: {error}"
            else:
                if answer.status not in AGAIN:
                    return answer
                reason, wait = f"HTTP {answer.status}", _retry_after(answer) or wait
            if wait >= time_left():
                raise Undelivered(
                    "The server did not take the records in the time there was.",
                    host=self._dsn.host,
                    reason=reason,
                    attempts=attempt,
                )
            self._sleep(wait)

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _exchange(self, body: bytes, headers: Mapping[str, str], seconds: float) -> Answer:
        if seconds <= 0:
            raise TimeoutError("no time left")
        connection = self._connected(min(seconds, MAX_ATTEMPT_SECONDS))
        connection.request("POST", self._path, body, {**headers, "Content-Length": str(len(body))})
        with connection.getresponse() as response:
            given = response.read(MAX_ANSWER_BYTES)
            is_whole = response.isclosed()
            found = {name.lower(): value for name, value in response.getheaders()}
            answer = Answer(response.status, found, given)
        if not is_whole or connection.sock is None:
            self.close()
        return answer

    def _connected(self, seconds: float) -> HTTPConnection:
        if self._connection is None:
            kind = HTTPSConnection if self._dsn.scheme == "https" else HTTPConnection
            self._connection = kind(self._dsn.host, timeout=seconds)
        elif self._connection.sock is not None:
            self._connection.sock.settimeout(seconds)
        return self._connection


def _pause(attempt: int) -> float:
    """Doubles, and is never the same for two functions that were refused at the same moment."""
    pause = min(MAX_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** min(attempt - 1, 8))
    return pause * random.uniform(0.5, 1.0)  # noqa: S311 - no secret


def _retry_after(answer: Answer) -> float | None:
    """Seconds the server asks for, in either of the protocol's headers; a date, which nobody sends here, is not read."""
    limits = answer.headers.get("x-sentry-rate-limits", "").partition(":")[0] if answer.status == 429 else ""
    text = answer.headers.get("retry-after", limits).strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def refusal(answer: Answer, dsn: Dsn) -> Undelivered:
    """Return what to raise for an answer that will stay the same until somebody changes something."""
    if 300 <= answer.status < 400:
        sentence = "The server sends elsewhere: put the address it names into the DSN."
        return Undelivered(sentence, host=dsn.host, status=answer.status, location=answer.headers.get("location", ""))
    sentence = (
        "The server does not know this key: is the DSN right, and the key switched on?"
        if answer.status in (401, 403)
        else "The server refuses what is sent: is the DSN of the right server?"
    )
    said = answer.body[:300].decode("utf-8", "replace")
    return Undelivered(sentence, host=dsn.host, status=answer.status, said=said)
