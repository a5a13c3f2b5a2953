"""Joins what the rooms need to what the stores keep; one function per process."""

import asyncio
import hashlib
import os
import socket
import tempfile
import time
import uuid
from pathlib import Path

from mukiau import clock
from mukiau.config import Settings
from mukiau.stores.keys import StoredKeys
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.spool import SPOOL_FILE, SpoolWriter
from mukiau.stores.trimming import follow_digest

# sockaddr_un holds 108 bytes with its closing zero (104 on macOS).
_MAX_SOCKET_PATH_BYTES = 100


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


def run_intake(settings: Settings, listener: socket.socket, *, no_quota: bool = False) -> None:
    """Serve the doors on a listening socket until SIGTERM or SIGINT."""
    import uvloop  # noqa: PLC0415 - the other processes need no HTTP server

    uvloop.run(_intake(settings, listener, no_quota=no_quota))


async def _intake(settings: Settings, listener: socket.socket, *, no_quota: bool) -> None:
    from mukiau.intake.app import IntakeApp  # noqa: PLC0415
    from mukiau.intake.doorway import Doorway  # noqa: PLC0415
    from mukiau.intake.forward import WebForwarder  # noqa: PLC0415
    from mukiau.intake.keys import KeyRing  # noqa: PLC0415
    from mukiau.intake.quotas import Quotas  # noqa: PLC0415
    from mukiau.intake.server import serve  # noqa: PLC0415

    folder = Path(settings.data)
    spool = SpoolWriter(folder / SPOOL_FILE, max_bytes=settings.max_spool_bytes)
    keys = KeyRing(StoredKeys(folder / STATE_FILE), clock=time.monotonic)
    quotas = Quotas(
        events=settings.quota_events,
        window_seconds=settings.quota_window_seconds,
        clock=time.monotonic,
        is_off=no_quota,
    )
    web = WebForwarder(web_socket_path(settings))
    doorway = Doorway(
        spool=spool, keys=keys, quotas=quotas, now_ms=clock.unix_ms, new_event_id=lambda: uuid.uuid4().hex
    )
    spool.open()
    await keys.refresh()
    beside = [
        asyncio.create_task(keys.watch()),
        asyncio.create_task(follow_digest(spool, folder / STATE_FILE)),
    ]
    try:
        await serve(IntakeApp(doorway, web), listener)
    finally:
        for task in beside:
            task.cancel()
        spool.close()
        keys.close()
        await web.close()
