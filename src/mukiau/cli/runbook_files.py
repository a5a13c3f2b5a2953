"""The files of `mukiau runbooks`: read whole or refused, written whole or not at all, and never outside of their folder.

A folder comes from a repository that many may write to. A link in it that leads elsewhere would bring in what only this
machine can read, or overwrite what only it can write, and a file without end would fill its memory.
"""

import secrets
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import click

from mukiau.work.runbooks.front_matter import MAX_TEXT_CHARS

MAX_FILES = 5_000
MAX_MARKDOWN_BYTES = 4 * MAX_TEXT_CHARS + 3
"""UTF-8 has at most four bytes for a character, and three for a mark of the byte order in front."""
MAX_LIST_BYTES = 30_000_000
"""Of a list: five thousand manuals of two thousand characters each, in Japanese."""
_MARKDOWN = {".md", ".markdown"}


def files_of(folder: Path) -> dict[str, str]:
    """Return the Markdown files below a folder, by their paths."""
    named = (path for path in folder.rglob("*.md") if _counts(path.relative_to(folder)))
    paths = list(islice((path for path in named if _is_ours(path, folder)), MAX_FILES + 1))
    if len(paths) > MAX_FILES:
        raise click.ClickException(
            f"There are more than {MAX_FILES:,} Markdown files in {folder}: is it the right folder?"
        )
    return {path.relative_to(folder).as_posix(): read_text(path) for path in sorted(paths)}


def is_markdown(file: Path) -> bool:
    """Say whether a file is a text of its own, and no list of texts."""
    return file.suffix.lower() in _MARKDOWN


def read_text(file: Path) -> str:
    """Return a file with plain line ends; ends the command when it is no text, before anything was done."""
    limit = MAX_MARKDOWN_BYTES if is_markdown(file) else MAX_LIST_BYTES
    with file.open("rb") as opened:
        given = opened.read(limit + 1)
    if len(given) > limit:
        raise click.ClickException(f"{file} has more than {limit:,} bytes; nothing was done.")
    try:
        text = given.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise click.ClickException(f"{file} is not UTF-8; nothing was done.") from None
    if len(text) > MAX_TEXT_CHARS and is_markdown(file):
        raise click.ClickException(f"{file} has more than {MAX_TEXT_CHARS:,} characters; nothing was done.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def refuse_outside(folder: Path, paths: Iterable[str]) -> None:
    """End the command where one of the files to be written is not in the folder, before anything was done."""
    for path in paths:
        file = folder / path
        if file.is_symlink() or not _is_within(file, folder):
            raise click.ClickException(f"{file} is a link or leads out of {folder}; nothing was done.")


def write_text(file: Path, text: str) -> None:
    """Put a file in its place, whole; what was there is replaced and never followed."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with fresh.open("xb") as opened:
            opened.write(text.encode())
        if file.exists():
            fresh.chmod(file.stat().st_mode & 0o777)
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)  # there only where something went wrong


def _counts(path: Path) -> bool:
    return path.name.lower() != "readme.md" and not any(part.startswith(".") for part in path.parts)


def _is_ours(path: Path, folder: Path) -> bool:
    """Say whether it is a file; ends the command where it is a link to one that is not in the folder."""
    if not path.is_file():
        return False
    if not _is_within(path, folder):
        raise click.ClickException(f"{path} is a link that leads out of {folder}; nothing was done.")
    return True


def _is_within(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())
