"""Target sentry: events made here, each in an envelope of its own, one after the other over one connection."""

import gzip
import json

from mukiau.core.dsn import Dsn
from mukiau.core.event import JSONObject
from mukiau.core.records.payloads import Reader, read_batch
from mukiau.forwarder.door import Door, TimeLeft, refusal
from mukiau.forwarder.events import SDK, EventMaker
from mukiau.forwarder.repair import Repair
from mukiau.forwarder.subscription import Subscription
from mukiau.forwarder.target import Sent

ALONE = frozenset({400, 413})
"""Statuses that speak of one event: the others may well be taken."""
_CLIENT = f"{SDK['name']}/{SDK['version']}"


class ToSentry:
    """Sends events to the envelope door of any server of the Sentry protocol."""

    def __init__(self, dsn: Dsn, maker: EventMaker, *, repair: Repair | None = None, door: Door | None = None) -> None:
        self._dsn = dsn
        self._maker = maker
        self._repair = repair
        self._door = door or Door(dsn, "envelope")
        self._headers = {
            "X-Sentry-Auth": f"Sentry sentry_version=7, sentry_key={dsn.public_key}, sentry_client={_CLIENT}",
            "Content-Type": "application/x-sentry-envelope",
            "Content-Encoding": "gzip",
        }

    def send(self, batch: Subscription, *, time_left: TimeLeft) -> Sent:
        """Make the batch's events and deliver them; the first that is not taken in time ends it, the rest comes again."""
        parsed = read_batch(Reader("", json.loads).take(batch.document))
        sent = Sent(rejected=len(parsed.rejected))
        before, after = self._repair.around(parsed.records, time_left=time_left) if self._repair else ((), ())
        for event in self._maker.make(parsed.records, before=before, after=after):
            sent += self._send(event, time_left)
        return sent

    def _send(self, event: JSONObject, time_left: TimeLeft) -> Sent:
        answer = self._door.post(gzip.compress(envelope(event), 6, mtime=0), self._headers, time_left=time_left)
        if 200 <= answer.status < 300:
            return Sent(requests=1, accepted=1)
        if answer.status in ALONE:
            return Sent(requests=1, stuck=1)
        raise refusal(answer, self._dsn)


def envelope(event: JSONObject) -> bytes:
    """Return an event as an envelope of one item."""
    payload = _json(event)
    header = {"event_id": event["event_id"], "sdk": event["sdk"]}
    item = {"type": "event", "length": len(payload), "content_type": "application/json"}
    return b"\n".join((_json(header), _json(item), payload, b""))


def _json(value: JSONObject) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
