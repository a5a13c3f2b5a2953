"""Commands that look at a data folder, or make what has to be in it first."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from mukiau import clock
from mukiau.core.dsn import parse_dsn

STATUS_KEYS = {"accepted", "digested", "pending", "issues", "events", "dropped", "set_aside"}


def test_status_of_a_folder_without_events_counts_nothing(mukiau_on) -> None:
    (status,) = mukiau_on.lines("status")

    assert status.keys() >= STATUS_KEYS
    assert {status[key] for key in STATUS_KEYS - {"dropped"}} == {0}
    assert status["dropped"] == {}


def test_status_for_people_has_a_line_for_each_count(mukiau_on) -> None:
    lines = mukiau_on("status").stdout.splitlines()

    assert {line[:16].strip().replace(" ", "_") for line in lines} >= STATUS_KEYS


@pytest.mark.parametrize("command", ["status", "events", "parse", "project list"])
def test_commands_that_only_look_do_not_load_the_web_framework(data_folder: Path, command: str) -> None:
    program = f"""
import sys
from mukiau.cli.main import main
main({command.split()!r}, standalone_mode=False)
sys.exit("django" in sys.modules)
"""

    ran = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"MUKIAU_DATA": str(data_folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.returncode, ran.stderr.replace("No error event was found.\n", "")) == (0, "")


def test_events_of_a_folder_without_events_are_none(mukiau_on) -> None:
    result = mukiau_on("events", "--json")

    assert (result.exit_code, result.stdout) == (0, "")


@pytest.mark.parametrize("command", ["status", "events"])
def test_a_folder_that_does_not_exist_is_said_in_one_sentence(mukiau, command: str) -> None:
    result = mukiau(command)

    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: There is no mukiau data in {mukiau.data}.")


def test_a_project_is_made_with_a_dsn(mukiau_on) -> None:
    (made,) = mukiau_on.lines("project", "create", "Cafe Hanamaru")

    dsn = parse_dsn(made["dsn"])
    assert dsn is not None
    assert (dsn.project_id, dsn.public_key) == (made["id"], made["public_key"])
    assert made["name"] == "Cafe Hanamaru"


def test_making_a_project_again_shows_the_same(mukiau_on) -> None:
    first = mukiau_on.lines("project", "create", "Cafe Hanamaru")

    assert mukiau_on.lines("project", "create", "Cafe Hanamaru") == first


def test_a_project_can_be_made_before_the_first_start(mukiau) -> None:
    """What a program reads is JSON from the first byte on."""
    made = mukiau.apart("project", "create", "Shop", "--json")

    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["name"] == "Shop"


def test_the_dsn_names_the_address_that_people_reach(mukiau_on) -> None:
    made = mukiau_on.apart("project", "create", "Other", "--json", MUKIAU_BASE_URL="https://errors.example.com/mukiau")

    dsn = parse_dsn(json.loads(made.stdout)["dsn"])
    assert dsn is not None
    assert (dsn.scheme, dsn.host, dsn.path) == ("https", "errors.example.com", "/mukiau")


def test_a_project_gets_another_key_for_another_source(mukiau_on) -> None:
    (key,) = mukiau_on.lines("project", "key", "shop", "--label", "AWS 1234", "--environment", "acme-prod")

    (project,) = mukiau_on.lines("project", "list")
    assert key["dsn"] in project["dsns"]
    assert len(project["dsns"]) == 2


def test_a_key_for_nobody_is_refused(mukiau_on) -> None:
    result = mukiau_on("project", "key", "nobody")

    assert result.exit_code == 1
    assert "No project is called nobody." in result.stderr


def test_doctor_says_that_nothing_runs_and_exits_with_1(mukiau_on) -> None:
    result = mukiau_on("doctor", "--json")

    findings = {finding["check"]: finding for finding in map(json.loads, result.stdout.splitlines())}
    assert result.exit_code == 1
    assert {findings[name]["level"] for name in ("intake", "digest", "web")} == {"wrong"}
    assert {findings[name]["level"] for name in ("sqlite", "schema", "content")} == {"fine"}


def test_doctor_before_the_first_start_says_what_makes_the_folder(mukiau) -> None:
    result = mukiau("doctor")

    assert result.exit_code == 1
    assert f"`mukiau serve --data {mukiau.data}` makes it" in result.stdout


def test_a_wrong_setting_ends_every_command_with_one_sentence(mukiau_on) -> None:
    ran = mukiau_on.apart("status", MUKIAU_PORT="eighty")

    assert ran.returncode == 2
    assert "MUKIAU_PORT is 'eighty'; it must be a whole number." in ran.stderr


@pytest.mark.parametrize("command", ["", "serve", "ingest", "project create", "role"])
def test_help_is_help(mukiau, command: str) -> None:
    result = mukiau(*command.split(), "--help")

    assert result.exit_code == 0
    assert result.stdout.startswith("Usage: ")


@pytest.mark.parametrize(
    "command", ["status", "events", "project list", "project create Other", "project key shop", "ingest -"]
)
def test_a_folder_of_a_newer_version_is_neither_read_nor_written(mukiau_on, command: str) -> None:
    with closing(sqlite3.connect(mukiau_on.data / "state.sqlite3")) as state:
        state.execute("PRAGMA user_version = 99")
        before = state.execute("SELECT count(*) FROM project").fetchone()

    result = mukiau_on(*command.split(), text="")

    with closing(sqlite3.connect(mukiau_on.data / "state.sqlite3")) as state:
        assert state.execute("SELECT count(*) FROM project").fetchone() == before
    assert result.exit_code == 1
    assert "was written by a newer mukiau (schema 99" in result.stderr


def test_a_project_needs_a_name(mukiau_on) -> None:
    result = mukiau_on("project", "create", " ")

    assert result.exit_code == 2
    assert "A project needs a name." in result.stderr


@pytest.mark.parametrize("port", ["-1", "65536", "99999"])
def test_a_port_that_cannot_be_is_refused(mukiau, port: str) -> None:
    result = mukiau("serve", "--port", port)

    assert result.exit_code == 2
    assert f"{port} is no port" in result.stderr


def test_status_says_to_people_how_long_ago_digest_was_alive(mukiau_on) -> None:
    assert digest_line(mukiau_on) == "has not run yet"

    with closing(sqlite3.connect(mukiau_on.data / "state.sqlite3")) as state, state:
        state.execute("UPDATE digest_state SET heartbeat_ms = ?", (clock.unix_ms() - 7_500,))

    assert digest_line(mukiau_on) == "was alive 7 s ago"


def digest_line(mukiau_on) -> str:
    lines = (line.split(maxsplit=1) for line in mukiau_on("status").stdout.splitlines())
    return next(words[1] for words in lines if words[0] == "digest")
