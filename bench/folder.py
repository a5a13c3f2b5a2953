"""A data folder with a migrated state file, as `mukiau serve` makes it at its start."""

import os
import subprocess
from pathlib import Path

from mukiau.supervisor.children import role_command


def migrate_folder(folder: Path) -> None:
    """Make or update the folder's state file; in a process of its own, because Django is loaded once per process."""
    environment = {**os.environ, "MUKIAU_DATA": str(folder)}
    subprocess.run(role_command("migrate", ()), env=environment, check=True, stdout=subprocess.DEVNULL)
