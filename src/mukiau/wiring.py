"""Joins what the rooms need to what the stores keep; one function per process."""

import asyncio
import gc
import hashlib
import itertools
import logging
import os
import signal
import socket
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from mukiau import clock, config
from mukiau.config import Settings
from mukiau.core.addresses import read_networks
from mukiau.core.records.log_groups import compile_table
from mukiau.stores.arrivals import record_arrivals
from mukiau.stores.keys import StoredKeys
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.spool import SpoolWriter
from mukiau.stores.spool_reader import SPOOL_FILE, SpoolReader
from mukiau.stores.trimming import follow_digest, read_durable_position
from mukiau.web.secret_key import load_or_make_key

if TYPE_CHECKING:
    from mukiau.core.records.record import Record
    from mukiau.digest.batch import DigestedEvent
    from mukiau.digest.event_maker import EventMaker
    from mukiau.digest.policies import Policies
    from mukiau.intake.arrivals import Arrivals
    from mukiau.intake.edge import Edge
    from mukiau.intake.forward import WebForwarder
    from mukiau.intake.keys import KeyRing
    from mukiau.intake.proxies import TrustedProxies
    from mukiau.intake.short_way import ShortWay

# sockaddr_un holds 108 bytes with its closing zero (104 on macOS).
_MAX_SOCKET_PATH_BYTES = 100
SPOOL_LOOK_SECONDS = 0.5
MAX_DIGEST_PROCESSES = 4
"""By itself; one process writes, and more than some makers only wait for it."""
# The spool, the keys, connections to the web process, …
_OTHER_FILES = 150
# A small file, and only when somebody has looked at a page.
ARRIVALS_SECONDS = 5.0

log = logging.getLogger(__name__)


def web_socket_path(settings: Settings) -> Path:
    """Return where the web process listens: in the data folder, or (where that path is too long for a Unix socket) in a
    folder of our own below the system's temporary one."""
    path = Path(settings.data).absolute() / "web.sock"
    if len(os.fsencode(path)) <= _MAX_SOCKET_PATH_BYTES:
        return path
    digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"mukiau-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to somebody else; give mukiau a data folder with a shorter path.")
    return folder / f"{digest}.sock"


def run_intake(
    settings: Settings, listener: socket.socket, stop: threading.Event, *, no_quota: bool, max_files: int
) -> None:
    """Serve the doors on a listening socket until SIGTERM or SIGINT, or until `stop` was set before.

    `max_files` may be open at once.
    """
    import uvloop  # noqa: PLC0415 - the other processes need no HTTP server

    uvloop.run(_intake(settings, listener, stop, no_quota=no_quota, max_files=max_files))


async def _intake(
    settings: Settings, listener: socket.socket, stop: threading.Event, *, no_quota: bool, max_files: int
) -> None:
    from mukiau.intake.forward import WebForwarder  # noqa: PLC0415
    from mukiau.intake.keys import KeyRing  # noqa: PLC0415
    from mukiau.intake.server import serve  # noqa: PLC0415

    folder = Path(settings.data)
    spool = SpoolWriter(folder / SPOOL_FILE, max_bytes=settings.max_spool_bytes, min_free_bytes=settings.min_free_bytes)
    keys = KeyRing(StoredKeys(folder / STATE_FILE), clock=time.monotonic)
    web = WebForwarder(web_socket_path(settings))
    app, short_way = _intake_app(settings, spool, keys, web, no_quota=no_quota)
    spool.open(after=read_durable_position(folder / STATE_FILE))
    await keys.refresh()
    beside = [
        asyncio.create_task(keys.watch()),
        asyncio.create_task(follow_digest(spool, folder / STATE_FILE)),
        asyncio.create_task(_end_without(spool)),
        asyncio.create_task(_keep_arrivals(folder, app.arrivals)),
    ]
    try:
        max_connections = max(1, max_files - _OTHER_FILES)
        await serve(app, listener, short_way=short_way, max_connections=max_connections, stop=stop)
    finally:
        for task in beside:
            task.cancel()
        spool.close()
        keys.close()
        await web.close()


