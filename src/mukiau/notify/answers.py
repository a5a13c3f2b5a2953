"""What became of an attempt to send a message."""

from dataclasses import dataclass
from enum import StrEnum

MAX_RETRY_AFTER_SECONDS = 3_600.0


class Outcome(StrEnum):
    """What to do next."""

    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    """Trying again would not help."""


class Reason(StrEnum):
    """Why a message did not get there."""

    NONE = ""
    ADDRESS = "address"
    """The address is none that this channel can send to."""
    MAIL_ADDRESS = "mail_address"
    """There is something that is no mail address, or there are too many."""
    INSIDE = "inside"
    """The host is inside our own network."""
    UNKNOWN_HOST = "unknown_host"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    SILENT = "silent"
    """No answer in time."""
    UNREADABLE = "unreadable"
    """An answer that is none."""
    REFUSED = "refused"
    """The other side says no; the detail is what it says."""
    MOVED = "moved"
    """It leads elsewhere, where we do not follow."""
    NOT_SET_UP = "not_set_up"
    """This server has no settings for the channel."""
    FAULT = "fault"
    """A mistake of our own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of an attempt."""

    outcome: Outcome
    reason: Reason = Reason.NONE
    detail: str = ""
    """A status or a code for whoever looks into it; never a part of the address."""
    retry_after_seconds: float = 0.0
    """How long the other side wants to be left alone; 0: it did not say."""


SENT = Answer(outcome=Outcome.SENT)


def failed(reason: Reason, detail: str = "") -> Answer:
    return Answer(outcome=Outcome.FAILED, reason=reason, detail=detail)


def retry(reason: Reason, detail: str = "", *, after_seconds: float = 0.0) -> Answer:
    return Answer(outcome=Outcome.RETRY, reason=reason, detail=detail, retry_after_seconds=after_seconds)


def answer_of_status(status: int, retry_after: str) -> Answer:
    """Return what an HTTP status means for a message; `retry_after` is the header, empty when there is none.

    >>> answer_of_status(204, "").outcome.value, answer_of_status(404, "").outcome.value
    ('sent', 'failed')
    >>> answer_of_status(429, "30").retry_after_seconds
    30.0
    """
    if 200 <= status < 300:
        return SENT
    if 300 <= status < 400:
        return failed(Reason.MOVED, f"HTTP {status}")
    if status in {408, 425, 429} or status >= 500:
        return retry(Reason.REFUSED, f"HTTP {status}", after_seconds=_seconds(retry_after))
    return failed(Reason.REFUSED, f"HTTP {status}")


def _seconds(retry_after: str) -> float:
    # The other form, a date, would need our clock and the other side's to agree; our own waiting does as well.
    text = retry_after.strip()
    return min(float(text), MAX_RETRY_AFTER_SECONDS) if text.isascii() and text.isdigit() and len(text) < 9 else 0.0
