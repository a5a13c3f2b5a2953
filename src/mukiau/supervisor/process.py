"""What a process asks of the system it runs on: memory given back, many files, and the interpreter's lock often."""

import ctypes
import resource
import sys
import threading
import time

# From <malloc.h>.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_RETURNED_BYTES = 64 * 1024
TRIM_SECONDS = 5.0
MAX_OPEN_FILES = 65_536
# A thread that reads a large body holds the interpreter's lock for so long at a time; by default 5 ms, which every other
# request then waits at each of its steps.
LOCK_SECONDS = 0.0005


def return_freed_memory() -> None:
    """Give memory that was freed back to the system, from now on.

    By default glibc keeps nearly all of what once was needed, in an arena for each thread: a few large bodies would make
    the process large for ever. Large pieces are returned at once, the rest by a look every few seconds. Other allocators
    are left alone.
    """
    library = ctypes.CDLL(None)
    if sys.platform != "linux" or not hasattr(library, "malloc_trim"):
        return
    for option, value in (
        (_M_MMAP_THRESHOLD, _RETURNED_BYTES),
        (_M_TRIM_THRESHOLD, _RETURNED_BYTES),
        (_M_ARENA_MAX, 2),
    ):
        library.mallopt(option, value)
    threading.Thread(target=_trim_for_ever, args=(library,), name="memory", daemon=True).start()


def _trim_for_ever(library: ctypes.CDLL) -> None:
    while True:
        time.sleep(TRIM_SECONDS)
        library.malloc_trim(0)


def allow_many_files() -> int:
    """Raise this process's limit of open files as far as it may be; return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return MAX_OPEN_FILES if soft == resource.RLIM_INFINITY else soft


def share_interpreter() -> None:
    """Let threads take turns often."""
    sys.setswitchinterval(LOCK_SECONDS)
