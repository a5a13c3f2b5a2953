"""The zip: what is in it, how large it is, and that it runs with nothing but Python."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from servers import document, lambda_event, scripted

from mukiau.cli.forwarder.package import build_zip

MAX_ZIP_BYTES = 500_000


@pytest.fixture(scope="module")
def task_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("task")
    (folder / "forwarder.zip").write_bytes(build_zip())
    zipfile.ZipFile(folder / "forwarder.zip").extractall(folder)
    return folder


def run(task_folder: Path, code: str, **environ: str) -> str:
    """Run code with the zip and the standard library alone, without writing bytecode."""
    code = f"import sys; sys.path.insert(0, {str(task_folder)!r}); {code}"
    return subprocess.check_output([sys.executable, "-I", "-S", "-B", "-c", code], text=True, env=environ)


def test_every_build_has_the_same_bytes(task_folder: Path) -> None:
    assert build_zip() == (task_folder / "forwarder.zip").read_bytes()


def test_core_and_the_forwarder_are_all_that_is_in_it(task_folder: Path) -> None:
    names = zipfile.ZipFile(task_folder / "forwarder.zip").namelist()

    assert {name.split("/")[1] for name in names} == {"__init__.pyc", "core", "forwarder"}
    assert {name.rsplit(".", 1)[1] for name in names} == {"pyc"}
    assert "mukiau/forwarder/handler.pyc" in names


def test_sources_go_in_place_of_bytecode(task_folder: Path) -> None:
    zipped = io.BytesIO(build_zip(with_sources=True))
    bytecode = zipfile.ZipFile(task_folder / "forwarder.zip").namelist()

    assert [f"{name}c" for name in zipfile.ZipFile(zipped).namelist()] == bytecode


def test_it_is_small(task_folder: Path) -> None:
    assert (task_folder / "forwarder.zip").stat().st_size <= MAX_ZIP_BYTES


@pytest.mark.parametrize("target", ["mukiau", "sentry"])
def test_it_forwards_with_nothing_but_the_standard_library(task_folder: Path, target: str) -> None:
    event = json.dumps(lambda_event(document("ERROR a")))
    code = f"""
from mukiau.forwarder.handler import handler
class Context:
    log_group_name = "own"
    def get_remaining_time_in_millis(self): return 30_000
print(handler({event}, Context()))
"""

    with scripted() as server:
        printed = run(task_folder, f"exec({code!r})", MUKIAU_TARGET=target, MUKIAU_DSN=server.dsn().render())

    assert printed.splitlines()[-1] == "{'accepted': 1}"
    assert len(server.requests) == 1
