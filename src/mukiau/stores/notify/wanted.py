"""A file that says that there is a route to tell something: the supervisor looks for it and starts the process.

The supervisor opens no database, and where nobody is to be told anything no process waits.
"""

from pathlib import Path

from mukiau.stores.sqlite import Connection

_NAME = "notify.wanted"


def mark_wanted(data: Path, connection: Connection) -> None:
    """Say for the supervisor whether there is a route in use; to be called after every change of routes, and when the data
    folder may be a restored one."""
    if is_route_in_use(connection):
        (data / _NAME).touch(mode=0o600)
    else:
        (data / _NAME).unlink(missing_ok=True)


def is_route_in_use(connection: Connection) -> bool:
    """Say whether there is a route that is not switched off."""
    return bool(connection.execute("SELECT EXISTS (SELECT 1 FROM notify_route WHERE is_active)").fetchone()[0])


def is_notify_wanted(data: Path) -> bool:
    """Say whether somebody is to be told something."""
    return (data / _NAME).exists()
