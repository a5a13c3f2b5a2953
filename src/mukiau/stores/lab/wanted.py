"""A file that says that the grouping lab has something to do: the supervisor looks for it and starts the process.

The supervisor opens no database, and a process that only waits would cost memory for something that happens once a month.
"""

from pathlib import Path

_NAME = "lab.wanted"


def want_lab(data: Path) -> None:
    """Have the process started; call it after the run is written."""
    (data / _NAME).touch(mode=0o600)


def is_lab_wanted(data: Path) -> bool:
    """Say whether somebody asked for it."""
    return (data / _NAME).exists()


def nothing_wanted(data: Path) -> bool:
    """Say whether nobody asked since the last call; what was asked for before is looked at once more."""
    try:
        (data / _NAME).unlink()
    except FileNotFoundError:
        return True
    return False
