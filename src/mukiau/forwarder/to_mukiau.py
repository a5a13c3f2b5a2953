"""Target mukiau: the document as CloudWatch Logs packed it; the server assembles and groups."""

import gzip
import json

from mukiau.core.dsn import Dsn
from mukiau.core.event import JSONObject
from mukiau.forwarder.door import Answer, Door, TimeLeft, refusal
from mukiau.forwarder.subscription import Subscription
from mukiau.forwarder.target import Sent

TOO_LARGE = 413


class ToMukiau:
    """Sends records to the records door."""

    def __init__(self, dsn: Dsn, *, door: Door | None = None) -> None:
        self._dsn = dsn
        self._door = door or Door(dsn, "records")
        self._headers = {
            "Authorization": f"Bearer {dsn.public_key}",
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
        }

    def send(self, batch: Subscription, *, time_left: TimeLeft) -> Sent:
        """Deliver a batch; in parts where something on the way takes no body so large."""
        return self._send(batch.packed, batch.document, time_left)

    def _send(self, packed: bytes, document: JSONObject, time_left: TimeLeft) -> Sent:
        answer = self._door.post(packed, self._headers, time_left=time_left)
        if answer.status == 200 and (sent := _read(answer)) is not None:
            return sent
        if answer.status != TOO_LARGE:
            raise refusal(answer, self._dsn)
        events = document["logEvents"]
        if len(events) < 2:
            return Sent(requests=1, stuck=len(events))
        sent = Sent(requests=1)
        for part in (events[: len(events) // 2], events[len(events) // 2 :]):
            half = {**document, "logEvents": part}
            sent += self._send(pack(half), half, time_left)
        return sent


def pack(document: JSONObject) -> bytes:
    """Return a document as CloudWatch Logs would pack it; the same document gives the same bytes."""
    return gzip.compress(json.dumps(document, separators=(",", ":")).encode(), 6, mtime=0)


def _read(answer: Answer) -> Sent | None:
    """Return what mukiau's answer says; None for a 200 of somebody else (a sign-in page in front of it, say)."""
    try:
        said = json.loads(answer.body)
        return Sent(requests=1, accepted=int(said["accepted"]), rejected=len(said["rejected"]))
    except (ValueError, LookupError, TypeError):
        return None
