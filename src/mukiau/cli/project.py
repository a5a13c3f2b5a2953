"""`mukiau project`, `mukiau createadmin` and `mukiau sign-in-link`: what has to exist before anybody can send or look."""

import json
from pathlib import Path

import click

from mukiau import clock, config, supervisor
from mukiau.cli.folder import prepared_data
from mukiau.cli.options import data_option, existing_data, json_option, read_settings
from mukiau.cli.terminal import one_line
from mukiau.config import Settings
from mukiau.stores.projects import Project, create_project, create_source, dsn_at, list_projects
from mukiau.stores.server_address import find_server_url


@click.group()
def project() -> None:
    """Make and list projects and their keys."""


@project.command()
@click.argument("name")
@data_option
@json_option
def create(name: str, data: Path | None, *, as_json: bool) -> None:
    """Make a project and its first key.

    A name that exists already shows that project.
    """
    if not name.strip():
        raise click.UsageError("A project needs a name.")
    settings = read_settings(data=data)
    _show(create_project(prepared_data(settings), name, now_ms=clock.unix_ms()), settings, as_json=as_json)


@project.command("list")
@data_option
@json_option
def list_(data: Path | None, *, as_json: bool) -> None:
    """List projects and their DSNs."""
    settings = read_settings(data=data)
    for found in list_projects(existing_data(settings)):
        _show(found, settings, as_json=as_json)


@project.command()
@click.argument("name")
@click.option("--label", default="", help="What the key is for: an AWS account, an application.")
@click.option("--service", default="", help="Service of input that names none.")
@click.option("--environment", default="", help="Environment of input that names none.")
@data_option
@json_option
def key(name: str, label: str, service: str, environment: str, data: Path | None, *, as_json: bool) -> None:
    """Make another key of the project NAME."""
    settings = read_settings(data=data)
    folder = existing_data(settings)
    owner = next((found for found in list_projects(folder) if name in {found.name, found.slug, str(found.id)}), None)
    if owner is None:
        raise click.ClickException(f"No project is called {name}. `mukiau project list` shows what there is.")
    made = create_source(
        folder, owner.id, now_ms=clock.unix_ms(), label=label, service=service, environment=environment
    )
    dsn = dsn_of(settings, owner.id, made.public_key)
    click.echo(json.dumps({"id": made.id, "dsn": dsn, "public_key": made.public_key}) if as_json else dsn)


@click.command()
@click.argument("name")
@click.password_option(help="Asked for when not given.")
@data_option
def createadmin(name: str, password: str, data: Path | None) -> None:
    """Make NAME a person who may change everything."""
    settings = read_settings(data=data)
    prepared_data(settings)
    raise SystemExit(supervisor.run_role("createadmin", settings, name=name, password=password))


@click.command("sign-in-link")
@click.argument("name")
@data_option
def sign_in_link(name: str, data: Path | None) -> None:
    """Print a link that signs NAME in once, within 15 minutes.

    For when no other way is left: the password or the authenticator is lost, the company's sign-in page is down.
    """
    settings = read_settings(data=data)
    existing_data(settings)
    raise SystemExit(supervisor.run_role("sign-in-link", settings, name=name))


def dsn_of(settings: Settings, project_id: int, public_key: str) -> str:
    """Return the DSN as senders reach this server: the setting base_url, else where it listens or last listened."""
    base = settings.base_url or find_server_url(Path(settings.data)) or config.own_url(settings)
    return dsn_at(base, project_id, public_key).render()


def _show(found: Project, settings: Settings, *, as_json: bool) -> None:
    dsns = [dsn_of(settings, found.id, source.public_key) for source in found.sources]
    if as_json:
        first = {"dsn": dsns[0], "public_key": found.sources[0].public_key} if dsns else {}
        click.echo(json.dumps({"id": found.id, "slug": found.slug, "name": found.name, **first, "dsns": dsns}))
        return
    click.echo(one_line(f"{found.id}  {found.name}"))
    for source, dsn in zip(found.sources, dsns, strict=True):
        click.echo(one_line(f"    {dsn}  {source.label}{'' if source.is_active else ' (switched off)'}"))
