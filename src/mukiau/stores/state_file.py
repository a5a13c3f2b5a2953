"""The state file as a whole: changing it, which schema it has, and a copy of it (or of another database)."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from mukiau import __version__
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import Connection, connect, transaction


@contextmanager
def changing(data: Path) -> Iterator[Connection]:
    """Open the state file of a data folder for one transaction."""
    with closing(connect(data / STATE_FILE)) as connection, transaction(connection):
        yield connection


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
    copy_database(state, unfinished)
    unfinished.replace(copy)
    return copy


def copy_database(source: Path, target: Path) -> None:
    """Copy a database as it is at one moment, also while others write it: they neither wait nor appear in part.

    In one step, because SQLite begins anew when another process writes between two.
    """
    with closing(connect(source, readonly=True)) as origin, closing(connect(target)) as copy:
        origin.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, whole by itself
