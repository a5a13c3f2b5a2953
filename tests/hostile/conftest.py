"""One besieged mukiau for each file of tests: a case leaves it as able as it was."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from siege import Siege

from mukiau.stores.schema import STATE_FILE


@pytest.fixture(scope="module")
def siege(tmp_path_factory: pytest.TempPathFactory, migrated_state: Path) -> Iterator[Siege]:
    folder = tmp_path_factory.mktemp("siege")
    shutil.copy(migrated_state, folder / STATE_FILE)
    besieged = Siege(folder)
    yield besieged
    besieged.close()
