"""The lab's process is killed at any moment while it applies and undoes a policy: people see the old or the new."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "stores"))

from lab_files import asking, digest, find, raw_event, replayed, shown
from state_files import assert_counts_are_right

from mukiau.stores.lab.runs import AT_WORK, RunState, request_apply, request_undo

pytestmark = pytest.mark.slow

CODES = 'defaults = 1\nalso = ["tag:code"]\n'
KILLS = int(os.environ.get("MUKIAU_LAB_KILLS", "8"))


def fill(data: Path) -> None:
    for start in range(0, 3_000, 500):
        digest(
            data, *(raw_event(n, f"{'abcdefgh'[n % 8]} refused", code=f"C{n % 5}") for n in range(start, start + 500))
        )


def kill_until_done(data: Path, run_id: int, seen: list[object], rng: random.Random) -> int:
    """Start the process again and again, each time for a random while; return how many times it was killed.

    The first is killed as soon as it is at work, so that one kill is certain on a machine of any speed.
    """
    kills = 0
    command = [sys.executable, "-m", "mukiau", "role", "lab", "--data", str(data)]
    while (run := find(data, run_id)).state in AT_WORK:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and find(data, run_id) == run:
            time.sleep(0.001)
        if kills < KILLS:
            time.sleep(rng.uniform(0, 0.8) if kills else 0)
            kills += process.poll() is None
            process.send_signal(signal.SIGKILL)
        process.wait(300)
        if shown(data) not in seen:
            seen.append(shown(data))
        assert_counts_are_right(data)
    return kills


def test_killed_at_any_moment_people_see_the_old_or_the_new_never_a_mix(data_folder: Path) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    fill(data_folder)
    before = shown(data_folder)
    run = replayed(data_folder, CODES)

    with asking(data_folder) as connection:
        request_apply(connection, run.id, author="alice", at_ms=6)
    seen: list[object] = [before]
    kills = kill_until_done(data_folder, run.id, seen, random.Random(seed))
    after = shown(data_folder)
    with asking(data_folder) as connection:
        request_undo(connection, run.id, author="alice", at_ms=7)
    kills += kill_until_done(data_folder, run.id, seen, random.Random(seed + 1))

    assert find(data_folder, run.id).state is RunState.UNDONE
    assert kills > 0
    assert len(after["issues"]) == 40
    assert seen in ([before, after], [before])
    assert shown(data_folder) == before
