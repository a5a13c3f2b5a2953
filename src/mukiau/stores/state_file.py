"""The state file as a whole: which schema it has, and a copy of it."""

from contextlib import closing
from pathlib import Path

from mukiau import __version__
from mukiau.stores.sqlite import connect


def read_schema_version(state: Path) -> int:
    """Return the schema version of a state file; 0 when there is none yet."""
    if not state.exists():
        return 0
    with closing(connect(state, readonly=True)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def copy_state(state: Path) -> Path:
    """Copy the state file as it is now, also while others use it; return the copy's path."""
    copy = state.with_name(f"state.before-{__version__}.sqlite3")
    unfinished = copy.with_suffix(".part")
    unfinished.unlink(missing_ok=True)
    with closing(connect(state, readonly=True)) as source, closing(connect(unfinished)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")  # one file, whole by itself
    unfinished.replace(copy)
    return copy
