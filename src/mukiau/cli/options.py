"""Options that several commands share, and how a command reads its settings."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from mukiau import config

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


def read_settings(*, data: Path | None = None, **overrides: object) -> config.Settings:
    """Read the settings; mistakes end the command with one sentence each."""
    try:
        return config.load(os.environ, overrides={"data": data, **overrides})
    except config.SettingsError as mistakes:
        raise click.UsageError(str(mistakes)) from None


def existing_data(settings: config.Settings) -> Path:
    """Return the data folder; end the command when there is none yet."""
    folder = Path(settings.data)
    if not (folder / "state.sqlite3").exists():
        raise click.ClickException(f"There is no mukiau data in {folder}. Start `mukiau serve --data {folder}` first.")
    return folder
