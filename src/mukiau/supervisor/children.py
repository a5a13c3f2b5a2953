"""One child process of the supervisor: start it, see it die, start it again after a while."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from mukiau.config import SETTINGS, Settings

# What is kept (log lines, keys, sessions) is nobody else's business, in a data folder that others may enter, too.
PRIVATE = 0o077
FIRST_DELAY_SECONDS = 0.1
MAX_DELAY_SECONDS = 10.0
# A child that lived this long had started well: the next start is not delayed for what came before.
HEALTHY_SECONDS = 3.0
# Nothing outlives SIGKILL but what waits for a broken disk; that is left behind.
KILL_SECONDS = 1.0
# Who asked for something waits so long for the process that does it.
LOOK_SECONDS = 1.0

log = logging.getLogger(__name__)


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the settings as a child process reads them."""
    return {s.variable: _text(settings.values[s.name]) for s in SETTINGS if s.name in settings.values}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def role_command(role: str, options: Sequence[str]) -> list[str]:
    """Return the command line of a role's process."""
    return [sys.executable, "-m", "mukiau.supervisor", role, *options]


def start(
    command: Sequence[str], environment: Mapping[str, str], pass_fds: tuple[int, ...] = ()
) -> subprocess.Popen[bytes]:
    """Start a process in a group of its own: Ctrl-C and the end of a terminal are for the supervisor to pass on."""
    given = {**os.environ, **environment}
    return subprocess.Popen(command, pass_fds=pass_fds, env=given, process_group=0)  # noqa: S603


def end(process: subprocess.Popen[bytes], role: str, until: float) -> None:
    """Wait for a process that was told to stop; kill it when it still runs at `until` (monotonic seconds)."""
    try:
        process.wait(max(0.0, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        log.warning("%s does not stop; ending it.", role)
        process.kill()
        with suppress(subprocess.TimeoutExpired):
            process.wait(KILL_SECONDS)


@dataclass(slots=True)
class Child:
    """A role that is to run until the supervisor stops."""

    role: str
    command: Sequence[str]
    environment: Mapping[str, str]
    pass_fds: tuple[int, ...]
    is_wanted: Callable[[], bool] | None = None
    """Of a role that runs only while there is something to do; it ends by itself. None: it always runs."""
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _started_at: float = field(default=0.0, init=False)
    _start_due: float = field(default=0.0, init=False)
    _delay: float = field(default=FIRST_DELAY_SECONDS, init=False)

    def start_if_due(self, now: float) -> str | None:
        """Start the process when it does not run and has waited long enough.

        Return one sentence when the system cannot start it now (no memory, too many processes); it is tried again.
        """
        if self._process is not None or now < self._start_due or (self.is_wanted and not self.is_wanted()):
            return None
        self._started_at = now
        try:
            self._process = start(self.command, self.environment, self.pass_fds)
        except OSError as error:
            return f"{self.role} cannot be started ({error.strerror or error}); {self._plan_start(now)}"
        return None

    def find_death(self, now: float) -> str | None:
        """Return one sentence when the process has died since the last look, and plan its next start."""
        if self._process is None or (code := self._process.poll()) is None:
            return None
        self._process = None
        if self.is_wanted and code == 0:
            return None
        return f"{self.role} ended ({_exit_text(code)}); {self._plan_start(now)}"

    def _plan_start(self, now: float) -> str:
        self._delay = FIRST_DELAY_SECONDS if now - self._started_at >= HEALTHY_SECONDS else self._delay
        self._start_due = now + self._delay
        sentence = f"starting it again in {self._delay:g} s."
        self._delay = min(MAX_DELAY_SECONDS, self._delay * 2)
        return sentence

    def seconds_until_start(self, now: float) -> float | None:
        """Return how long until this child wants to be started, or asked whether it is wanted; None while it runs."""
        if self._process is not None:
            return None
        return max(LOOK_SECONDS if self.is_wanted else 0.0, self._start_due - now)

    def send(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def wait(self, until: float) -> None:
        """Wait for the end of the process, until `until` (monotonic seconds) at the longest."""
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(max(0.0, until - time.monotonic()))

    def end(self, until: float) -> None:
        """Wait for the end of the process until then; kill it when it still runs."""
        if self._process is not None:
            end(self._process, self.role, until)


def _exit_text(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
