"""`mukiau policy save`, `try`, `apply`, `undo`, `runs`: a grouping policy and what is stored in a data folder."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from getpass import getuser
from pathlib import Path

import click

from mukiau import clock
from mukiau.cli.grouping.policies import FILE, policy, read_sound_text
from mukiau.cli.options import data_option, existing_data, json_option, read_settings
from mukiau.cli.terminal import counted, json_line, one_line
from mukiau.config import Settings
from mukiau.stores.lab.policies import UnknownPolicy, find_in_force, list_policies, save_policy
from mukiau.stores.lab.preview import PlannedChange, Preview, read_preview
from mukiau.stores.lab.runs import (
    AT_WORK,
    Run,
    RunRefused,
    RunState,
    get_run,
    list_runs,
    request_apply,
    request_run,
    request_undo,
)
from mukiau.stores.lab.wanted import want_lab
from mukiau.stores.locks import RoleLock
from mukiau.stores.projects import list_projects
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import Connection, connect, transaction
from mukiau.wiring import run_lab

LOOK_SECONDS = 0.3
MAX_CHANGES = 20
MAX_ISSUES_OF_A_CHANGE = 6

project_option = click.option("--project", metavar="NAME", help="Needed where the folder has several projects.")


@policy.command()
@click.argument("file", type=FILE)
@click.option("--reason", default="", help="Why it changes; kept with the version.")
@project_option
@data_option
def save(file: Path, reason: str, project: str | None, data: Path | None) -> None:
    """Keep a policy's text as the project's next version; nothing is grouped by it yet."""
    with asking(data, project) as (connection, project_id, _):
        text = read_sound_text(file)
        version = save_policy(connection, project_id, text, author=getuser(), reason=reason, at_ms=clock.unix_ms())
    click.echo(f"Kept as version {version}; `mukiau policy try {version}` says what it would change.")


@policy.command()
@project_option
@data_option
@json_option
def versions(project: str | None, data: Path | None, *, as_json: bool) -> None:
    """List the versions of a project's policy, latest first."""
    with asking(data, project) as (connection, project_id, _):
        found, in_force = list_policies(connection, project_id), find_in_force(connection, project_id)
    for one in found:
        if as_json:
            click.echo(json_line({**asdict(one), "in_force": one.version == in_force.version}))
        else:
            mark = "●" if one.version == in_force.version else " "
            click.echo(one_line(f"{mark} {one.version:4}  {one.author or 'mukiau'}  {one.reason}"))


@policy.command("try")
@click.argument("version", type=int)
@project_option
@data_option
@json_option
def try_(version: int, project: str | None, data: Path | None, *, as_json: bool) -> None:
    """Replay a VERSION on everything that is stored: which issues would be split, merged, new. Changes nothing."""
    with asking(data, project) as (connection, project_id, settings):
        run = request_run(connection, project_id, version, author=getuser(), at_ms=clock.unix_ms())
    run = _followed(settings, run, quiet=as_json)
    if run.state is RunState.READY:
        with closing(connect(_path(settings), readonly=True)) as connection:
            preview = read_preview(connection, run)
        _show(run, preview, as_json=as_json)


@policy.command()
@click.argument("run", type=int)
@data_option
def apply(run: int, data: Path | None) -> None:
    """Put the version of a RUN of `mukiau policy try` in force. `mukiau policy undo` takes it back."""
    _ask(data, lambda connection: request_apply(connection, run, author=getuser(), at_ms=clock.unix_ms()))
    click.echo(f"In force. `mukiau policy undo {run}` restores every issue as it was.")


@policy.command()
@click.argument("run", type=int)
@data_option
def undo(run: int, data: Path | None) -> None:
    """Take back what `mukiau policy apply` did with a RUN: the version before is in force again."""
    _ask(data, lambda connection: request_undo(connection, run, author=getuser(), at_ms=clock.unix_ms()))
    click.echo("Undone.")


@policy.command()
@project_option
@data_option
@json_option
def runs(project: str | None, data: Path | None, *, as_json: bool) -> None:
    """List what was tried, latest first."""
    with asking(data, project) as (connection, project_id, _):
        found = list_runs(connection, project_id)
    for run in found:
        line = f"{run.id:4}  version {run.version}  {run.state}  {run.author}  {run.error}"
        click.echo(json_line(asdict(run)) if as_json else one_line(line))


# --- Asking and waiting -------------------------------------------------------------------------------------------


