"""`mukiau runbooks`: manuals brought in with proposals for their rules, and a folder that is kept the same both ways."""

import time
from pathlib import Path

import click
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.stores.state_files import batch, event

from mukiau.cli import runbooks
from mukiau.cli.runbook_files import refuse_outside, write_text
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import connect
from mukiau.stores.state_file import changing
from mukiau.stores.state_writer import StateWriter
from mukiau.stores.work.runbooks import Author, create_runbook, publish, save_version

BY = Author(id=1, name="alice", at_ms=1)
TEXT = "---\ntitle: Orders cannot be saved\nservices: [orders]\n---\n# 手順\n- look\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "runbooks"
    made.mkdir()
    return made


def published(data: Path, text: str = TEXT) -> str:
    with changing(data) as state:
        saved = create_runbook(state, text, prefix="ORD", by=BY)
        publish(state, saved.id, number=1, by=BY)
    return saved.code


def edit(data: Path, text: str, *, is_published: bool = True) -> None:
    with changing(data) as state:
        number = state.execute("SELECT number FROM runbook WHERE id = 1").fetchone()[0]
        saved = save_version(state, 1, text, expected=number, by=BY)
        if is_published:
            publish(state, 1, number=saved.number, by=BY)


def texts(data: Path) -> list[tuple[str, str, str]]:
    """Code, state and text in force (of a draft: the latest) of each runbook."""
    query = """
        SELECT code, state, text FROM runbook r JOIN runbook_version v
        ON v.runbook_id = r.id AND v.number = coalesce(published_number, r.number) ORDER BY r.id"""
    state = connect(data / STATE_FILE, readonly=True)
    try:
        return state.execute(query).fetchall()
    finally:
        state.close()


def test_a_list_becomes_runbooks_that_lead_to_the_manuals(mukiau_on, tmp_path) -> None:
    listing = tmp_path / "manuals.csv"
    listing.write_text(
        "title,url,service,keywords\n在庫不足の対応,https://wiki.example/1,orders;cart,在庫;stock\n,,,\n,x,,\n"
    )

    result = mukiau_on("runbooks", "import", listing)

    assert "published  ORD-1      在庫不足の対応" in result.stdout
    assert "manuals.csv, line 4: left out, because there is no title." in result.stderr
    assert texts(mukiau_on.data)[0] == (
        "ORD-1",
        "published",
        "---\ntitle: 在庫不足の対応\nservices:\n- orders\n- cart\nkeywords:\n- 在庫\n- stock\nurl: https://wiki.example/1\n---\n",
    )


def test_what_is_known_is_not_brought_in_twice(mukiau_on, tmp_path) -> None:
    listing = tmp_path / "manuals.csv"
    listing.write_text("title,url\nNo stock,https://wiki.example/1\n")
    mukiau_on("runbooks", "import", listing)
    listing.write_text("title,url\nRenamed,https://wiki.example/1\nNo stock,\nNew,\n")

    result = mukiau_on("runbooks", "import", listing)

    assert "1 runbook brought in, 2 known already" in result.stdout
    assert len(texts(mukiau_on.data)) == 2


def test_plain_markdown_is_titled_by_its_heading_or_its_file(mukiau_on, folder) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "no_stock.md").write_text("Look at the stock.\n")
    (folder / "disk.md").write_text("# Disk full\r\nDelete.\r\n")
    (folder / "README.md").write_text("# What this is\n")

    mukiau_on("runbooks", "import", folder)

    assert [text for _, _, text in texts(mukiau_on.data)] == [
        "---\ntitle: Disk full\n---\n# Disk full\nDelete.\n",
        "---\ntitle: no stock\n---\nLook at the stock.\n",
    ]


def test_drafts_are_not_in_force(mukiau_on, folder) -> None:
    (folder / "disk.md").write_text("# Disk full\n")

    mukiau_on("runbooks", "import", folder, "--draft")

    assert texts(mukiau_on.data)[0][1] == "draft"


