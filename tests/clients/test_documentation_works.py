"""The tutorial and the how-to for logs, done as they say, on a running mukiau."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mukiau.forwarder.handler import start
from pages import commands, write_files
from serving import MUKIAU, wait_until

pytestmark = pytest.mark.slow


class Context:
    """Lambda's."""

    log_group_name = "/aws/lambda/mukiau-forwarder"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture
def shop(tracker) -> dict[str, str]:
    """The project that both pages make, second after the one that is there."""
    made = subprocess.check_output([*MUKIAU, "project", "create", "My shop", "--json"], env=_environment(tracker))
    return json.loads(made)


def _environment(tracker, **more: str) -> dict[str, str]:
    return os.environ | {"MUKIAU_DATA": str(tracker.server.data)} | more


def _events(tracker) -> int:
    return int(str(tracker.server.rows("SELECT count(*) FROM event WHERE project_id = 2")[0][0]))


def test_the_tutorial_does_what_it_says(tracker, shop, tmp_path: Path) -> None:
    page = DOCS / "tutorial/first-issue.md"
    write_files(page, tmp_path)
    before = _events(tracker)

    failed = subprocess.run(
        [sys.executable, "shop.py"],
        cwd=tmp_path,
        env=_environment(tracker, DSN=shop["dsn"]),
        capture_output=True,
        check=False,
    )
    assert failed.returncode == 1
    wait_until(lambda: _events(tracker) == before + 1, 10, "the exception of the tutorial")

    for command in commands(page):
        program, *arguments = shlex.split(command.line)
        assert program == ".venv/bin/mukiau"
        ran = subprocess.run(
            [*MUKIAU, *arguments], cwd=tmp_path, env=_environment(tracker), capture_output=True, text=True, check=True
        )
        assert command.prints(ran.stdout), f"{command.line} printed:\n{ran.stdout}"
    assert _events(tracker) == before + 4


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # its connection is kept
def test_logs_arrive_by_the_forwarder(tracker, shop) -> None:
    forwarder = start({"MUKIAU_DSN": shop["dsn"]})
    documents = DOCS.parent / "tests/data/corpus/subscription"
    before = _events(tracker)

    for document in sorted(documents.glob("*.json"))[:10]:
        forwarder.forward(json.loads(document.read_text(encoding="utf-8")), Context())

    wait_until(lambda: _events(tracker) > before, 10, "the errors of ten subscription documents")


@pytest.mark.skipif(shutil.which("curl") is None, reason="NOT TESTED: the how-to's curl; there is none here.")
def test_logs_arrive_by_the_curl_of_the_how_to(tracker, shop) -> None:
    page = (DOCS / "how-to/send-logs.md").read_text(encoding="utf-8")
    command = next(block for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) if block.startswith("curl "))
    before = _events(tracker)

    said = subprocess.run(
        ["bash", "-c", command],
        env=os.environ | {"MUKIAU": f"http://127.0.0.1:{tracker.server.port}", "KEY": shop["public_key"]},
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(said.stdout) == {"accepted": 2, "rejected": []}
    wait_until(lambda: _events(tracker) == before + 1, 10, "the error of the how-to")
