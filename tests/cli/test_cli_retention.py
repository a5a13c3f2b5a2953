"""`mukiau retention` and the upkeep in `mukiau status`: what somebody sees who runs it."""

import pytest


def test_retention_says_how_long_what_is_kept(mukiau_on) -> None:
    shown = mukiau_on("retention").stdout

    assert "payloads kept    90 days" in shown
    assert "events kept      365 days" in shown
    assert "would go now" not in shown


def test_a_dry_run_counts_what_would_go_and_deletes_nothing(mukiau_on) -> None:
    (dry,) = mukiau_on.lines("retention", "--dry-run")

    assert dry["due"] == {"payloads": 0, "events": 0, "bytes": 0}
    assert "would go now     0 payloads, 0 events" in mukiau_on("retention", "--dry-run").stdout


def test_status_tells_room_budget_and_the_last_backup(mukiau_on, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUKIAU_MAX_STATE_BYTES", "1000")
    before = mukiau_on("status").stdout

    mukiau_on("backup", tmp_path / "copy.tar")
    (status,) = mukiau_on.lines("status")

    assert "last backup      -" in before
    assert "warnings         state_full" in before
    assert status["upkeep"]["last_backup_ms"] > 0
    assert status["upkeep"]["storage"]["state"]["used_bytes"] > 1000
