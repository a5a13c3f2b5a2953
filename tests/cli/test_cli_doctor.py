"""`mukiau doctor`: each look fires on its mistake, is quiet without it, and says why and what to do."""

import json
import os
import socket
import sys
import sysconfig
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mukiau import config
from mukiau.cli import doctor as command
from mukiau.cli.doctor import CHECKS, disk, flow, machine, reach, telling
from mukiau.cli.doctor.finding import Check, Finding, Level, Patient
from mukiau.core.event import Origin
from mukiau.core.scrub import Scrubber, ScrubPolicy
from mukiau.digest.batch import Batch, SetAside
from mukiau.digest.event_maker import EventMaker, RawEvent
from mukiau.intake.arrivals import MAX_NAMES, OTHERS, Arrivals
from mukiau.intake.proxies import Sender
from mukiau.notify.cause import CauseKind
from mukiau.notify.message import Message, message_to_json
from mukiau.notify.route import Address, Route
from mukiau.stores import sqlite
from mukiau.stores.arrivals import find_arrivals, record_arrivals
from mukiau.stores.locks import RoleLock
from mukiau.stores.notify import routes
from mukiau.stores.notify.routes import changing
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.state_writer import StateWriter
from serving import free_port

HOUR_MS = 3_600_000
NOW_MS = 1_800_000_000_000


def patient_of(folder: Path, *, is_thorough: bool = False, **settings: str) -> Patient:
    """An installation with these settings (`base_url="…"`); its environment is empty beside them."""
    environ = {f"MUKIAU_{name.upper()}": value for name, value in settings.items()}
    loaded = config.load(environ, overrides={"data": folder})
    return Patient(settings=loaded, environ=environ, now_ms=NOW_MS, is_thorough=is_thorough)


def levels(check: Check, patient: Patient) -> dict[str, Level]:
    """Look, and see to it that who has to act is told why and what."""
    findings = list(check(patient))
    for finding in findings:
        is_told = finding.why.endswith(".") and finding.todo.endswith((".", "?"))
        assert finding.level is Level.FINE or is_told, finding
    return {finding.check: finding.level for finding in findings}


FINE, NOTE, WRONG = Level.FINE, Level.NOTE, Level.WRONG


def change(folder: Path, *statements: str) -> None:
    with closing(sqlite.connect(folder / STATE_FILE)) as state:
        for statement in statements:
            state.execute(statement)


# --- The machine ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("version", "level"), [((3, 10, 2), WRONG), ((3, 11, 0), FINE), ((3, 14, 0), FINE)])
def test_python(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: tuple[int, ...], level: Level) -> None:
    patient = patient_of(tmp_path)
    monkeypatch.setattr(sys, "version_info", version)
    monkeypatch.setattr(sys, "base_prefix", "/usr")

    assert levels(machine.look_at_python, patient) == {"python": level}


@pytest.mark.parametrize(
    ("prefix", "configured", "level"),
    [
        ("/usr", "'--enable-shared'", FINE),
        ("/usr/local", "'--enable-optimizations' '--with-lto'", FINE),
        ("/home/a/.pyenv/versions/3.12.1", "'--prefix=/home/a/.pyenv/versions/3.12.1'", NOTE),
        ("C:\\Python312", None, FINE),
    ],
)
def test_a_python_that_is_slower_than_it_could_be(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, prefix: str, configured: str | None, level: Level
) -> None:
    monkeypatch.setattr(sys, "base_prefix", prefix)
    monkeypatch.setattr(sysconfig, "get_config_var", lambda name: configured)

    assert levels(machine.look_at_python, patient_of(tmp_path)) == {"python": level}


@pytest.mark.parametrize(
    ("version", "level"), [("3.40.1", WRONG), ("3.51.2", WRONG), ("3.44.6", FINE), ("3.51.3", FINE), ("3.53.4", FINE)]
)
def test_sqlite(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, level: Level) -> None:
    monkeypatch.setattr(machine, "sqlite_version", lambda: version)

    assert levels(machine.look_at_sqlite, patient_of(tmp_path)) == {"sqlite": level}


