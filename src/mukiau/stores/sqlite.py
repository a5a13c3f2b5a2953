"""The one way to open a SQLite file, with a library new enough for it.

Older libraries corrupt a WAL when two processes write and a reset comes between, and find nothing with LIKE for
two-character words of a trigram index. Where the interpreter's own library is one of them, `pysqlite3` (which carries
its own) takes its place; the classes `Connection`, `Error`, `OperationalError`, `IntegrityError` of this module are
those of the library in use, so catch these and not the standard library's.

Every connection is in autocommit mode (`isolation_level=None`): a transaction begins where `transaction` says so.
"""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Literal

# Another process holds the write lock for one batch (<= 50 ms each); 20 s is a machine in deep trouble.
BUSY_TIMEOUT_SECONDS = 20.0

__all__ = [
    "Connection",
    "Error",
    "IntegrityError",
    "OperationalError",
    "connect",
    "has_wal_fix",
    "install_modern_sqlite",
    "sqlite_library",
    "sqlite_version",
    "transaction",
]

Synchronous = Literal["NORMAL", "FULL"]


def has_wal_fix(version: tuple[int, ...]) -> bool:
    """Say whether a SQLite version is free of the WAL-reset bug (fixed in 3.51.3 and, before it, 3.50.7 and 3.44.6)."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51, 0) or (3, 44, 6) <= version < (3, 45, 0)


def _choose() -> ModuleType:
    if has_wal_fix(sqlite3.sqlite_version_info):
        return sqlite3.dbapi2
    try:
        import pysqlite3.dbapi2 as modern  # noqa: PLC0415 - only where it is needed and exists
    except ImportError:
        return sqlite3.dbapi2  # `doctor` tells; refusing to start would help nobody
    return modern if modern.sqlite_version_info > sqlite3.sqlite_version_info else sqlite3.dbapi2


_library = _choose()

if TYPE_CHECKING:
    from sqlite3 import Connection, Error, IntegrityError, OperationalError
else:
    Connection, Error = _library.Connection, _library.Error
    IntegrityError, OperationalError = _library.IntegrityError, _library.OperationalError


def sqlite_version() -> str:
    """Return the version of the SQLite library in use (`3.53.4`)."""
    return str(_library.sqlite_version)


def sqlite_library() -> str:
    """Return which module carries the library in use: `sqlite3` or `pysqlite3`."""
    return _library.__name__.partition(".")[0]


def install_modern_sqlite() -> None:
    """Let `import sqlite3` give the library in use. Call it before Django's database backend is imported."""
    package = sys.modules[_library.__name__.partition(".")[0]]
    sys.modules["sqlite3"] = package
    sys.modules["sqlite3.dbapi2"] = _library


def connect(path: Path, *, readonly: bool = False, synchronous: Synchronous = "NORMAL") -> Connection:
    """Open a file in autocommit mode, in WAL, foreign keys on, waiting up to 20 s for another writer.

    With `readonly` the file must exist (else OperationalError) and nothing can be written. NORMAL loses nothing when
    a process dies, but the last commits when the machine loses power; FULL loses nothing then either.
    """
    target = path.absolute().as_uri() + ("?mode=ro" if readonly else "")
    connection: Connection = _library.connect(target, uri=True, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None)
    if readonly:
        connection.execute("PRAGMA query_only = ON")
        return connection
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


@contextmanager
def transaction(connection: Connection) -> Iterator[Connection]:
    """Run the block in one IMMEDIATE transaction: all of it is kept, or (when it raises) nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    finally:
        # A full disk rolls back by itself; a second ROLLBACK would hide the first error.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