@contextmanager
def asking(data: Path | None, project: str | None = None) -> Iterator[tuple[Connection, int, Settings]]:
    settings = read_settings(data=data)
    folder = existing_data(settings)
    known = list_projects(folder)
    wanted = [one for one in known if project is None or project in {one.name, one.slug, str(one.id)}]
    if len(wanted) != 1:
        names = ", ".join(one.name for one in known)
        raise click.ClickException(f"Say which project: --project with one of {names}.")
    try:
        with closing(connect(folder / STATE_FILE)) as connection, transaction(connection):
            yield connection, wanted[0].id, settings
    except (RunRefused, UnknownPolicy) as refused:
        raise click.ClickException(str(refused)) from refused


def _ask(data: Path | None, ask: Callable[[Connection], Run]) -> None:
    settings = read_settings(data=data)
    try:
        with closing(connect(existing_data(settings) / STATE_FILE)) as connection, transaction(connection):
            run = ask(connection)
    except RunRefused as refused:
        raise click.ClickException(str(refused)) from refused
    _followed(settings, run)


def _followed(settings: Settings, run: Run, *, quiet: bool = False) -> Run:
    """Show how far a run is until it is done; where no server does it, do it here."""
    folder = Path(settings.data)
    want_lab(folder)
    lock, stop = RoleLock(folder, "lab"), threading.Event()
    worker = threading.Thread(target=run_lab, args=(settings, stop)) if lock.acquire() else None
    try:
        if worker is not None:
            worker.start()
        run = _watched(_path(settings), run, worker, quiet=quiet)
    except KeyboardInterrupt as interrupted:
        raise click.ClickException(
            f"Interrupted; run {run.id} goes on with the next command or server."
        ) from interrupted
    finally:
        stop.set()
        if worker is not None:
            worker.join()
        lock.release()
    if run.error:
        raise click.ClickException(run.error)
    return run


def _watched(path: Path, run: Run, worker: threading.Thread | None, *, quiet: bool) -> Run:
    with closing(connect(path, readonly=True)) as connection:
        while True:
            is_over = worker is not None and not worker.is_alive()  # asked first: it may end its work in between
            if (run := get_run(connection, run.id)).state not in AT_WORK:
                break
            if is_over:
                raise click.ClickException(
                    f"The work on run {run.id} broke off; it goes on with the next command or server."
                )
            if not quiet and run.until:
                click.echo(f"\r{run.state} {100 * run.cursor // run.until:3} %", nl=False, err=True)
            time.sleep(LOOK_SECONDS)
    if not quiet:
        click.echo("\r" + " " * 30 + "\r", nl=False, err=True)
    return run


def _path(settings: Settings) -> Path:
    return Path(settings.data) / STATE_FILE


# --- Showing ------------------------------------------------------------------------------------------------------


def _show(run: Run, preview: Preview, *, as_json: bool) -> None:
    if as_json:
        click.echo(json_line({"run": run.id, **asdict(preview)}))
        return
    before, after = counted(preview.issues_before, "issue"), counted(preview.issues_after, "issue")
    click.echo(
        f"{counted(preview.events, 'event')}: {before} before, {after} after. {counted(preview.moved, 'event')} would move."
    )
    for change in preview.changes[:MAX_CHANGES]:
        click.echo()
        for line in _lines(change):
            click.echo(one_line(line))
    if (more := len(preview.changes) - MAX_CHANGES) > 0:
        click.echo(f"\n{counted(more, 'smaller change')} not shown; --json has more.")
    click.echo(f"\n`mukiau policy apply {run.id}` puts it in force." if preview.changes else "\nNothing would change.")


def _lines(change: PlannedChange) -> Iterator[str]:
    yield f"{change.kind}, {counted(change.moved, 'event')} moved"
    for issue in change.before[:MAX_ISSUES_OF_A_CHANGE]:
        yield f"  before {issue.count:7,}  #{issue.id}  {issue.service or '-'}  {issue.title}"
    if (more := len(change.before) - MAX_ISSUES_OF_A_CHANGE) > 0:
        yield f"  before … and {more:,} more"
    for group in change.after[:MAX_ISSUES_OF_A_CHANGE]:
        yield f"  after  {group.count:7,}  {f'#{group.id}' if group.id else 'new'}"
    if (more := len(change.after) - MAX_ISSUES_OF_A_CHANGE) > 0:
        yield f"  after  … and {more:,} more"