def _intake_app(
    settings: Settings,
    spool: SpoolWriter,
    keys: "KeyRing",
    web: "WebForwarder",
    *,
    no_quota: bool,
) -> "tuple[Edge, ShortWay | None]":
    """Return the app of all requests: the edge, in it the doors, behind them the health paths, behind them the pages; and
    the short way past it, unless each request is to be logged."""
    from mukiau.intake.app import IntakeApp  # noqa: PLC0415
    from mukiau.intake.doorway import Doorway  # noqa: PLC0415
    from mukiau.intake.edge import Edge  # noqa: PLC0415
    from mukiau.intake.health import HealthDesk  # noqa: PLC0415
    from mukiau.intake.meter import Meter  # noqa: PLC0415
    from mukiau.intake.quotas import Quotas  # noqa: PLC0415
    from mukiau.intake.short_way import ShortWay  # noqa: PLC0415
    from mukiau.stores.vitals import StoredVitals  # noqa: PLC0415

    quotas = Quotas(
        events=settings.quota_events,
        window_seconds=settings.quota_window_seconds,
        clock=time.monotonic,
        is_off=no_quota,
    )
    doorway = Doorway(
        spool=spool,
        keys=keys,
        quotas=quotas,
        now_ms=clock.unix_ms,
        new_event_id=lambda: uuid.uuid4().hex,
    )
    meter = Meter()
    vitals = StoredVitals(
        Path(settings.data),
        spool,
        max_spool_bytes=settings.max_spool_bytes,
        max_state_bytes=settings.max_state_bytes,
    )
    proxies, prefix = _trusted_proxies(settings), config.path_prefix(settings)
    edge = Edge(
        IntakeApp(doorway, HealthDesk(vitals, web, meter=meter, now_ms=clock.unix_ms)),
        proxies,
        meter=meter,
        prefix=prefix,
        logs_access=settings.log_access,
    )
    return edge, None if settings.log_access else ShortWay(doorway, proxies, meter, prefix=prefix)


def _trusted_proxies(settings: Settings) -> "TrustedProxies":
    from mukiau.intake.proxies import TrustedProxies  # noqa: PLC0415

    return TrustedProxies(
        read_networks(settings.trusted_proxies), base_url=settings.base_url, new_request_id=_request_ids()
    )


def _request_ids() -> Callable[[], str]:
    """Return what makes ids: this process's own beginning, and a number."""
    begins, numbers = os.urandom(8).hex(), itertools.count(1)
    return lambda: f"{begins}{next(numbers):016x}"


