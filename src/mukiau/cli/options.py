"""Options that several commands share, and how a command reads its settings."""

import codecs
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from mukiau import __version__, config
from mukiau.stores.schema import SCHEMA_VERSION, STATE_FILE
from mukiau.stores.state_file import read_schema_version

Command = TypeVar("Command", bound=Callable[..., Any])


def data_option(command: Command) -> Command:
    """Add `--data DIR`; the command gets `data: Path | None`."""
    return click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        help="Folder that holds everything mukiau keeps (MUKIAU_DATA; default: data).",
    )(command)


def json_option(command: Command) -> Command:
    """Add `--json`; the command gets `as_json: bool`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for a program to read.")(command)


def encoding_option(command: Command) -> Command:
    """Add `--encoding NAME`; the command gets `encoding: str`, empty where none is given."""
    return click.option(
        "--encoding",
        default="",
        callback=_known_encoding,
        help="Encoding of the files, such as cp932 (Shift_JIS) or euc-jp; default: UTF-8.",
    )(command)


def _known_encoding(_context: click.Context, _option: click.Parameter, given: str) -> str:
    try:
        return codecs.lookup(given).name if given else ""
    except LookupError:
        raise click.BadParameter(f"no encoding is called {given}.") from None


def read_settings(*, data: Path | None = None, **overrides: object) -> config.Settings:
    """Read the settings; mistakes end the command with one sentence each."""
    try:
        return config.load(os.environ, overrides={"data": data, **overrides})
    except config.SettingsError as mistakes:
        raise click.UsageError(str(mistakes)) from None


def existing_data(settings: config.Settings) -> Path:
    """Return the data folder; end the command when there is none yet, or a newer mukiau wrote it."""
    folder = Path(settings.data)
    if not (folder / STATE_FILE).exists():
        raise click.ClickException(f"There is no mukiau data in {folder}. Start `mukiau serve --data {folder}` first.")
    refuse_newer_data(folder)
    return folder


def refuse_newer_data(folder: Path) -> None:
    """End the command when the state file is of a newer version, whose tables nobody here knows."""
    found = read_schema_version(folder / STATE_FILE)
    if found > SCHEMA_VERSION:
        raise click.ClickException(
            f"The data in {folder} was written by a newer mukiau (schema {found}; this one, {__version__}, knows "
            f"{SCHEMA_VERSION}): use that version."
        )