@pytest.mark.parametrize(
    ("variable", "level", "todo"),
    [
        ("MUKIAU_BASE_URI", WRONG, "Did you mean MUKIAU_BASE_URL?"),
        ("MUKIAU_TRUSTED_PROXY", WRONG, "Did you mean MUKIAU_TRUSTED_PROXIES?"),
        ("mukiau_port", WRONG, "Did you mean MUKIAU_PORT?"),
        ("MUKIAU_COFFEE", NOTE, ""),
        ("MUKIAU_SECRET_KEY_FILE", FINE, ""),
        ("PORT", FINE, ""),
    ],
)
def test_settings_that_nobody_reads(tmp_path: Path, variable: str, level: Level, todo: str) -> None:
    patient = Patient(settings=config.load({}), environ={variable: "x"}, now_ms=NOW_MS)

    (finding,) = machine.look_at_settings(patient)

    assert (finding.check, finding.level) == ("settings", level)
    assert todo in finding.todo
    assert "x" not in finding.found.replace(variable, "")


@pytest.mark.parametrize(
    ("shift_ms", "newest_ms", "level"),
    [
        (0, 0, FINE),
        (0, NOW_MS, FINE),
        (30_000, 0, FINE),
        (120_000, 0, WRONG),
        (-2 * HOUR_MS, 0, WRONG),
        (0, NOW_MS + 9 * HOUR_MS, WRONG),
    ],
)
def test_the_clock(
    monkeypatch: pytest.MonkeyPatch, data_folder: Path, shift_ms: int, newest_ms: int, level: Level
) -> None:
    monkeypatch.setattr(machine, "_file_system_time_ms", lambda _folder: NOW_MS + shift_ms)
    monkeypatch.setattr(machine, "newest_arrival_ms", lambda _folder: newest_ms)

    assert levels(machine.look_at_clock, patient_of(data_folder)) == {"clock": level}


def test_a_port_that_somebody_else_has(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = patient_of(tmp_path, port=str(other.getsockname()[1]))

        assert levels(machine.look_at_port, taken) == {"port": WRONG}

    assert levels(machine.look_at_port, patient_of(tmp_path, port=str(free_port()))) == {"port": FINE}
    assert levels(machine.look_at_port, patient_of(tmp_path, host="203.0.113.9")) == {"port": WRONG}


def test_a_port_our_own_server_listens_on_is_no_mistake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(machine, "find_process", lambda _folder, _role: os.getpid())

    assert levels(machine.look_at_port, patient_of(tmp_path)) == {}


@pytest.mark.parametrize(("limit", "level"), [(1_024, WRONG), (4_096, FINE), (65_536, FINE)])
def test_open_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, limit: int, level: Level) -> None:
    monkeypatch.setattr(machine, "find_process", lambda _folder, _role: os.getpid())
    monkeypatch.setattr(machine, "_open_files_of", lambda _pid: limit)

    assert levels(machine.look_at_open_files, patient_of(tmp_path)) == {"open files": level}


def test_the_limit_of_open_files_is_read_from_the_process_itself() -> None:
    assert (machine._open_files_of(os.getpid()) or 0) > 0
    assert machine._open_files_of(2**30) is None


# --- The data folder --------------------------------------------------------------------------------------------------


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert levels(disk.look_at_folder, patient_of(tmp_path / "none")) == {"data folder": WRONG}
    assert levels(disk.look_at_folder, patient_of(tmp_path)) == {"data folder": FINE, "writable": FINE}


def test_a_folder_this_user_may_not_write(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)

    assert levels(disk.look_at_folder, patient_of(tmp_path))["writable"] is WRONG