async def _end_without(spool: SpoolWriter) -> None:
    """End the process when its spool has failed: a new one opens the file anew, this one could only refuse for ever."""
    while spool.is_open:
        await asyncio.sleep(SPOOL_LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


async def _keep_arrivals(folder: Path, arrivals: "Arrivals") -> None:
    written = 0
    while True:
        await asyncio.sleep(ARRIVALS_SECONDS)
        if arrivals.total != written:
            written = arrivals.total
            try:
                await asyncio.to_thread(record_arrivals, folder, arrivals)
            except OSError as error:  # a full disk: what matters says so itself
                log.debug("The counts of arrivals cannot be written: %s", error)


def run_digest(settings: Settings, stop: threading.Event) -> None:
    """Digest the data folder's spool until `stop` is set. Raises AnotherDigester and MakerLost."""
    from mukiau.digest.makers import MakerPool  # noqa: PLC0415 - the other processes digest nothing
    from mukiau.digest.making import Making  # noqa: PLC0415
    from mukiau.digest.pipeline import Pipeline  # noqa: PLC0415
    from mukiau.digest.policies import Policies  # noqa: PLC0415
    from mukiau.digest.steady import SteadyClock  # noqa: PLC0415
    from mukiau.digest.worker import Worker  # noqa: PLC0415
    from mukiau.stores.event_rows import Packing  # noqa: PLC0415
    from mukiau.stores.lab.waking import WakeLab  # noqa: PLC0415
    from mukiau.stores.retention import Retention, RetentionPolicy  # noqa: PLC0415
    from mukiau.stores.sources import SourceTable  # noqa: PLC0415
    from mukiau.stores.state_writer import StateWriter  # noqa: PLC0415

    packing, policies = Packing(), Policies()
    table = compile_table(settings.log_group_pattern)
    make = Making(maker=_event_maker(settings, policies), table=table, pack=packing)
    # A batch makes some hundred thousand values and keeps none; the default thresholds look at them again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    folder = Path(settings.data)
    with ExitStack() as opened:
        makers = MakerPool(
            make, packing, policies, size=_digest_processes(settings) - 1
        )  # forks, so before any file is open
        opened.callback(makers.close)
        store = StateWriter(folder / STATE_FILE, packing)
        opened.callback(store.close)
        sources = SourceTable(folder / STATE_FILE)
        opened.callback(sources.close)
        spool = SpoolReader(folder / SPOOL_FILE)
        opened.callback(spool.close)
        pipeline = Pipeline(make=make, share=makers.make_all, sources=sources, find_seen=store.find_seen, table=table)
        retention = Retention(folder / STATE_FILE, RetentionPolicy.of(settings))
        opened.callback(retention.close)
        wakers = [WakeLab(folder, clock=clock.unix_ms)] if settings.learn_words else []
        worker = Worker(
            spool=spool,
            store=store,
            pipeline=pipeline,
            clock=clock.unix_ms,
            idle_ms=int(settings.idle_flush_seconds * 1000),
            steady=SteadyClock(at_ms=store.steady_ms(), wall=clock.unix_ms, monotonic=clock.monotonic_ms),
            keepers=(retention, *wakers),
            policies=policies,
        )
        worker.run(stop)


def run_lab(settings: Settings, stop: threading.Event, *, learns: bool = False) -> None:
    """Do what the grouping lab is asked for, until nothing is left or `stop` is set; `learns`: and learn wordings."""
    from mukiau.stores.lab.learning import Learner  # noqa: PLC0415
    from mukiau.stores.lab.wanted import nothing_wanted  # noqa: PLC0415
    from mukiau.stores.lab.work import Lab  # noqa: PLC0415

    folder = Path(settings.data)
    lab = Lab(folder, processes=_digest_processes(settings), clock=clock.unix_ms, stop=stop)
    learner = Learner(folder, least=settings.learn_words if learns else 0, clock=clock.unix_ms)
    while not stop.is_set() and (lab.work() or learner.step() or not nothing_wanted(folder)):
        pass


def run_notify(settings: Settings, stop: threading.Event) -> None:
    """Tell people what there is to tell, until no route is in use or `stop` is set."""
    from mukiau.notify.channels.plan import Means  # noqa: PLC0415 - the other processes tell nobody
    from mukiau.stores.notify.work import Notifier  # noqa: PLC0415

    notifier = Notifier(
        Path(settings.data),
        base_url=config.own_url(settings),
        means=lambda: Means.of(settings, now_ms=clock.unix_ms()),
        clock=clock.unix_ms,
        new_key=lambda: uuid.uuid4().hex,
    )
    notifier.run(stop)


def _digest_processes(settings: Settings) -> int:
    return int(settings.digest_processes) or min(MAX_DIGEST_PROCESSES, len(os.sched_getaffinity(0)))


def digest_records(records: "Iterable[Record]", *, settings: Settings) -> "Iterator[DigestedEvent]":
    """Yield the error events in the records as the server would group them, without storing anything."""
    from mukiau.digest import offline  # noqa: PLC0415

    return offline.digest_records(
        records,
        maker=_event_maker(settings),
        table=compile_table(settings.log_group_pattern),
        now_ms=clock.unix_ms(),
    )


def _event_maker(settings: Settings, policies: "Policies | None" = None) -> "EventMaker":
    from mukiau.core.scrub import Scrubber, ScrubPolicy  # noqa: PLC0415
    from mukiau.digest import patterns  # noqa: PLC0415
    from mukiau.digest.event_maker import EventMaker  # noqa: PLC0415

    policy = ScrubPolicy(
        keep=_names(settings.scrub_keep),
        hash=_names(settings.scrub_hash),
        hash_key=_scrub_key(settings),
        japan=settings.scrub_japan,
        email=settings.scrub_email,
    )
    return EventMaker(Scrubber(policy, compile_pattern=patterns.compile_pattern), policies)


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.split(",") if name.strip())


def _scrub_key(settings: Settings) -> bytes:
    """Return the key of kept values' hashes: from the settings, else derived from the data folder's own secret."""
    if settings.scrub_key:
        return str(settings.scrub_key).encode()
    folder = Path(settings.data)
    if not (folder / STATE_FILE).exists():
        return b""  # nothing is stored: `mukiau parse` alone
    return hashlib.sha256(b"scrub\0" + load_or_make_key(folder).encode()).digest()
