"""Bring the state file to this version: a copy first, then Django's migrations. Runs in a process of its own, so that
the supervisor need not load Django."""

import os
from contextlib import closing
from pathlib import Path

from mukiau import __version__, logs
from mukiau.config import Settings
from mukiau.stores import sqlite
from mukiau.stores.locks import RoleLock
from mukiau.stores.notify.wanted import mark_wanted
from mukiau.stores.schema import SCHEMA_VERSION, STATE_FILE
from mukiau.stores.state_file import copy_state, read_schema_version

# Somebody else's migration of a large file may take a while; then there is nothing left to do here.
LOCK_WAIT_SECONDS = 600.0


def migrate(settings: Settings, *, says_link: bool = True) -> int:
    """Make or update the state file; return the exit code.

    With `says_link` the one-time sign-in link is printed if nobody can sign in yet.
    """
    folder = Path(settings.data)
    lock = RoleLock(folder, "migrate")
    if not lock.acquire(wait_seconds=LOCK_WAIT_SECONDS):
        holder = lock.find_holder()
        logs.tell(
            settings, f"Process {holder} has been migrating {folder} for a long time; is it stuck?", is_error=True
        )
        return 1
    try:
        return _migrate(settings, says_link=says_link)
    finally:
        lock.release()


def _migrate(settings: Settings, *, says_link: bool) -> int:
    state = Path(settings.data) / STATE_FILE
    found = read_schema_version(state)
    if found > SCHEMA_VERSION:
        logs.tell(
            settings,
            f"The data in {state.parent} was written by a newer mukiau (schema {found}; this one, {__version__}, knows "
            f"{SCHEMA_VERSION}): install that version again.",
            is_error=True,
        )
        return 1
    set_up_django()
    if _has_something_to_migrate():
        if state.exists() and found:
            copy_state(state)
        _run_migrations()
    _forget_old_sessions()
    _mark_what_is_wanted(state)
    if says_link:
        _say_first_start_link(settings)
    return 0


def set_up_django() -> None:
    """Make Django's models usable in this process."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "mukiau.web.settings"
    sqlite.install_modern_sqlite()
    import django  # noqa: PLC0415 - only this role and web load it

    django.setup()


def _has_something_to_migrate() -> bool:
    from django.db import connection  # noqa: PLC0415
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _run_migrations() -> None:
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0, interactive=False)


def _forget_old_sessions() -> None:
    from django.core.management import call_command  # noqa: PLC0415

    call_command("clearsessions")  # each start is often enough: they open nothing since they ran out


def _mark_what_is_wanted(state: Path) -> None:
    """The marks are files beside the state: in a folder that was restored there are none."""
    with closing(sqlite.connect(state)) as connection:
        mark_wanted(state.parent, connection)


def _say_first_start_link(settings: Settings) -> None:
    from mukiau.web.accounts.first_start import first_start_link  # noqa: PLC0415

    if link := first_start_link():
        logs.tell(settings, f"Nobody can sign in yet. Open this link once to make the first account:\n  {link}")
