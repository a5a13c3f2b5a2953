"""A log file that grows, is rotated and is truncated: every line once, whatever happens when."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mukiau.cli import followed_file
from mukiau.cli.followed_file import HEAD_BYTES, ROUNDS_AFTER_ROTATION, FollowedFile, Position

OPENED: list[FollowedFile] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while OPENED:
        OPENED.pop().close()


def follow(path: Path, position: Position | None = None) -> FollowedFile:
    OPENED.append(FollowedFile(path, position))
    return OPENED[-1]


def append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def texts(file: FollowedFile, rounds: int = 1) -> list[str]:
    return [line.text.decode() for _ in range(rounds) for line in file.read()]


ENOUGH = 2 * ROUNDS_AFTER_ROTATION + 3


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "app.log"


def test_lines_are_read_as_they_are_written(log: Path) -> None:
    file = follow(log)

    before = texts(file)
    append(log, "one\ntwo\r\n\nth")
    first = texts(file)
    append(log, "ree\n")

    assert (before, first, texts(file), texts(file)) == ([], ["one", "two", ""], ["three"], [])


def test_a_renamed_file_is_read_to_its_end_before_the_new_one(log: Path) -> None:
    file = follow(log)
    append(log, "one\n")
    texts(file)

    append(log, "two\n")
    log.rename(log.with_suffix(".log.1"))
    append(log, "four\n")
    append(log.with_suffix(".log.1"), "three\nunended")

    assert texts(file, ENOUGH) == ["two", "three", "unended", "four"]


def test_a_truncated_file_is_read_from_its_beginning(log: Path) -> None:
    file = follow(log)
    append(log, "booting\none\n")
    names = {line.name for line in file.read()}

    log.write_text("booting\n", encoding="utf-8")
    (again,) = file.read()

    assert again.text == b"booting"
    assert again.name not in names


def test_a_file_written_over_with_more_is_read_from_its_beginning(log: Path) -> None:
    file = follow(log)
    append(log, "one\n")
    texts(file)

    log.write_text("two\nthree\n", encoding="utf-8")

    assert texts(file) == ["two", "three"]


def test_a_restart_goes_on_where_reading_stood(log: Path) -> None:
    first = follow(log)
    append(log, "one\ntw")
    texts(first)

    append(log, "o\nthree\n")

    assert texts(follow(log, first.position)) == ["two", "three"]


def test_a_restart_finds_a_file_that_was_renamed_meanwhile(log: Path) -> None:
    first = follow(log)
    append(log, "one\n")
    texts(first)
    append(log, "two\n")
    log.rename(log.with_suffix(".log.1"))
    append(log, "three\n")

    again = follow(log, first.position)

    assert texts(again, ENOUGH) == ["two", "three"]


def test_a_file_that_is_gone_is_said_to_be(log: Path) -> None:
    first = follow(log)
    append(log, "one\n")
    texts(first)
    append(log.with_name("other"), "two\n")
    log.with_name("other").replace(log)

    again = follow(log, first.position)
    lines = texts(again)

    assert lines == ["two"]
    assert again.news == "the file read last is gone, with what was written to it since; goes on with the new one"


def test_a_line_of_a_new_file_that_could_not_be_opened_at_first_has_a_name_of_its_own(log: Path) -> None:
    file = follow(log)
    append(log, "one\n")
    (first,) = file.read()

    log.rename(log.with_suffix(".log.1"))
    log.mkdir()
    texts(file, ENOUGH)
    log.rmdir()
    append(log, "one\n")
    (second,) = [line for _ in range(ENOUGH) for line in file.read()]

    assert (first.text, second.text) == (b"one", b"one")
    assert first.name != second.name


def test_a_line_has_a_name_of_its_own_when_the_old_file_is_gone_and_the_new_one_comes_late(log: Path) -> None:
    first = follow(log)
    append(log, "one\n")
    append(log.with_name("other"), "one\n")
    (before,) = first.read()

    log.unlink()
    log.mkdir()
    again = follow(log, first.position)
    texts(again, ENOUGH)
    log.rmdir()
    log.with_name("other").rename(log)
    (after,) = again.read()

    assert (before.text, after.text) == (b"one", b"one")
    assert before.name != after.name


def test_a_line_has_the_same_name_when_it_is_read_again(log: Path) -> None:
    append(log, "one\none\n")

    first, second = follow(log).read(), follow(log).read()

    assert first == second
    assert first[0].name != first[1].name


def test_a_line_without_an_end_is_taken_in_pieces(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followed_file, "CHUNK_BYTES", 4)
    append(log, "abcdefg\nh\n")

    assert texts(follow(log), 6) == ["abcd", "efg", "h"]


@pytest.mark.parametrize("seed", range(20))
def test_no_line_is_lost_or_doubled_whatever_happens_when(log: Path, seed: int) -> None:
    chance, written, read = random.Random(seed), 0, []
    file = follow(log)
    for _ in range(120):
        match chance.choice(("write", "write", "write", "half", "read", "read", "restart", "rotate")):
            case "write":
                append(log, f"line {written}\n")
                written += 1
            case "half":
                append(log, "line ")
                read += texts(file)
                append(log, f"{written}\n")
                written += 1
            case "read":
                read += texts(file)
            case "restart":
                file.close()
                file = follow(log, file.position)
            case "rotate" if log.exists():
                read += texts(file, 2 * ENOUGH)  # one rotation at a time is followed
                log.rename(log.with_name(f"app.log.{written}-{chance.random()}"))

    read += texts(file, 4 * ENOUGH)

    assert read == [f"line {n}" for n in range(written)]


def test_a_file_made_anew_with_the_same_banner_and_more_in_it_is_read_from_its_beginning(log: Path) -> None:
    banner = "=" * HEAD_BYTES + "\n"
    file = follow(log)
    append(log, f"{banner}one\n")
    texts(file)

    log.write_text(f"{banner}two\nthree\n", encoding="utf-8")  # on the same inode

    assert texts(file) == [banner.rstrip(), "two", "three"]
    assert "written anew" in file.news


def test_a_position_that_an_earlier_version_kept_is_taken_up(log: Path) -> None:
    file = follow(log)
    append(log, "one\n")
    texts(file)
    assert file.position is not None
    append(log, "two\n")

    assert texts(follow(log, replace(file.position, tail=""))) == ["two"]
