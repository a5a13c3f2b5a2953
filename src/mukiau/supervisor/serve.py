"""`mukiau serve`: prepare the data folder, then keep intake, digest and web running until told to stop."""

import logging
import os
import select
import signal
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from mukiau import config, logs
from mukiau.config import Settings
from mukiau.stores.lab.wanted import is_lab_wanted
from mukiau.stores.locks import RoleLock
from mukiau.stores.notify.wanted import is_notify_wanted
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.server_address import record_server_url
from mukiau.supervisor.children import PRIVATE, Child, end, environment_of, role_command, start

# All children together must be gone well before the 10 s a service manager gives us.
STOP_SECONDS = 8.0
# What web has of it, in any case.
WEB_STOP_SECONDS = 2.0
# After a killed supervisor its children let go of the port when they end: mostly at once, at the latest after 8 s.
BIND_SECONDS = 10.0
BACKLOG = 2048
IDLE_SECONDS = 5.0


log = logging.getLogger(__name__)


def serve(settings: Settings, *, demo: bool = False, no_quota: bool = False) -> int:
    """Run everything until SIGTERM or Ctrl-C; return the exit code."""
    os.umask(PRIVATE)
    for name, meant in config.find_unknown(os.environ).items():
        log.warning("%s is no setting of mukiau%s", name, f"; did you mean {meant}?" if meant else ".")
    with _signals() as wakeups:  # before the lock names this process: who reads it may stop us at once
        return _serve_alone(settings, wakeups, demo=demo, no_quota=no_quota)


def _serve_alone(settings: Settings, wakeups: "Wakeups", *, demo: bool, no_quota: bool) -> int:
    folder = Path(settings.data)
    lock = RoleLock(folder, "serve")
    try:
        is_ours = lock.acquire()
    except OSError as error:
        logs.tell(settings, f"The data folder {folder} cannot be written: {error.strerror or error}.")
        return 1
    if not is_ours:
        holder = lock.find_holder()
        logs.tell(settings, f"Another mukiau (process {holder}) already serves the data folder {folder}.")
        return 1
    try:
        return _serve(settings, folder, wakeups, demo=demo, no_quota=no_quota)
    finally:
        lock.release()


def _serve(settings: Settings, folder: Path, wakeups: "Wakeups", *, demo: bool, no_quota: bool) -> int:
    is_new = not (folder / STATE_FILE).exists()
    try:
        listener = _listen(settings.host, settings.port, wakeups)
    except OSError as error:
        if wakeups.is_stopping:
            return 0
        where = f"{settings.host}:{settings.port}"
        logs.tell(settings, f"Cannot listen on {where}: {error.strerror or error}.")
        return 1
    port = listener.getsockname()[1]
    settings = replace(settings, values={**settings.values, "port": port, "data": folder.absolute()})
    environment = environment_of(settings)
    with listener:
        prepared = _run_once("migrate", environment, wakeups)
        if prepared != 0 or wakeups.is_stopping:
            return 0 if wakeups.is_stopping else prepared
        address = config.own_url(settings)
        record_server_url(folder, address, local_url=config.local_url(settings))
        logs.tell(settings, f"mukiau listens on {address}/")
        options = ["--no-quota"] if no_quota else []
        _supervise(folder, listener, environment, options, wakeups, with_demo=demo and is_new)
    return 0


def _listen(host: str, port: int, wakeups: "Wakeups") -> socket.socket:
    """Bind and listen; wait a moment for the children of a killed supervisor to let go of the port. Raises OSError."""
    until = time.monotonic() + BIND_SECONDS
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    while True:
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(BACKLOG)
        except OSError:
            listener.close()
            if wakeups.is_stopping or time.monotonic() > until:
                raise
            wakeups.wait(0.1)
        else:
            return listener


def _run_once(role: str, environment: Mapping[str, str], wakeups: "Wakeups") -> int:
    """Run a role to its end, or until told to stop: what it has not committed then is as if it had not begun."""
    process = start(role_command(role, ()), environment)
    while process.poll() is None and not wakeups.is_stopping:
        wakeups.wait(IDLE_SECONDS)
    if process.poll() is None:
        process.terminate()
        end(process, role, time.monotonic() + STOP_SECONDS)
    return process.returncode or 0


