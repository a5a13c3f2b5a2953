"""Webhook: a POST of JSON, signed, to a program of one's own.

The signature is `v1=` and the HMAC-SHA256, in hexadecimal, of the timestamp, a full stop and the body as it was sent;
its key is the route's secret. Whoever checks it, and that the timestamp is some minutes old at most, knows that the
message is ours and is not sent again by somebody who overheard it.
"""

import hmac
import json
from dataclasses import asdict

from mukiau.notify.answers import Answer, Reason
from mukiau.notify.channels.plan import Means, Parcel
from mukiau.notify.route import Address

SIGNATURE, TIMESTAMP, DELIVERY = "Mukiau-Signature", "Mukiau-Timestamp", "Mukiau-Delivery"


def find_mistake(to: str, means: Means) -> Reason:
    return Reason.ADDRESS if means.outside.find_target(to) is None else Reason.NONE


def send(parcel: Parcel, address: Address, means: Means) -> Answer:
    body = render_body(parcel)
    headers = {
        "Content-Type": "application/json",
        DELIVERY: parcel.key,
        TIMESTAMP: str(means.now_seconds),
        SIGNATURE: sign(body, address.secret, timestamp=means.now_seconds),
    }
    return means.outside.post(address.to, body, headers)


def render_body(parcel: Parcel) -> bytes:
    """Return the body: the message's own fields and `id`, the same at every attempt."""
    return json.dumps({"id": parcel.key, **asdict(parcel.message)}, ensure_ascii=False).encode()


def sign(body: bytes, secret: str, *, timestamp: int) -> str:
    """Return the signature of a body.

    >>> sign(b"{}", "k", timestamp=5)[:11]
    'v1=d0662541'
    """
    return "v1=" + hmac.digest(secret.encode(), b"%d." % timestamp + body, "sha256").hex()
