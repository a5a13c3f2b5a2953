"""Role locks: one holder at a time, let go when the holder dies."""

import subprocess
import sys
import time
from pathlib import Path

from mukiau.stores.locks import RoleLock

HOLDER = """
import sys, time
from pathlib import Path
from mukiau.stores.locks import RoleLock
lock = RoleLock(Path(sys.argv[1]), "digest")
print(lock.acquire(), flush=True)
time.sleep(60)
"""


def test_a_lock_has_one_holder_at_a_time(tmp_path: Path) -> None:
    first, second = RoleLock(tmp_path, "digest"), RoleLock(tmp_path, "digest")

    assert first.acquire()
    assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()


def test_roles_do_not_exclude_each_other(tmp_path: Path) -> None:
    locks = [RoleLock(tmp_path, role) for role in ("intake", "digest")]

    assert [lock.acquire() for lock in locks] == [True, True]
    for lock in locks:
        lock.release()


def test_a_killed_holder_lets_go(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"True\n"
    lock = RoleLock(tmp_path, "digest")

    assert not lock.acquire()
    assert lock.find_holder() == holder.pid
    holder.kill()
    holder.communicate()
    assert lock.acquire(wait_seconds=5)
    lock.release()


def test_waiting_for_a_lock_ends_in_time(tmp_path: Path) -> None:
    first = RoleLock(tmp_path, "web")
    first.acquire()
    began = time.monotonic()

    assert not RoleLock(tmp_path, "web").acquire(wait_seconds=0.2)
    assert 0.2 <= time.monotonic() - began < 2
    first.release()
