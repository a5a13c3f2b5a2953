"""`mukiau backup` and `mukiau restore`: a copy of the data folder, and a data folder from it."""

import json
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import click

from mukiau import clock
from mukiau.cli.options import data_option, existing_data, json_option, read_settings
from mukiau.stores import sqlite
from mukiau.stores.backups import Backup, BackupError, make_backup, restore_backup
from mukiau.web.secret_key import KEY_FILE

_SECRET_FILES = (KEY_FILE,)


@click.command()
@click.argument("target", type=click.Path(path_type=Path), metavar="FILE|DIR")
@data_option
@json_option
def backup(target: Path, data: Path | None, *, as_json: bool) -> None:
    """Copy the data folder while everything runs.

    A name that ends in .tar, .tar.gz or .tgz makes one file; any other one a folder, which must be new or empty. What
    was accepted before the command began is in the copy. Keep it private: it holds keys and the hashes of passwords.
    """
    folder = existing_data(read_settings(data=data))
    with _in_one_sentence("The backup was not made"):
        made = make_backup(folder, target, secret_files=_SECRET_FILES, now=clock.utc_now())
    _show(made, f"Backed up {folder} to {target}", as_json=as_json)


@click.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True), metavar="FILE|DIR")
@data_option
@click.option("--force", is_flag=True, help="Replace data that is there; it is moved aside inside the folder.")
@json_option
def restore(source: Path, data: Path | None, *, force: bool, as_json: bool) -> None:
    """Make a data folder from a backup.

    The folder must be new or empty, or given --force, and no mukiau may run on it. `mukiau serve` then digests what was
    waiting when the backup was made.
    """
    folder = Path(read_settings(data=data).data)
    with _in_one_sentence("Nothing was restored"):
        restored = restore_backup(source, folder, secret_files=_SECRET_FILES, now=clock.utc_now(), may_replace=force)
    _show(restored, f"Restored {source} to {folder}", as_json=as_json)


@contextmanager
def _in_one_sentence(failed: str) -> Iterator[None]:
    try:
        yield
    except BackupError as error:
        raise click.ClickException(str(error)) from None
    except (OSError, EOFError, zlib.error, tarfile.TarError, sqlite.Error) as error:
        raise click.ClickException(f"{failed}: {error}.") from None


def _show(shown: Backup, sentence: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({**asdict(shown), "bytes": shown.bytes}))
    else:
        click.echo(f"{sentence}: {shown.bytes / 1024**2:.1f} MiB, mukiau {shown.version} at {shown.made_at}.")