def test_a_disk_mounted_for_reading_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "statvfs", lambda _path: SimpleNamespace(f_flag=os.ST_RDONLY))

    assert levels(disk.look_at_folder, patient_of(tmp_path))["writable"] is WRONG


@pytest.mark.parametrize(
    ("kind", "level"),
    [
        ("nfs4", WRONG),
        ("cifs", WRONG),
        ("fuse.sshfs", WRONG),
        ("9p", WRONG),
        ("overlay", NOTE),
        ("tmpfs", NOTE),
        ("ext4", FINE),
        ("xfs", FINE),
    ],
)
def test_the_kind_of_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, level: Level) -> None:
    folder = tmp_path / "with a space"
    folder.mkdir()
    place = str(folder.resolve()).replace(" ", r"\040")
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        f"22 1 8:1 / / rw shared:1 - btrfs /dev/sda1 rw\n"
        f"30 22 0:40 / {place} rw shared:2 - ext3 /dev/sdb1 rw\n"
        f"31 22 0:41 / {place} rw shared:2 master:3 - {kind} server:/x rw\n"
        f"32 22 0:42 / {place}-beside rw - nfs4 server:/y rw\n"
    )
    monkeypatch.setattr(disk, "_MOUNTS", mounts)

    assert levels(disk.look_at_file_system, patient_of(folder)) == {"file system": level}


