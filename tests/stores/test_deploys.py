"""Deploys: told twice is told once, listed the latest first, taken back."""

from contextlib import closing
from pathlib import Path

from state_files import rows

from mukiau.stores.projects import create_project
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import connect, transaction
from mukiau.stores.work.deploys import Deployed, DeployFilter, list_deploys, record_deploy, remove_deploy
from mukiau.stores.work.resolutions import find_running


def told(release: str, *, at_ms: int = 1_000, service: str = "order-api", environment: str = "acme-prod") -> Deployed:
    return Deployed(project_id=1, service=service, environment=environment, release=release, at_ms=at_ms)


def _tell(folder: Path, *deploys: Deployed) -> list[bool]:
    create_project(folder, "Shop", now_ms=1)
    with closing(connect(folder / STATE_FILE)) as connection, transaction(connection):
        return [record_deploy(connection, one, actor="alice", now_ms=9)[1] for one in deploys]


def test_told_twice_is_told_once(data_folder: Path) -> None:
    assert _tell(data_folder, told("1.0"), told("1.0"), told("1.0", at_ms=2_000)) == [True, False, True]

    assert rows(data_folder, 'SELECT "release", at_ms, actor FROM deploy ORDER BY id') == [
        ("1.0", 1_000, "alice"),
        ("1.0", 2_000, "alice"),
    ]


def test_what_a_deploy_names_is_known_from_then_on(data_folder: Path) -> None:
    _tell(data_folder, told("1.0"), told("1.0", service=""))

    assert rows(data_folder, "SELECT name FROM service") == [("order-api",)]
    assert rows(data_folder, "SELECT name FROM environment") == [("acme-prod",)]


def test_the_latest_deploy_before_a_time_is_what_runs(data_folder: Path) -> None:
    _tell(data_folder, told("1.0"), told("1.2", at_ms=3_000), told("1.1", at_ms=2_000, service=""))

    with closing(connect(data_folder / STATE_FILE)) as connection:
        found = [find_running(connection, 1, "acme-prod", "order-api", at_ms) for at_ms in (999, 1_000, 2_500, 9_000)]

    assert found == ["", "1.0", "1.1", "1.2"]


def test_pages_of_the_list_hold_each_deploy_once(data_folder: Path) -> None:
    _tell(data_folder, *(told(f"1.{number}", at_ms=1_000 + number // 2) for number in range(7)))
    wanted, found, before = DeployFilter(project_id=1, environment="acme-prod"), list[str](), None

    with closing(connect(data_folder / STATE_FILE)) as connection:
        while page := list_deploys(connection, wanted, before=before, limit=2):
            found += [deploy.release for deploy in page]
            before = (page[-1].at_ms, page[-1].id)

    assert found == ["1.6", "1.5", "1.4", "1.3", "1.2", "1.1", "1.0"]


def test_a_deploy_is_taken_back_once(data_folder: Path) -> None:
    _tell(data_folder, told("1.0"))

    with closing(connect(data_folder / STATE_FILE)) as connection:
        first, second = remove_deploy(connection, 1), remove_deploy(connection, 1)

    assert (first and first.release, second) == ("1.0", None)
    assert rows(data_folder, "SELECT * FROM deploy") == []
