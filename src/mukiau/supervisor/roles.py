"""What each process of mukiau does.

A role imports what it needs when it runs: intake never loads Django, the supervisor neither Django nor an HTTP server.
"""

import logging
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import NoReturn

from mukiau.config import Settings
from mukiau.stores.locks import RoleLock
from mukiau.supervisor.children import environment_of

# The role's last holder may just be stopping (graceful stop: 8 s).
LOCK_WAIT_SECONDS = 10.0
LOCKED_ROLES = ("intake", "digest", "web")


def run_role(name: str, settings: Settings, *, listener: socket.socket | None = None, no_quota: bool = False) -> int:
    """Play one role (`intake`, `digest`, `web`, `migrate`, `demo`) in this process until it ends; return the exit code.

    intake without a listening socket of its parent binds `settings.host` and `settings.port` itself.
    """
    os.environ.update(environment_of(settings))  # Django reads its settings from there
    logging.basicConfig(level=logging.INFO, format=f"%(asctime)s %(levelname)s {name} %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    lock = RoleLock(Path(settings.data), name)
    if name in LOCKED_ROLES and not lock.acquire(wait_seconds=LOCK_WAIT_SECONDS):
        sys.stderr.write(f"Another process ({lock.find_holder()}) is already {name} of {settings.data}.\n")
        return 1
    try:
        return _play(name, settings, listener, no_quota=no_quota)
    finally:
        lock.release()


def _play(name: str, settings: Settings, listener: socket.socket | None, *, no_quota: bool) -> int:
    match name:
        case "intake":
            return _intake(settings, listener, no_quota=no_quota)
        case "digest":
            return _digest(settings)
        case "web":
            return _web(settings)
        case "migrate":
            return _migrate(settings)
        case "demo":
            return _demo(settings)
    sys.stderr.write(f"There is no role {name}; there are intake, digest and web.\n")
    return 2


def _intake(settings: Settings, listener: socket.socket | None, *, no_quota: bool) -> int:
    from mukiau.wiring import run_intake  # noqa: PLC0415 - each role imports only its own

    if listener is None:
        listener = socket.create_server((settings.host, settings.port), backlog=2048)
    # The HTTP server stops by these signals itself and raises them again afterwards: the spool closes after that.
    signal.signal(signal.SIGTERM, _ignore)
    signal.signal(signal.SIGINT, _ignore)
    run_intake(settings, listener, no_quota=no_quota)
    return 0


def _digest(settings: Settings) -> int:
    from mukiau.wiring import run_digest  # noqa: PLC0415

    stop = threading.Event()

    def set_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, set_stop)
    signal.signal(signal.SIGINT, set_stop)
    run_digest(settings, stop)
    return 0


def _web(settings: Settings) -> int:
    from mukiau.web.server import run_web  # noqa: PLC0415
    from mukiau.wiring import web_socket_path  # noqa: PLC0415

    signal.signal(signal.SIGTERM, _exit)
    signal.signal(signal.SIGINT, _exit)
    run_web(web_socket_path(settings), settings)
    return 0


def _migrate(settings: Settings) -> int:
    from mukiau.supervisor.migrate import migrate  # noqa: PLC0415

    return migrate(settings)


def _demo(settings: Settings) -> int:
    from mukiau.wiring import run_demo  # noqa: PLC0415

    run_demo(settings)
    return 0


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Let the role's own server act on the signal."""


def _exit(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
