"""Gives a test Django on a state file of its own, people who look, and projects with events."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mukiau.web.settings")

import django
import pytest

# Fixtures, here so that all modules share one server and its browsers.
from browsing import _second_window, _served, fresh, site, tab, visitor, window  # noqa: F401
from django.conf import settings

if not settings.configured:
    django.setup()

from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import setup_test_environment, teardown_test_environment
from django.utils import translation
from web_world import World

from mukiau import config

FAST_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    """Put back the language: a request leaves the one of its answer active for whatever comes next on the thread."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture(scope="session")
def use_folder() -> Callable[[Path], AbstractContextManager[None]]:
    """For modules that make a state file of their own."""
    return used


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A migrated, empty state file to copy."""
    setup_test_environment()
    path = tmp_path_factory.mktemp("migrated") / "state.sqlite3"
    _point_at(path)
    call_command("migrate", verbosity=0, interactive=False)
    connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    yield path
    teardown_test_environment()


@pytest.fixture(scope="session")
def state_file(migrated: Path) -> Path:
    """What every test begins with; a module may have its own."""
    return migrated


@pytest.fixture
def folder(state_file: Path, tmp_path: Path) -> Iterator[Path]:
    """A data folder with a copy of the state file, which Django uses during the test."""
    shutil.copy(state_file, tmp_path / "state.sqlite3")
    with used(tmp_path):
        yield tmp_path


@contextmanager
def used(folder: Path) -> Iterator[None]:
    """Have Django use a data folder."""
    _point_at(folder / "state.sqlite3")
    mukiau = config.load({}, overrides={"data": folder})
    with override_settings(MUKIAU=mukiau, PASSWORD_HASHERS=FAST_HASHERS):
        yield
    connection.close()


def _point_at(path: Path) -> None:
    connection.close()
    connection.settings_dict["NAME"] = str(path)


@pytest.fixture
def world(folder: Path) -> Iterator[World]:
    """A project with a key, and a way to send events."""
    world = World(folder)
    yield world
    world.close()


@pytest.fixture
def alice(folder: Path) -> Client:
    """Alice is an administrator and signed in."""
    return _client("alice", is_admin=True)


@pytest.fixture
def bob(folder: Path) -> Client:
    """Bob may read."""
    return _client("bob", is_admin=False)


@pytest.fixture
def charlie(folder: Path) -> Client:
    """Charlie has not signed in."""
    return Client()


def _client(name: str, *, is_admin: bool) -> Client:
    user = User.objects.create_user(name, f"{name}@example.com", "correct horse battery", is_superuser=is_admin)
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client
