"""A server that finds names in what is stored starts the lab's process, learns from them, and has one process less afterwards."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "stores"))

from lab_files import digest, raw_event, shown
from state_files import assert_counts_are_right, rows

from mukiau.stores.lab.wanted import is_lab_wanted
from serving import Server, wait_until

pytestmark = pytest.mark.slow

NAMES = "Abe Baba Chiba Doi Endo Fujii Goto Honda Inoue Jinbo Kato Mori".split()
KILLS = 5


def fill(data: Path) -> None:
    digest(data, *(raw_event(n, f"no seat for {NAMES[n % 12]} in hall") for n in range(1_200)))


def states(data: Path) -> list[str]:
    return [state for (state,) in rows(data, "SELECT state FROM lab_run")]


def test_a_server_learns_by_itself_and_the_process_that_did_it_ends(data_folder: Path) -> None:
    fill(data_folder)
    server = Server(data_folder)

    server.start()
    try:
        wait_until(lambda: states(data_folder) == ["applied"], 90, "the lab to learn")
        wait_until(lambda: not is_lab_wanted(data_folder), 30, "the lab to end")
    finally:
        server.stop()

    assert rows(data_folder, "SELECT id, event_count FROM issue WHERE event_count > 0") == [(1, 1_200)]
    assert_counts_are_right(data_folder)


def test_killed_at_any_moment_it_learns_once_and_nobody_sees_a_half(data_folder: Path) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    fill(data_folder)
    before = shown(data_folder)
    command = [sys.executable, "-m", "mukiau", "role", "lab", "--data", str(data_folder)]

    seen: list[object] = [before]
    for kill in range(KILLS + 1):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if kill < KILLS:
            time.sleep(rng.uniform(0.2, 1.2))
            process.send_signal(signal.SIGKILL)
        process.wait(120)
        assert_counts_are_right(data_folder)
        if shown(data_folder) not in seen:
            seen.append(shown(data_folder))

    assert states(data_folder) == ["applied"]
    assert len(seen) == 2
    assert len(shown(data_folder)["issues"]) == 1
