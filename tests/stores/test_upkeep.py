"""What is read of a data folder for the people who run it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from test_retention import DAY_MS, NOW_MS, Folder

from mukiau import config
from mukiau.config import Settings
from mukiau.stores.retention import Retention, RetentionPolicy
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sizes import FileSize, Storage
from mukiau.stores.upkeep import count_due, read_upkeep

KEPT = {"retention_payload_days": 30, "retention_event_days": 90, "retention_newest_events": 2}


@pytest.fixture
def folder(data_folder: Path) -> Iterator[Folder]:
    with closing(Folder(data_folder)) as folder:
        yield folder


def settings_of(folder: Folder, **values: int) -> Settings:
    return config.load({}, overrides={"data": folder.data, **KEPT, **values})


def fill(folder: Folder) -> None:
    folder.digest(*range(1, 11), days_ago=100)
    folder.digest(*range(11, 21), days_ago=40)
    folder.digest(*range(21, 24), days_ago=1)


def test_a_dry_run_counts_just_what_retention_then_deletes(folder: Folder) -> None:
    fill(folder)
    settings = settings_of(folder)

    due = count_due(settings, now_ms=NOW_MS)
    with closing(Retention(folder.data / STATE_FILE, RetentionPolicy.of(settings))) as retention:
        for _ in range(50):
            retention.step(NOW_MS)

    upkeep = read_upkeep(settings)
    assert (due.payloads, due.events) == (10, 9)
    assert upkeep.deleted == {"payload_by_age": due.payloads, "event_by_age": due.events}
    assert sum(upkeep.deleted_bytes.values()) == due.bytes
    assert (upkeep.walk_finished_ms, upkeep.last_event) == (NOW_MS, 23)


def test_a_dry_run_believes_a_clock_of_the_future_no_more_than_retention_does(folder: Folder) -> None:
    fill(folder)
    folder.beat(NOW_MS)

    due = count_due(settings_of(folder), now_ms=NOW_MS + 4_000 * DAY_MS)

    assert (due.payloads, due.events) == (10, 9)


@pytest.mark.parametrize(
    ("used", "free", "expected"),
    [
        (10, 1_000, ()),
        (80, 1_000, ("state_nearly_full",)),
        (101, 1_000, ("state_full",)),
        (10, 49, ("disk_nearly_full",)),
        (90, 9, ("state_nearly_full", "disk_full")),
    ],
)
def test_what_to_see_to_is_said_in_time(used: int, free: int, expected: tuple[str, ...]) -> None:
    storage = Storage(
        state=FileSize(used_bytes=used, file_bytes=200),
        max_state_bytes=100,
        spool=FileSize(),
        max_spool_bytes=100,
        free_bytes=free,
        disk_bytes=1_000,
        min_free_bytes=10,
    )

    assert storage.warnings == expected


def test_without_a_budget_the_state_is_never_full() -> None:
    storage = Storage(
        state=FileSize(used_bytes=10**12, file_bytes=10**12),
        max_state_bytes=0,
        spool=FileSize(),
        max_spool_bytes=100,
        free_bytes=1_000,
        disk_bytes=1_000,
        min_free_bytes=10,
    )

    assert (storage.state_share, storage.warnings) == (None, ())
