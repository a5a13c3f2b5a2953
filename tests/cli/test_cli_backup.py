"""`mukiau backup` and `mukiau restore` as somebody types them."""

import json
from pathlib import Path

import pytest


@pytest.mark.parametrize("name", ["copy", "copy.tar.gz"])
def test_a_backup_is_restored_into_a_new_folder(mukiau_on, tmp_path: Path, name: str) -> None:
    made = mukiau_on("backup", tmp_path / name)
    restored = mukiau_on("restore", tmp_path / name, "--data", tmp_path / "new")

    assert (made.exit_code, restored.exit_code) == (0, 0)
    assert made.stdout.startswith(f"Backed up {mukiau_on.data} to {tmp_path / name}: ")
    assert restored.stdout.startswith(f"Restored {tmp_path / name} to {tmp_path / 'new'}: ")
    assert mukiau_on.lines("project", "list", "--data", tmp_path / "new") == mukiau_on.lines("project", "list")


def test_a_program_reads_what_was_copied(mukiau_on, tmp_path: Path) -> None:
    (made,) = mukiau_on.lines("backup", tmp_path / "copy")

    assert made["bytes"] == sum(file["bytes"] for file in made["files"]) > 0
    assert json.loads((tmp_path / "copy" / "backup.json").read_text())["made_at"] == made["made_at"]


def test_a_folder_that_is_not_empty_is_replaced_with_force_only(mukiau_on, tmp_path: Path) -> None:
    mukiau_on("backup", tmp_path / "copy")

    refused = mukiau_on("restore", tmp_path / "copy")
    forced = mukiau_on("restore", tmp_path / "copy", "--force")

    assert (refused.exit_code, refused.stderr) == (
        1,
        f"Error: {mukiau_on.data} is not empty; name a new folder, or give --force to replace the data in it.\n",
    )
    assert forced.exit_code == 0


def test_without_data_there_is_nothing_to_back_up(mukiau, tmp_path: Path) -> None:
    result = mukiau("backup", tmp_path / "copy")

    assert result.exit_code == 1
    assert "There is no mukiau data" in result.stderr


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08\x00cut"])
def test_what_is_no_backup_is_said_in_one_sentence(mukiau_on, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "copy.tar.gz").write_bytes(content)

    result = mukiau_on("restore", tmp_path / "copy.tar.gz", "--data", tmp_path / "new")

    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert not (tmp_path / "new").exists()


def test_an_archive_that_was_cut_off_is_said_in_one_sentence(mukiau_on, tmp_path: Path) -> None:
    mukiau_on("backup", tmp_path / "copy.tar.gz")
    whole = (tmp_path / "copy.tar.gz").read_bytes()
    (tmp_path / "copy.tar.gz").write_bytes(whole[: len(whole) // 2])

    result = mukiau_on("restore", tmp_path / "copy.tar.gz", "--data", tmp_path / "new")

    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
    assert not (tmp_path / "new" / "state.sqlite3").exists()
