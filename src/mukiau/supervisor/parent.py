"""A child ends with its parent, also when the parent is killed and can do nothing about it.

Two ways, because each has a hole: Linux sends a signal when the parent dies (other systems do not); and every child
holds the reading end of a pipe that the supervisor alone can write, which ends when the supervisor does.
"""

import ctypes
import os
import signal
import sys
import threading
import time

_PR_SET_PDEATHSIG = 1
# A role that does not stop on SIGTERM within the time of a graceful stop is beyond asking.
HARD_EXIT_SECONDS = 8.0


def end_with_parent(parent_pipe: int, parent_pid: int) -> None:
    """Have SIGTERM sent to this process when its parent dies; end it hard if that does not end it."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    threading.Thread(target=_watch, args=(parent_pipe,), name="parent-watch", daemon=True).start()
    if os.getppid() != parent_pid:  # it died before the signal was asked for
        os.kill(os.getpid(), signal.SIGTERM)


def _watch(parent_pipe: int) -> None:
    os.read(parent_pipe, 1)  # returns when the other end is closed: nobody ever writes
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(HARD_EXIT_SECONDS)
    os._exit(1)
