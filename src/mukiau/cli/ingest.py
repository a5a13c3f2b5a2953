"""`mukiau ingest`: bring log files in through the records door, as a forwarder would."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import click
import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from mukiau import clock, config
from mukiau.cli.files import FolderGiven, find_files, read_batches, say_rejected
from mukiau.cli.folder import prepared_data
from mukiau.cli.follow import Follower, follow
from mukiau.cli.options import data_option, encoding_option, json_option, read_settings
from mukiau.cli.posting import post
from mukiau.cli.terminal import counted
from mukiau.config import Settings
from mukiau.core.dsn import Dsn
from mukiau.core.records.record import Record
from mukiau.stores.locks import RoleLock
from mukiau.stores.projects import Project, create_project, dsn_at, list_projects
from mukiau.stores.reader import read_status
from mukiau.stores.server_address import find_local_url, find_server_url, record_server_url

STALLED_SECONDS = 60.0


@click.command()
@click.argument("paths", nargs=-1)
@data_option
@click.option("--project", "name", default="", help="Project to bring them into; not needed when there is one.")
@click.option("--log-group", default="", help="Log group of plain lines, such as /ecs/acme-prod/order.")
@encoding_option
@click.option("--follow", "is_following", is_flag=True, help="Go on as the files grow, until Ctrl-C; see below.")
@click.option("--wait/--no-wait", default=True, help="Wait until everything is digested (default).")
@json_option
def ingest(
    paths: tuple[str, ...],
    data: Path | None,
    name: str,
    log_group: str,
    encoding: str,
    *,
    is_following: bool,
    wait: bool,
    as_json: bool,
) -> None:
    """Bring log files in, by the same path as the network.

    PATHS are files, globs, or - for standard input; .gz is read as it is. A file is plain text, records as JSON lines
    (log_group, log_stream, timestamp, message, id), CloudWatch Logs documents, or what `aws logs tail` or `aws kinesis
    get-records` printed. A line that was brought in before is not counted again. Without a running server one is started
    for as long as it takes. From standard input lines come in as they are written, also while it is silent.

    With --follow plain files are read as they grow, also when they are rotated or truncated; a glob takes in files that
    come later. Where reading stands is kept in the data folder: the next start goes on there.
    """
    settings = read_settings(data=data)
    if is_following:
        _refuse_what_cannot_be_followed(paths, encoding)
    files = [] if is_following else find_files(paths)
    folder = prepared_data(settings)
    project = _choose_project(settings, name)
    with _server(settings) as url:
        dsn = dsn_at(url, project.id, _active_key(project))
        if is_following:
            _follow(paths, folder, dsn, log_group=log_group, encoding=encoding)
            return
        accepted, rejected = _send_files(files, dsn, log_group=log_group, encoding=encoding)
        if wait:
            _wait_until_digested(folder)
    if as_json:
        click.echo(json.dumps({"accepted": accepted, "rejected": rejected}))
    else:
        click.echo(f"{counted(accepted, 'log line')} accepted, {rejected:,} rejected.")


def _refuse_what_cannot_be_followed(paths: tuple[str, ...], encoding: str) -> None:
    if not paths or "-" in paths:
        raise click.UsageError("--follow takes files; standard input is read until it ends without it.")
    if encoding.startswith(("utf-16", "utf-32")):
        raise click.UsageError(f"--follow reads lines byte by byte, which {encoding} does not allow.")
    for path in paths:
        if Path(path).is_dir():
            raise FolderGiven(path)


def _follow(paths: tuple[str, ...], folder: Path, dsn: Dsn, *, log_group: str, encoding: str) -> None:
    with httpx.Client(timeout=60, trust_env=False) as client:
        send = partial(post, client, dsn, is_patient=True)
        follow(Follower(paths, folder, send, log_group=log_group, encoding=encoding))


def _choose_project(settings: Settings, name: str) -> Project:
    projects = list_projects(Path(settings.data))
    if not name and len(projects) <= 1:
        return projects[0] if projects else create_project(Path(settings.data), "default", now_ms=clock.unix_ms())
    for project in projects:
        if name in {project.name, project.slug, str(project.id)}:
            return project
    names = ", ".join(project.slug for project in projects)
    raise click.UsageError(
        f"Which project? --project takes one of: {names or '(none yet: mukiau project create NAME)'}."
    )


def _active_key(project: Project) -> str:
    for source in project.sources:
        if source.is_active:
            return source.public_key
    raise click.ClickException(
        f"The project {project.name} has no active key. `mukiau project key {project.slug}` makes one."
    )


@contextmanager
def _server(settings: Settings) -> Iterator[str]:
    """Yield the address of the server of this data folder; start one where none is running."""
    folder = Path(settings.data)
    if any(_is_running(folder, role) for role in ("serve", "intake")):  # intake may run without a supervisor
        yield find_local_url(folder) or config.local_url(settings)
        return
    with _server_for_now(folder) as url:
        yield url


@contextmanager
def _server_for_now(folder: Path) -> Iterator[str]:
    """Start a server on a port nobody is told: afterwards the folder's address is what it was."""
    port, address = _free_port(), find_server_url(folder)
    command = [sys.executable, "-m", "mukiau", "serve", "--no-quota", "--data", str(folder), "--port", str(port)]
    process = subprocess.Popen(command, env=os.environ | {"MUKIAU_HOST": "127.0.0.1"}, stdout=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()
        record_server_url(folder, address)


def _is_running(folder: Path, role: str) -> bool:
    lock = RoleLock(folder, role)
    try:
        return not lock.acquire()
    finally:
        lock.release()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _send_files(files: Sequence[str], dsn: Dsn, *, log_group: str, encoding: str) -> tuple[int, int]:
    accepted = rejected = 0
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        httpx.Client(timeout=60, trust_env=False) as client,
        Progress(*columns, console=Console(stderr=True), transient=True) as progress,
    ):
        task = progress.add_task("files", total=len(files))
        for name in files:
            for batch in read_batches(name, numbered=False, encoding=encoding):
                say_rejected(name, batch)
                rejected += len(batch.rejected)
                if batch.records:
                    accepted += post(client, dsn, [_with_group(record, log_group) for record in batch.records])
                progress.update(task, description=f"{accepted:,} lines")
            progress.advance(task)
    return accepted, rejected


def _with_group(record: Record, log_group: str) -> Record:
    return replace(record, log_group=log_group) if log_group and not record.log_group else record


def _wait_until_digested(data: Path) -> None:
    """Wait while digest gets on; a large file takes as long as it takes."""
    digested, until = -1, 0.0
    while (status := read_status(data)).pending:
        if status.digested != digested:
            digested, until = status.digested, time.monotonic() + STALLED_SECONDS
        elif time.monotonic() > until:
            raise click.ClickException(
                f"{status.pending:,} items wait and none is digested; `mukiau doctor` may say why."
            )
        time.sleep(0.1)
