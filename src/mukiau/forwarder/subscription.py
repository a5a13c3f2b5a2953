"""What Lambda is called with: a subscription's event, or messages of the queue that keeps what could not be sent."""

import base64
import binascii
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from mukiau.core.event import JSONObject, JSONValue
from mukiau.core.records.gzip_members import gunzip
from mukiau.core.records.payloads import MAX_UNPACKED_BYTES


class NotASubscription(ValueError):  # noqa: N818 - says what the event is
    """The function was called with something that CloudWatch Logs does not send."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One document of a log stream."""

    packed: bytes
    """As CloudWatch Logs packed it (gzip)."""
    document: JSONObject

    @property
    def is_control(self) -> bool:
        """CloudWatch Logs asks only whether somebody is there."""
        return self.document.get("messageType") == "CONTROL_MESSAGE"

    @property
    def log_group(self) -> str:
        return str(self.document.get("logGroup", ""))

    @property
    def log_stream(self) -> str:
        return str(self.document.get("logStream", ""))

    @property
    def log_events(self) -> list[JSONValue]:
        """The records as CloudWatch Logs gives them, in order."""
        events = self.document.get("logEvents")
        return events if isinstance(events, list) else []


def get_subscription(event: JSONValue) -> Subscription:
    """Return what a subscription delivers; raises NotASubscription."""
    awslogs = event.get("awslogs") if isinstance(event, dict) else None
    data = awslogs.get("data") if isinstance(awslogs, dict) else None
    try:
        packed = base64.b64decode(data) if isinstance(data, str) else b""
        document = json.loads(gunzip(packed, max_bytes=MAX_UNPACKED_BYTES) or b"")
    except (binascii.Error, ValueError, zlib.error, RecursionError):
        document = None
    if not isinstance(document, dict) or "messageType" not in document:
        raise NotASubscription("The event has no awslogs.data of a CloudWatch Logs subscription.")
    return Subscription(packed, document)


def is_from_queue(event: JSONValue) -> bool:
    """Say whether SQS calls: somebody has switched on that what could not be sent is sent again."""
    return isinstance(event, dict) and isinstance(event.get("Records"), list)


def queued_events(event: JSONObject) -> Iterator[tuple[str, JSONValue]]:
    """Yield the id of each message of the queue and the event that Lambda had failed on; None for a foreign message."""
    for message in event["Records"]:
        try:
            payload = json.loads(message["body"])["requestPayload"]
        except (ValueError, LookupError, TypeError):
            payload = None
        yield str(message.get("messageId", "")), payload
