"""Corpus files: request bodies one after another, each a 4-byte big-endian length and gzip, as a client would post it.

`python -m bench.corpus OUT -n N` writes events that the real sentry-sdk made of the shop's failures. Event ids are new
on every run, so a server takes a corpus once; the seed fixes everything else. Each event says in its tag `failure`
which function failed: the measurements use it to see whether issues and failures are the same.
"""

import argparse
import gzip
import io
import json
import logging
import random
import statistics
import struct
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench import shop

_LENGTH = struct.Struct(">I")
SPREAD_SECONDS = 1_800
"""The events' times lie this far back at most."""
PATHS = ("/checkout", "/cart/add", "/orders", "/api/v2/pay", "/admin/export")


def read_corpus(path: Path) -> Iterator[bytes]:
    """Yield the bodies of a corpus file."""
    with path.open("rb") as file:
        while head := file.read(_LENGTH.size):
            yield file.read(_LENGTH.unpack(head)[0])


def write_corpus(path: Path, bodies: Iterable[bytes]) -> list[int]:
    """Write bodies, compressing each; return their compressed sizes in bytes."""
    sizes = []
    with path.open("wb") as file:
        for body in bodies:
            packed = gzip.compress(body, 6, mtime=0)
            file.write(_LENGTH.pack(len(packed)) + packed)
            sizes.append(len(packed))
    return sizes


def make_events(count: int, *, seed: int, now: datetime) -> Iterator[bytes]:
    """Yield plain envelopes of the shop's failures; the first 40 are one of each. Sets up the SDK of this process."""
    # Imported here: only the process that makes events needs it, and it patches the standard library when it starts.
    import sentry_sdk  # noqa: PLC0415
    from sentry_sdk.integrations.wsgi import SentryWsgiMiddleware  # noqa: PLC0415
    from sentry_sdk.transport import Transport  # noqa: PLC0415

    caught: list[Any] = []

    class Capture(Transport):
        def capture_envelope(self, envelope: Any) -> None:
            caught.append(envelope)

    rng = random.Random(seed)
    logging.basicConfig(level=logging.INFO, handlers=[logging.NullHandler()])
    sentry_sdk.init(
        dsn="http://key@127.0.0.1/1",
        transport=Capture(),
        before_send=lambda event, _hint: _placed(event, rng, now),
        send_default_pii=True,
        traces_sample_rate=0,
        max_request_body_size="always",
        auto_session_tracking=False,
        send_client_reports=False,
    )
    handle: Any = SentryWsgiMiddleware(shop.app)
    for index in range(count):
        fail = shop.FAILURES[index] if index < len(shop.FAILURES) else rng.choice(shop.FAILURES)
        sentry_sdk.get_global_scope().set_tag("failure", fail.__name__)
        with suppress(Exception):  # failing is what it is for
            handle(_request(rng) | {"bench.rng": rng, "bench.fail": fail}, lambda *_: None)
        yield caught.pop().serialize()


def _placed(event: Any, rng: random.Random, now: datetime) -> Any:
    """Spread an event over time, environments, releases and hosts."""
    when = now - timedelta(seconds=rng.random() * SPREAD_SECONDS)
    event["timestamp"] = when.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    event["environment"] = rng.choice(["production", "production", "staging"])
    event["release"] = f"shop@2026.{rng.randrange(1, 9)}.0"
    event["server_name"] = f"web-{rng.randrange(6)}"
    return event


def _request(rng: random.Random) -> dict[str, Any]:
    body = json.dumps({"coupon": f"C{rng.randrange(10**6)}", "step": rng.randrange(5)}).encode()
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": f"{rng.choice(PATHS)}/{rng.randrange(10**6)}",
        "SCRIPT_NAME": "",
        "QUERY_STRING": f"page={rng.randrange(50)}&ref=mail",
        "SERVER_NAME": "shop.example.com",
        "SERVER_PORT": "443",
        "HTTP_HOST": "shop.example.com",
        "wsgi.url_scheme": "https",
        "REMOTE_ADDR": f"192.0.2.{rng.randrange(255)}",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "HTTP_ACCEPT": "*/*",
        "HTTP_ACCEPT_LANGUAGE": "de-CH,de;q=0.9,en;q=0.7",
        "HTTP_REFERER": "https://shop.example.com/cart",
        "HTTP_USER_AGENT": f"Mozilla/5.0 (X11; Linux x86_64; rv:{rng.randrange(110, 140)}.0) Gecko Firefox",
    }


def _with_sizes(bodies: Iterable[bytes], sizes: list[int]) -> Iterator[bytes]:
    for body in bodies:
        sizes.append(len(body))
        yield body


def _say(name: str, sizes: list[int]) -> None:
    cuts = statistics.quantiles(sizes, n=20)
    print(
        f"{name}: mean {statistics.mean(sizes):.0f}, p5 {cuts[0]:.0f}, p50 {cuts[9]:.0f}, p95 {cuts[18]:.0f}, "
        f"max {max(sizes)} bytes"
    )


def main() -> None:
    """Write a corpus of events and say how large they are."""
    parser = argparse.ArgumentParser(prog="python -m bench.corpus", description=main.__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("-n", type=int, default=3000, help="events (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    plain: list[int] = []
    events = make_events(options.n, seed=options.seed, now=datetime.now(UTC))
    packed = write_corpus(options.out, _with_sizes(events, plain))
    if len(packed) > 1:
        _say("plain", plain)
        _say("gzip", packed)


if __name__ == "__main__":
    main()
