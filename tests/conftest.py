"""A data folder with an empty, migrated state file and one project with one key, made once and copied for each test."""

import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import connect

# How long an example takes is the machine's affair, and on a busy one it says nothing of the code.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


class _ByFile(LoadScopeScheduling):
    """Keeps the tests of a file with one worker, and all browser tests.

    Two browsers with a server each take each other's time, and everything that waits for a page with them.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "browser" if "test_browser" in file else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _ByFile:
    """Give out tests by file, whatever `--dist` says."""
    return _ByFile(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the slow files, so that all workers are done at nearly the same time."""
    items.sort(key=lambda item: (not any(item.iter_markers("slow")), not any(item.iter_markers("browser"))))


@pytest.fixture(scope="session")
def migrated_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("migrated")
    subprocess.run([sys.executable, "-m", "mukiau", "migrate", "--data", folder], check=True, capture_output=True)
    with closing(connect(folder / STATE_FILE)) as state:
        state.execute("DELETE FROM source")
        state.execute("DELETE FROM project")
        state.execute("INSERT INTO project (id, slug, name, created_ms) VALUES (1, 'shop', 'Shop', 0)")
        state.execute(f"INSERT INTO source (id, project_id, public_key, created_ms) VALUES (1, 1, '{'a' * 32}', 0)")
        state.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder / STATE_FILE


@pytest.fixture
def data_folder(tmp_path: Path, migrated_state: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copy(migrated_state, folder / STATE_FILE)
    return folder