@pytest.mark.parametrize(
    ("free_bytes", "free_files", "level"),
    [(10 * 1024**3, 10**6, FINE), (1024**3 - 4096, 10**6, WRONG), (10 * 1024**3, 3, WRONG)],
)
def test_room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free_bytes: int, free_files: int, level: Level) -> None:
    found = SimpleNamespace(f_bavail=free_bytes // 4096, f_frsize=4096, f_files=10**6, f_favail=free_files)
    monkeypatch.setattr(os, "statvfs", lambda _path: found)

    assert levels(disk.look_at_room, patient_of(tmp_path)) == {"disk": level}


@pytest.mark.parametrize(
    ("folder_mode", "file_mode", "level"), [(0o755, 0o644, WRONG), (0o700, 0o644, FINE), (0o755, 0o600, FINE)]
)
def test_files_that_others_can_read(data_folder: Path, folder_mode: int, file_mode: int, level: Level) -> None:
    key = data_folder / "web-secret-key"
    key.write_text("secret")
    for path, mode in ((data_folder / STATE_FILE, 0o600), (key, file_mode), (data_folder, folder_mode)):
        path.chmod(mode)

    assert levels(disk.look_at_rights, patient_of(data_folder)) == {"rights": level}


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_files_of_another_user(data_folder: Path) -> None:
    (data_folder / STATE_FILE).chmod(0o600)
    os.chown(data_folder, 12345, 12345)

    assert levels(disk.look_at_rights, patient_of(data_folder)) == {"rights": WRONG}


@pytest.mark.parametrize(("version", "level"), [(None, FINE), (0, WRONG), (999, WRONG)])
def test_the_schema(data_folder: Path, version: int | None, level: Level) -> None:
    if version is not None:
        change(data_folder, f"PRAGMA user_version = {version}")

    assert levels(disk.look_at_schema, patient_of(data_folder)) == {"schema": level}


def send(folder: Path, offsets_ms: Sequence[int], *, source: int = 1) -> None:
    """Digest events whose own time is so far from their arrival."""
    maker = EventMaker(Scrubber(ScrubPolicy()))
    origin = Origin(project_id=1, source_id=source, service="order")
    events = [
        maker.make(
            RawEvent(
                payload={"message": "boom", "timestamp": (NOW_MS + offset) / 1000},
                origin=origin,
                event_id=f"{source:016x}{index:016x}",
                received_ms=NOW_MS,
            )
        )
        for index, offset in enumerate(offsets_ms)
    ]
    with closing(StateWriter(folder / STATE_FILE)) as writer:
        at = writer.position()
        writer.write(Batch(after=at, position=at, digested_ms=NOW_MS, events=tuple(events)))


def test_events_that_cannot_be_read_any_more(data_folder: Path) -> None:
    send(data_folder, [-1000])
    sound = levels(disk.look_at_content, patient_of(data_folder))

    change(data_folder, "UPDATE event SET payload_codec = 4711")

    assert sound == {"content": FINE}
    assert levels(disk.look_at_content, patient_of(data_folder)) == {"content": WRONG}


def test_a_damaged_dictionary(data_folder: Path) -> None:
    change(data_folder, "INSERT INTO payload_dictionary VALUES (4711, x'00112233445566', 200, 0)")

    assert levels(disk.look_at_content, patient_of(data_folder)) == {"content": WRONG}


def test_a_damaged_file_is_found_by_reading_all_of_it(data_folder: Path) -> None:
    send(data_folder, [-1000] * 50)
    whole = levels(disk.look_at_content, patient_of(data_folder, is_thorough=True))
    change(data_folder, "PRAGMA wal_checkpoint(TRUNCATE)")
    with (data_folder / STATE_FILE).open("r+b") as file:
        pages = file.seek(0, 2) // 4096
        for page in range(pages // 2, pages):
            file.seek(page * 4096)
            file.write(b"\xff" * 64)

    assert whole == {"content": FINE}
    assert levels(disk.look_at_content, patient_of(data_folder, is_thorough=True)) == {"content": WRONG}


# --- What flows through -----------------------------------------------------------------------------------------------


def test_processes_that_run_and_that_do_not(data_folder: Path) -> None:
    patient = patient_of(data_folder)
    nobody = levels(flow.look_at_processes, patient)

    digest = RoleLock(data_folder, "digest")
    digest.acquire()
    some = levels(flow.look_at_processes, patient)
    digest.release()

    assert nobody == dict.fromkeys(("intake", "digest", "web"), WRONG)
    assert some == {"intake": WRONG, "digest": FINE, "web": WRONG}


@pytest.mark.parametrize(
    ("age_ms", "level"), [(2_000, FINE), (-2_000, FINE), (11_000, WRONG), (NOW_MS, WRONG), (-HOUR_MS, WRONG)]
)
def test_the_heartbeat(monkeypatch: pytest.MonkeyPatch, data_folder: Path, age_ms: int, level: Level) -> None:
    monkeypatch.setattr(flow, "_is_played", lambda _patient, _role: True)
    change(data_folder, f"UPDATE digest_state SET heartbeat_ms = {NOW_MS - age_ms}")

    assert levels(flow.look_at_progress, patient_of(data_folder))["heartbeat"] is level


@pytest.mark.parametrize(
    ("pending", "waits_ms", "level"), [(0, 0, FINE), (5_000, 2_000, FINE), (5, 6 * 60_000, WRONG), (10**6, 5, WRONG)]
)
def test_the_backlog(
    monkeypatch: pytest.MonkeyPatch, data_folder: Path, pending: int, waits_ms: int, level: Level
) -> None:
    status = _status(pending=pending, oldest_waiting_ms=NOW_MS - waits_ms if waits_ms else 0)
    monkeypatch.setattr(flow, "read_status", lambda _folder: status)

    assert levels(flow.look_at_progress, patient_of(data_folder))["backlog"] is level


def _status(**counts: Any) -> Any:
    usual: dict[str, Any] = {"pending": 0, "oldest_waiting_ms": 0, "set_aside": 0, "refused": {}, "accepted": 100}
    return SimpleNamespace(**{**usual, "heartbeat_ms": NOW_MS, **counts})


def test_what_was_set_aside(data_folder: Path) -> None:
    clean = levels(flow.look_at_progress, patient_of(data_folder))["set aside"]
    aside = SetAside(
        position=0,
        kind="envelope",
        project_id=1,
        source_id=1,
        received_ms=1,
        encoding="",
        event_id="",
        body=b"",
        reason="x",
    )
    with closing(StateWriter(data_folder / STATE_FILE)) as writer:
        writer.write(Batch(after=0, position=0, digested_ms=1, set_aside=(aside,)))

    assert clean is FINE
    assert levels(flow.look_at_progress, patient_of(data_folder))["set aside"] is WRONG


@pytest.mark.parametrize(
    ("refused", "level"), [({}, None), ({"over quota": 3}, None), ({"unknown key": 50, "over quota": 2}, NOTE)]
)
def test_senders_that_are_refused(
    monkeypatch: pytest.MonkeyPatch, data_folder: Path, refused: dict[str, int], level: Level | None
) -> None:
    monkeypatch.setattr(flow, "read_status", lambda _folder: _status(refused=refused))

    assert levels(flow.look_at_progress, patient_of(data_folder)).get("refused") is level


MINUTES = [-60_000 * (index % 3) for index in range(20)]
"""Events arrive some time after they happened."""


@pytest.mark.parametrize(
    ("offsets_ms", "says"),
    [
        ([9 * HOUR_MS + delay for delay in MINUTES], "9 h after"),
        ([-5 * HOUR_MS + delay for delay in MINUTES], "5 h before"),
        ([5.5 * HOUR_MS + delay for delay in MINUTES], "5.5 h after"),
        (MINUTES, ""),
        ([-HOUR_MS * index for index in range(20)], ""),  # a file brought in: each is off by its own amount
        ([-(20 * 60_000) + delay for delay in MINUTES], ""),
        ([-40 * HOUR_MS] * 20, ""),
        ([9 * HOUR_MS] * 9, ""),  # too few to tell
    ],
)
def test_a_source_whose_times_are_hours_off(data_folder: Path, offsets_ms: list[float], says: str) -> None:
    change(data_folder, "UPDATE source SET label = 'AWS 1234'")
    send(data_folder, [int(offset) for offset in offsets_ms])

    (finding,) = flow.look_at_zones(patient_of(data_folder))

    assert finding.level is (WRONG if says else FINE)
    assert says in finding.found
    assert not says or finding.found.startswith("AWS 1234 (Shop): ")


# --- How it is reached ------------------------------------------------------------------------------------------------


def test_keys(data_folder: Path) -> None:
    working = levels(reach.look_at_keys, patient_of(data_folder))
    change(data_folder, "UPDATE source SET is_active = 0")
    switched_off = levels(reach.look_at_keys, patient_of(data_folder))
    change(data_folder, "DELETE FROM source", "DELETE FROM project")

    assert (working, switched_off) == ({"keys": FINE}, {"keys": WRONG})
    assert levels(reach.look_at_keys, patient_of(data_folder)) == {"keys": WRONG}


@pytest.mark.parametrize(
    ("people", "level"), [([], WRONG), ([("dora", 1, 0)], WRONG), ([("dora", 0, 1)], WRONG), ([("dora", 1, 1)], FINE)]
)
def test_accounts(data_folder: Path, people: list[tuple[str, int, int]], level: Level) -> None:
    for name, is_active, is_admin in people:
        change(
            data_folder,
            "INSERT INTO auth_user (password, is_superuser, username, last_name, email, is_staff, is_active, date_joined,"
            f" first_name) VALUES ('', {is_admin}, '{name}', '', '', 0, {is_active}, '2026-01-01', '')",
        )

    assert levels(reach.look_at_people, patient_of(data_folder)) == {"accounts": level}


@pytest.mark.parametrize(
    ("settings", "level"),
    [
        ({}, FINE),
        ({"host": "localhost"}, FINE),
        ({"host": "0.0.0.0"}, NOTE),
        ({"host": "0.0.0.0", "base_url": "https://tools.example.com"}, FINE),
    ],
)
def test_the_base_url(tmp_path: Path, settings: dict[str, str], level: Level) -> None:
    assert levels(reach.look_at_address, patient_of(tmp_path, **settings)) == {"base URL": level}


HTTPS = "https://tools.example.com/mukiau"


@pytest.mark.parametrize(
    ("arrivals", "found"),
    [
        (Arrivals(), {}),
        (Arrivals(100, Counter(), 0, Counter({"tools.example.com": 90, "127.0.0.1:8000": 10})), {"proxies": FINE}),
        (Arrivals(100, Counter({"10.0.3.7": 100})), {"proxies": WRONG}),
        (Arrivals(100, Counter({"203.0.113.9": 2})), {"proxies": FINE}),
        (Arrivals(3, Counter({"203.0.113.9": 3}), 3, Counter({"a.example": 3})), {"proxies": FINE}),
        (Arrivals(100, Counter(), 60), {"https": WRONG}),
        (Arrivals(100, Counter(), 0, Counter({"10.0.3.7:8000": 80, OTHERS: 3})), {"host": WRONG}),
        (Arrivals(100, Counter({"10.0.3.7": 90}), 0, Counter({"a.example": 90})), {"proxies": WRONG, "host": WRONG}),
    ],
)
def test_how_requests_arrive(tmp_path: Path, arrivals: Arrivals, found: dict[str, Level]) -> None:
    record_arrivals(tmp_path, arrivals)

    assert levels(reach.look_at_arrivals, patient_of(tmp_path, base_url=HTTPS)) == found


def test_by_http_or_any_host_is_no_mistake_where_no_base_url_says_otherwise(tmp_path: Path) -> None:
    record_arrivals(tmp_path, Arrivals(100, Counter(), 90, Counter({"a.example": 90})))

    assert levels(reach.look_at_arrivals, patient_of(tmp_path)) == {"proxies": FINE}


def test_arrivals_are_counted_few_of_a_kind_and_come_back_from_the_folder(tmp_path: Path) -> None:
    arrivals = Arrivals()
    for number in range(MAX_NAMES + 5):
        arrivals.note("10.0.3.7", Sender("10.0.3.7", "http", f"h{number}.example", "id", is_unheeded=True))
    arrivals.note("127.0.0.1", Sender("203.0.113.9", "http", "tools.example.com", "id", is_proxied=True))
    arrivals.note("10.0.3.7", Sender("10.0.3.7", "http", "<script>" * 100, "id"))
    record_arrivals(tmp_path, arrivals)

    kept = find_arrivals(tmp_path)
    assert kept == arrivals
    assert (arrivals.total, arrivals.insecure, arrivals.unheeded["10.0.3.7"]) == (MAX_NAMES + 7, 1, MAX_NAMES + 5)
    assert (len(arrivals.hosts), arrivals.hosts[OTHERS]) == (MAX_NAMES + 1, 6)


@pytest.mark.parametrize("text", ["", "no json", "[]", '{"total": 1}', '{"total": 1, "unheeded": 3}'])
def test_a_broken_note_of_arrivals_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "arrivals.json").write_text(text)

    assert find_arrivals(tmp_path) is None


# --- The command ------------------------------------------------------------------------------------------------------


def test_every_look_is_tried_here_on_a_mistake() -> None:
    source = Path(__file__).read_text(encoding="utf-8")

    assert [check.__name__ for check in CHECKS if f".{check.__name__}" not in source] == []
    assert len(CHECKS) >= 10


def test_a_look_that_cannot_be_finished_is_a_finding_and_the_others_go_on(tmp_path: Path) -> None:
    def look_at_the_moon(_patient: Patient) -> Any:
        raise PermissionError(13, "Permission denied", "/moon")

    findings = list(command.examine(patient_of(tmp_path), [look_at_the_moon, machine.look_at_sqlite]))

    assert [(finding.check, finding.level) for finding in findings] == [("the moon", WRONG), ("sqlite", FINE)]


def test_a_state_file_that_is_none_is_said_and_nothing_raised(mukiau: Callable[..., Any], tmp_path: Path) -> None:
    folder = tmp_path / "none"
    folder.mkdir()
    (folder / STATE_FILE).write_bytes(b"no database" * 1000)

    result = mukiau("doctor", "--thorough")

    assert result.exit_code == 1
    assert "LOOK" in result.stdout


def test_text_says_what_was_found_why_it_matters_and_what_to_do() -> None:
    finding = Finding(check="disk", level=WRONG, found="0.1 GiB free", why="It fills.", todo="Make room.")

    assert command.render(finding) == "LOOK  disk: 0.1 GiB free\n        It fills.\n        Make room."


@pytest.mark.parametrize(
    ("levels", "said"),
    [([FINE, FINE], "Nothing is wrong."), ([WRONG, FINE, NOTE, NOTE], "1 mistake, 2 notes."), ([NOTE], "1 note.")],
)
def test_the_last_line_sums_up(levels: list[Level], said: str) -> None:
    assert command.sum_up([Finding(check="x", level=level, found="y") for level in levels]).strip() == said


def test_json_has_one_object_a_finding(mukiau_on: Any) -> None:
    result = mukiau_on("doctor", "--json")

    findings = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert {tuple(finding) for finding in findings} == {("check", "level", "found", "why", "todo")}
    assert {finding["level"] for finding in findings} <= {"fine", "note", "wrong"}


# --- Telling ----------------------------------------------------------------------------------------------------------


def add_route(folder: Path, *, channel: str = "webhook") -> None:
    route = Route(
        id=0,
        channel=channel,
        address=Address(to="https://hooks.example.com/t0p"),
        kinds=frozenset(CauseKind),
        tells_summary=False,
        purposes=frozenset(),
        services=frozenset(),
        team_ids=frozenset(),
        language="en",
        time_zone="UTC",
    )
    with changing(folder) as connection:
        routes.add_route(connection, "Operations", route, by="alice", now_ms=1)


def test_where_nobody_is_to_be_told_nothing_is_missing(data_folder: Path) -> None:
    assert levels(telling.look_at_telling, patient_of(data_folder)) == {"notifications": FINE}


def test_a_route_without_the_process_that_tells_is_a_mistake(data_folder: Path) -> None:
    add_route(data_folder)
    patient = patient_of(data_folder)
    without = levels(telling.look_at_telling, patient)
    lock = RoleLock(data_folder, "notify")
    lock.acquire()

    assert without == {"notify": WRONG, "notifications": FINE}
    assert levels(telling.look_at_telling, patient) == {"notify": FINE, "notifications": FINE}
    lock.release()


def test_a_route_by_mail_needs_a_mail_server(data_folder: Path) -> None:
    add_route(data_folder, channel="email")
    mail = {"smtp_host": "smtp.example.com", "smtp_from": "m@example.com"}

    assert levels(telling.look_at_telling, patient_of(data_folder))["mail server"] is WRONG
    assert "mail server" not in levels(telling.look_at_telling, patient_of(data_folder, **mail))


@pytest.mark.parametrize(("state", "level"), [("waiting", NOTE), ("dead", WRONG), ("sent", FINE)])
def test_a_message_that_does_not_arrive_is_told(data_folder: Path, state: str, level: Level) -> None:
    add_route(data_folder)
    reason = "" if state == "sent" else "silent"
    message = message_to_json(Message(kind="test", subject="s"))
    change(
        data_folder,
        "INSERT INTO delivery (route_id, key, state, created_ms, next_ms, reason, message) "
        f"VALUES (1, 'k', '{state}', 1, 1, '{reason}', '{message}')",
    )

    found = list(telling.look_at_telling(patient_of(data_folder)))

    assert levels(telling.look_at_telling, patient_of(data_folder))["notifications"] is level
    assert "t0p" not in str(found)