@contextmanager
def _signals() -> Iterator["Wakeups"]:
    """Turn SIGTERM, SIGINT, SIGHUP and the death of a child into bytes to wait for. Children do not get those of the
    terminal: they are told in order."""
    wakeups = Wakeups()
    handled = [signal.SIGTERM, signal.SIGINT, signal.SIGCHLD]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # `nohup mukiau serve` outlives its terminal
        handled.append(signal.SIGHUP)
    before = {number: signal.signal(number, wakeups.note) for number in handled}
    previous_fd = signal.set_wakeup_fd(wakeups.writer.fileno(), warn_on_full_buffer=False)
    try:
        yield wakeups
    finally:
        signal.set_wakeup_fd(previous_fd)
        for number, handler in before.items():
            signal.signal(number, handler)
        wakeups.close()


class Wakeups:
    """Ends a wait early when a signal comes; remembers whether it was one to stop."""

    def __init__(self) -> None:
        self.reader, self.writer = socket.socketpair()
        self.reader.setblocking(False)
        self.writer.setblocking(False)
        self.is_stopping = False

    def note(self, number: int, _frame: object) -> None:
        if number != signal.SIGCHLD:
            self.is_stopping = True

    def wait(self, seconds: float) -> None:
        readable, _, _ = select.select([self.reader], [], [], seconds)
        if readable:
            self.reader.recv(4096)

    def close(self) -> None:
        self.reader.close()
        self.writer.close()


def _supervise(
    folder: Path,
    listener: socket.socket,
    environment: Mapping[str, str],
    options: list[str],
    wakeups: Wakeups,
    *,
    with_demo: bool,
) -> None:
    pipe, held = os.pipe()  # children read it; it ends with this process
    children = _children(listener.fileno(), pipe, environment, options)
    beside = _beside(folder, pipe, environment)
    demo = start(role_command("demo", _bound(pipe)), environment, (pipe,)) if with_demo else None
    try:
        while not wakeups.is_stopping:
            _turn((*children, *beside), wakeups)
    finally:
        listener.close()  # or who connects from now on would wait for an answer that does not come
        if demo is not None and demo.poll() is None:
            demo.terminate()
        _stop(*children, beside)
        os.close(held)
        os.close(pipe)


def _children(
    listener: int, pipe: int, environment: Mapping[str, str], options: list[str]
) -> tuple[Child, Child, Child]:
    bound = _bound(pipe)
    intake = role_command("intake", [*bound, f"--listener={listener}", *options])
    return (
        Child("intake", intake, environment, (pipe, listener)),
        Child("digest", role_command("digest", bound), environment, (pipe,)),
        Child("web", role_command("web", bound), environment, (pipe,)),
    )


def _beside(folder: Path, pipe: int, environment: Mapping[str, str]) -> tuple[Child, ...]:
    """Return the processes that run only while there is something for them to do."""
    wanted = {"lab": is_lab_wanted, "notify": is_notify_wanted}
    return tuple(
        Child(role, role_command(role, _bound(pipe)), environment, (pipe,), is_wanted=partial(is_wanted, folder))
        for role, is_wanted in wanted.items()
    )


def _bound(pipe: int) -> list[str]:
    """Return the options by which a process ends with this one."""
    return [f"--parent-pipe={pipe}", f"--parent-pid={os.getpid()}"]


def _turn(children: Sequence[Child], wakeups: Wakeups) -> None:
    now = time.monotonic()
    for child in children:
        for sentence in (child.find_death(now), child.start_if_due(now)):
            if sentence:
                log.warning("%s", sentence)
    delays = [delay for child in children if (delay := child.seconds_until_start(now)) is not None]
    wakeups.wait(min([IDLE_SECONDS, *delays]))


def _stop(intake: Child, digest: Child, web: Child, beside: Sequence[Child]) -> None:
    """End intake and digest, and web when nobody asks it for pages any more; whoever does not end in time is ended."""
    until = time.monotonic() + STOP_SECONDS
    for child in (intake, digest, *beside):
        child.send(signal.SIGTERM)
    intake.wait(until - WEB_STOP_SECONDS)
    web.send(signal.SIGTERM)
    for child in (intake, digest, web, *beside):
        child.end(until)
