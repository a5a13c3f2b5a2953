"""The data folder of commands that make it when it does not exist yet."""

from pathlib import Path

from mukiau import supervisor
from mukiau.cli.options import refuse_newer_data
from mukiau.config import Settings
from mukiau.stores.schema import STATE_FILE


def prepared_data(settings: Settings) -> Path:
    """Return the data folder with its state file; end the command (which says why itself) when it cannot be made."""
    folder = Path(settings.data)
    refuse_newer_data(folder)
    if not (folder / STATE_FILE).exists() and (code := supervisor.run_role("migrate", settings, says_link=False)):
        raise SystemExit(code)
    return folder
