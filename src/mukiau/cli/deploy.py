"""`mukiau deploy`: tell that a release runs somewhere."""

import json
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

import click

from mukiau import clock
from mukiau.cli.options import data_option, existing_data, json_option, read_settings
from mukiau.cli.terminal import one_line
from mukiau.stores.projects import Project, list_projects
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import connect, transaction
from mukiau.stores.work.deploys import MAX_AHEAD_MS, Deployed, record_deploy

ACTOR = "command line"


@click.command()
@click.argument("service")
@click.argument("environment")
@click.argument("release")
@click.option("--at", default="", help="When, such as 2026-11-24T09:10:32+09:00; default: now.")
@click.option("--project", "name", default="", help="Project it belongs to; not needed when there is one.")
@data_option
@json_option
def deploy(
    service: str, environment: str, release: str, at: str, name: str, data: Path | None, *, as_json: bool
) -> None:
    """Tell that RELEASE of SERVICE runs in ENVIRONMENT.

    "" as SERVICE stands for all services of the environment. Told twice is told once. From another machine, post to
    the API: docs/how-to/environments.md.
    """
    if not environment.strip() or not release.strip():
        raise click.UsageError("A deploy needs an environment and a release.")
    folder = existing_data(read_settings(data=data))
    now_ms = clock.unix_ms()
    told = Deployed(
        project_id=_project(list_projects(folder), name).id,
        service=service.strip(),
        environment=environment.strip(),
        release=release.strip(),
        at_ms=_moment(at, now_ms),
    )
    with closing(connect(folder / STATE_FILE)) as connection, transaction(connection):
        kept, is_new = record_deploy(connection, told, actor=ACTOR, now_ms=now_ms)
    if as_json:
        click.echo(json.dumps({"id": kept.id, "is_new": is_new}))
        return
    where = f"{kept.service or 'all services'} {kept.release} in {kept.environment}"
    click.echo(one_line(f"{where}: {'kept' if is_new else 'was told before'}."))


def _project(projects: Sequence[Project], name: str) -> Project:
    wanted = [project for project in projects if not name or name in {project.name, project.slug, str(project.id)}]
    if len(wanted) != 1:
        raise click.ClickException("Say which project: --project NAME. `mukiau project list` shows what there is.")
    return wanted[0]


def _moment(at: str, now_ms: int) -> int:
    if not at:
        return now_ms
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise click.UsageError("--at takes a time such as 2026-11-24T09:10:32+09:00.") from None
    at_ms = int(moment.timestamp() * 1000)
    if moment.tzinfo is None or at_ms > now_ms + MAX_AHEAD_MS:
        raise click.UsageError("--at needs a zone (Z or +09:00), and may not be in the future.")
    return at_ms