def test_rules_are_proposed_from_recent_issues_and_not_applied(mukiau_on, tmp_path) -> None:
    minutes = int(time.time() // 60) - 29_661_120  # the tests' noon
    writer = StateWriter(mukiau_on.data / STATE_FILE)
    writer.write(batch(event(1, message="在庫 KNB-1 を更新できません", minutes=minutes)))
    writer.close()
    listing = tmp_path / "manuals.csv"
    listing.write_text("title,service\n在庫を更新できません: no stock,orders\nDisk full,\n")

    told = mukiau_on("runbooks", "import", listing).stdout
    (listed,) = mukiau_on.lines("runbooks", "proposals")

    assert "rule    service: orders, type: ValueError, message: no stock" in told
    assert "answers #1" in told
    assert [(one["runbook"], one["issues"]) for one in listed] == [("ORD-1", [1])]
    assert "match:" not in texts(mukiau_on.data)[0][2]


def test_a_file_that_is_no_text_stops_everything(mukiau_on, folder) -> None:
    published(mukiau_on.data)
    (folder / "a.md").write_bytes(b"# A\n\xff\xfe")

    result = mukiau_on("runbooks", "sync", folder)

    assert result.exit_code == 1
    assert "a.md is not UTF-8; nothing was done." in result.output
    assert list(folder.iterdir()) == [folder / "a.md"]


def test_export_writes_every_runbook_and_overwrites_nothing(mukiau_on, folder) -> None:
    published(mukiau_on.data)
    published(mukiau_on.data, TEXT.replace("saved", "sent"))
    (folder / "ORD-1.md").write_text("mine\n")

    result = mukiau_on("runbooks", "export", folder)

    assert result.exit_code == 1
    assert "Not overwritten, because they say something else: ORD-1.md" in result.output
    assert [file.read_text() for file in sorted(folder.iterdir())] == ["mine\n", TEXT.replace("saved", "sent")]


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    made = tmp_path / "secret.txt"
    made.write_text("# Secret\n")
    return made


@pytest.mark.parametrize("command", ["import", "sync"])
def test_a_link_out_of_the_folder_is_not_read(mukiau_on, folder, secret, command) -> None:
    (folder / "a.md").write_text("# A\n")
    (folder / "b.md").symlink_to(secret)

    result = mukiau_on("runbooks", command, folder)

    assert result.exit_code == 1
    assert "b.md is a link that leads out of" in result.output
    assert texts(mukiau_on.data) == []
    assert sorted(file.name for file in folder.iterdir()) == ["a.md", "b.md"]


def test_a_link_within_the_folder_is_read(mukiau_on, folder) -> None:
    (folder / "a.md").write_text("# A\n")
    (folder / "b.md").symlink_to(folder / "a.md")

    assert mukiau_on("runbooks", "sync", folder).exit_code == 0


@pytest.mark.parametrize("is_there", [True, False])
def test_nothing_is_written_through_a_link(mukiau_on, folder, secret, is_there) -> None:
    published(mukiau_on.data)
    published(mukiau_on.data, TEXT.replace("saved", "sent"))
    (folder / "ORD-2.md").symlink_to(secret)
    if not is_there:
        secret.unlink()

    results = [mukiau_on("runbooks", command, folder) for command in ("export", "sync")]

    assert [result.exit_code for result in results] == [1, 1]
    assert all("link" in result.output and "nothing was done" in result.output for result in results)
    assert [file.name for file in folder.iterdir()] == ["ORD-2.md"]
    assert secret.read_text() == "# Secret\n" if is_there else not secret.exists()


@pytest.mark.parametrize("path", ["../x.md", "/etc/x.md", "sub/x.md"])
def test_a_file_outside_of_the_folder_is_not_written(folder, tmp_path, path) -> None:
    (folder / "sub").symlink_to(tmp_path)

    with pytest.raises(click.ClickException, match="nothing was done"):
        refuse_outside(folder, ["a.md", path])


def test_sync_writes_nothing_into_a_linked_folder(mukiau_on, folder, tmp_path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "orders.md").write_text(TEXT)
    mukiau_on("runbooks", "sync", folder)
    edit(mukiau_on.data, TEXT + "- more\n")
    (folder / "sub").rename(tmp_path / "elsewhere")
    (folder / "sub").symlink_to(tmp_path / "elsewhere")

    mukiau_on("runbooks", "sync", folder)

    assert (tmp_path / "elsewhere" / "orders.md").read_text() == TEXT


def test_a_file_without_end_is_not_read_to_its_end(mukiau_on, folder) -> None:
    (folder / "a.md").write_text("# A\n")
    with (folder / "b.md").open("wb") as opened:
        opened.truncate(1 << 33)

    result = mukiau_on("runbooks", "sync", folder)

    assert result.exit_code == 1
    assert "b.md has more than 400,003 bytes; nothing was done." in result.output
    assert texts(mukiau_on.data) == []


def test_a_list_without_end_is_not_read_to_its_end(mukiau_on, tmp_path) -> None:
    with (tmp_path / "list.csv").open("wb") as opened:
        opened.truncate(1 << 33)

    result = mukiau_on("runbooks", "import", tmp_path / "list.csv")

    assert "list.csv has more than 30,000,000 bytes; nothing was done." in result.output


def test_too_many_files_are_the_wrong_folder(mukiau_on, folder, monkeypatch) -> None:
    monkeypatch.setattr("mukiau.cli.runbook_files.MAX_FILES", 2)
    for name in "abc":
        (folder / f"{name}.md").write_text(f"# {name}\n")

    result = mukiau_on("runbooks", "import", folder)

    assert "There are more than 2 Markdown files" in result.output
    assert texts(mukiau_on.data) == []


def test_a_file_that_cannot_be_written_whole_is_left_as_it_was(folder, monkeypatch) -> None:
    file = folder / "a.md"
    write_text(file, "before")
    file.chmod(0o640)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write_text(file, "after")
    monkeypatch.undo()

    assert [one.name for one in folder.iterdir()] == ["a.md"]
    assert file.read_text() == "before"
    write_text(file, "after")
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("after", 0o640)


def test_a_new_file_becomes_a_runbook_and_a_changed_one_its_next_version(mukiau_on, folder) -> None:
    (folder / "orders.md").write_text(TEXT)
    mukiau_on("runbooks", "sync", folder)
    (folder / "orders.md").write_text(TEXT + "- more\n")

    result = mukiau_on("runbooks", "sync", folder)

    assert result.stdout == "changed: orders.md ORD-1\n"
    assert texts(mukiau_on.data) == [("ORD-1", "published", TEXT + "- more\n")]


def test_what_changed_on_the_server_is_written_to_its_file(mukiau_on, folder) -> None:
    (folder / "orders.md").write_text(TEXT)
    mukiau_on("runbooks", "sync", folder)
    edit(mukiau_on.data, TEXT + "- more\n")

    result = mukiau_on("runbooks", "sync", folder)

    assert result.stdout == "written: orders.md ORD-1\n"
    assert (folder / "orders.md").read_text() == TEXT + "- more\n"


def test_a_change_on_both_sides_is_told_and_nothing_is_overwritten(mukiau_on, folder) -> None:
    (folder / "orders.md").write_text(TEXT)
    mukiau_on("runbooks", "sync", folder)
    edit(mukiau_on.data, TEXT + "- theirs\n")
    (folder / "orders.md").write_text(TEXT + "- mine\n")

    result = mukiau_on("runbooks", "sync", folder)

    assert result.exit_code == 1
    assert "CONFLICT: changed on both sides; nothing was done: orders.md ORD-1" in result.stdout
    assert (folder / "orders.md").read_text() == TEXT + "- mine\n"
    assert texts(mukiau_on.data)[0][2] == TEXT + "- theirs\n"


def test_what_somebody_is_writing_is_not_published_along_with_a_file(mukiau_on, folder) -> None:
    (folder / "orders.md").write_text(TEXT)
    mukiau_on("runbooks", "sync", folder)
    edit(mukiau_on.data, TEXT + "- not yet\n", is_published=False)
    (folder / "orders.md").write_text(TEXT + "- mine\n")

    result = mukiau_on("runbooks", "sync", folder)

    assert result.exit_code == 1
    assert texts(mukiau_on.data)[0][2] == TEXT


def test_a_removed_file_retires_its_runbook_and_a_restored_one_brings_it_back(mukiau_on, folder) -> None:
    (folder / "orders.md").write_text(TEXT)
    mukiau_on("runbooks", "sync", folder)
    (folder / "orders.md").unlink()

    retired = mukiau_on("runbooks", "sync", folder).stdout, texts(mukiau_on.data)[0][1]
    (folder / "orders.md").write_text(TEXT)
    back = mukiau_on("runbooks", "sync", folder).stdout, texts(mukiau_on.data)[0][1]

    assert retired == ("retired: orders.md ORD-1\n", "retired")
    assert back == ("changed: orders.md ORD-1\n", "published")


def test_an_empty_folder_does_not_retire_everything(mukiau_on, folder, tmp_path) -> None:
    for number in range(5):
        (folder / f"{number}.md").write_text(TEXT.replace("saved", str(number)))
    mukiau_on("runbooks", "sync", folder)
    empty = tmp_path / "empty"
    empty.mkdir()

    refused = mukiau_on("runbooks", "sync", empty)
    meant = mukiau_on("runbooks", "sync", empty, "--removals")

    assert refused.exit_code == 1
    assert "The files of 5 runbooks are not there" in refused.output
    assert meant.stdout.count("retired: ") == 5


def test_a_dry_run_tells_and_does_nothing(mukiau_on, folder) -> None:
    published(mukiau_on.data)
    (folder / "new.md").write_text("# New\n")

    result = mukiau_on("runbooks", "sync", folder, "--dry-run")

    assert result.stdout == "written: ORD-1.md ORD-1\nnew: new.md \n"
    assert [file.name for file in folder.iterdir()] == ["new.md"]
    assert len(texts(mukiau_on.data)) == 1


def test_what_is_done_before_something_fails_is_noted_and_told(mukiau_on, folder, monkeypatch) -> None:
    monkeypatch.setattr(runbooks, "RUNBOOKS_AT_ONCE", 1)
    published(mukiau_on.data)
    published(mukiau_on.data)
    (folder / "ORD-2.md").mkdir()

    result = mukiau_on("runbooks", "sync", folder)

    assert result.exit_code == 1
    assert "ORD-2.md cannot be written" in result.stderr
    assert result.stdout == "written: ORD-1.md ORD-1\n"
    (folder / "ORD-2.md").rmdir()
    assert mukiau_on("runbooks", "sync", folder).stdout == "written: ORD-2.md ORD-2\n"


def test_a_runbook_that_somebody_changes_meanwhile_is_not_overwritten(mukiau_on, folder, monkeypatch) -> None:
    (folder / "orders.md").write_text(TEXT)
    mukiau_on("runbooks", "sync", folder)
    (folder / "orders.md").write_text(TEXT + "- by file\n")
    monkeypatch.setattr(runbooks, "_refuse_wrong_folder", lambda *_, **__: edit(mukiau_on.data, TEXT + "- by hand\n"))

    result = mukiau_on("runbooks", "sync", folder)

    assert result.exit_code == 1
    assert result.stdout.startswith("CONFLICT")
    assert texts(mukiau_on.data)[0][2] == TEXT + "- by hand\n"


def test_a_text_that_cannot_be_published_is_kept_and_told(mukiau_on, folder) -> None:
    (folder / "orders.md").write_text("---\ntitle: [\n---\n")

    result = mukiau_on("runbooks", "sync", folder)

    assert "new: orders.md RB-1 (not in force: Line" in result.stdout
    assert texts(mukiau_on.data)[0][1] == "draft"


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.text(alphabet=st.characters(exclude_categories=("Cs",), exclude_characters="\r\0"), max_size=200))
def test_a_round_trip_loses_nothing(mukiau_on, tmp_path_factory, body: str) -> None:
    out = tmp_path_factory.mktemp("out")
    with changing(mukiau_on.data) as state:
        for table in ("runbook_file", "runbook_version", "runbook"):
            state.execute(f"DELETE FROM {table}")
        create_runbook(state, f"---\ntitle: a\n---\n{body}", prefix="ORD", by=BY)
    before = texts(mukiau_on.data)

    mukiau_on("runbooks", "export", out)
    again = mukiau_on("runbooks", "sync", out)

    assert again.stdout == "the same: ORD-1.md ORD-1\n"
    assert texts(mukiau_on.data) == before
