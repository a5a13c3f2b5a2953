"""What digest asks about a key: the service and environment its owner gave it."""

from pathlib import Path

from mukiau.digest.ports import SourceDefaults
from mukiau.stores.sqlite import connect


class SourceTable:
    """The keys of a state file, read again when another process has written to it."""

    def __init__(self, path: Path) -> None:
        self._connection = connect(path, readonly=True)
        self._defaults: dict[int, SourceDefaults] = {}
        self._version: int | None = None

    def close(self) -> None:
        self._connection.close()

    def find_defaults(self, source_id: int) -> SourceDefaults | None:
        """Return the defaults of a source, None for an unknown one."""
        version = self._connection.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version:
            rows = self._connection.execute("SELECT id, service, environment FROM source")
            self._defaults = {row[0]: SourceDefaults(service=row[1], environment=row[2]) for row in rows}
            self._version = version
        return self._defaults.get(source_id)
