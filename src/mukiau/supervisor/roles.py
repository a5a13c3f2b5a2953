"""What each process of mukiau does.

A role imports what it needs when it runs: intake never loads Django, the supervisor neither Django nor an HTTP server.
"""

import os
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from mukiau import logs
from mukiau.config import Settings
from mukiau.stores.locks import RoleLock
from mukiau.supervisor.children import PRIVATE, environment_of
from mukiau.supervisor.process import allow_many_files, return_freed_memory, share_interpreter

# The role's last holder may just be stopping (graceful stop: 8 s).
LOCK_WAIT_SECONDS = 10.0
LOCKED_ROLES = ("intake", "digest", "web", "lab", "notify")


def run_role(name: str, settings: Settings, /, **options: Any) -> int:
    """Play one role in this process until it ends; return the exit code.

    `intake` takes `listener` (a listening socket; without one it binds `settings.host` and `settings.port` itself) and
    `no_quota`; `createadmin` takes `name` and `password`, `sign-in-link` takes `name`; `migrate` takes `says_link`; `digest`, `web`,
    `lab`, `notify` and `demo` take nothing.
    """
    os.umask(PRIVATE)
    return_freed_memory()
    os.environ.update(environment_of(settings))  # Django reads its settings from there
    role = ROLES.get(name)
    if role is None:
        logs.tell(settings, f"There is no role {name}; there are {', '.join(ROLES)}.", is_error=True)
        return 2
    lock = RoleLock(Path(settings.data), name)
    if name in LOCKED_ROLES and not lock.acquire(wait_seconds=LOCK_WAIT_SECONDS):
        holder = lock.find_holder()
        logs.tell(settings, f"Another process ({holder}) is already {name} of {settings.data}.", is_error=True)
        return 1
    try:
        return role(settings, **options)
    finally:
        lock.release()


def _intake(settings: Settings, *, listener: socket.socket | None = None, no_quota: bool = False) -> int:
    from mukiau.wiring import run_intake  # noqa: PLC0415 - each role imports only its own

    if listener is None:
        listener = socket.create_server((settings.host, settings.port), backlog=2048)
    # The HTTP server stops by these signals itself and raises them again afterwards: the spool closes after that.
    stop = _stop_by_signals()
    share_interpreter()
    run_intake(settings, listener, stop, no_quota=no_quota, max_files=allow_many_files())
    return 0


def _digest(settings: Settings) -> int:
    from mukiau.wiring import run_digest  # noqa: PLC0415

    run_digest(settings, _stop_by_signals())
    return 0


def _web(settings: Settings) -> int:
    from mukiau.web.server import run_web  # noqa: PLC0415
    from mukiau.wiring import web_socket_path  # noqa: PLC0415

    signal.signal(signal.SIGTERM, _exit)
    signal.signal(signal.SIGINT, _exit)
    run_web(web_socket_path(settings), settings)
    return 0


def _lab(settings: Settings) -> int:
    from mukiau.wiring import run_lab  # noqa: PLC0415

    run_lab(settings, _stop_by_signals(), learns=True)
    return 0


def _notify(settings: Settings) -> int:
    from mukiau.wiring import run_notify  # noqa: PLC0415

    run_notify(settings, _stop_by_signals())
    return 0


def _migrate(settings: Settings, *, says_link: bool = True) -> int:
    from mukiau.supervisor.migrate import migrate  # noqa: PLC0415

    return migrate(settings, says_link=says_link)


def _create_admin(settings: Settings, *, name: str, password: str) -> int:
    from mukiau.supervisor.accounts import create_admin  # noqa: PLC0415

    return create_admin(name, password)


def _sign_in_link(settings: Settings, *, name: str) -> int:
    from mukiau.supervisor.accounts import make_sign_in_link  # noqa: PLC0415

    return make_sign_in_link(settings, name)


def _demo(settings: Settings) -> int:
    from mukiau.demo.start import run_demo  # noqa: PLC0415

    run_demo(settings)
    return 0


def _stop_by_signals() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set."""
    stop = threading.Event()

    def set_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, set_stop)
    signal.signal(signal.SIGINT, set_stop)
    return stop


def _exit(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


ROLES: dict[str, Callable[..., int]] = {
    "intake": _intake,
    "digest": _digest,
    "web": _web,
    "lab": _lab,
    "notify": _notify,
    "migrate": _migrate,
    "createadmin": _create_admin,
    "sign-in-link": _sign_in_link,
    "demo": _demo,
}
