"""`mukiau serve` and the processes it starts."""

from pathlib import Path

import click

from mukiau import logs, supervisor
from mukiau.cli.options import data_option, read_settings

MAX_PORT = 65_535


@click.command()
@data_option
@click.option("--host", help="Address to listen on (MUKIAU_HOST; default: 127.0.0.1).")
@click.option("--port", type=int, help="Port to listen on (MUKIAU_PORT; default: 8000).")
@click.option("--no-quota", is_flag=True, help="Do not limit how much a key may send.")
@click.option("--demo", is_flag=True, help="Load the demo when the data folder is empty.")
def serve(data: Path | None, host: str | None, port: int | None, *, no_quota: bool, demo: bool) -> None:
    """Start mukiau: intake, digest and pages on one port. Ctrl-C stops it."""
    settings = read_settings(data=data, host=host, port=port, **({"quota_events": 0} if no_quota else {}))
    if not 0 <= settings.port <= MAX_PORT:
        raise click.UsageError(f"{settings.port} is no port; it must be 1 to {MAX_PORT}.")
    logs.set_up(settings, "serve")
    raise SystemExit(supervisor.serve(settings, demo=demo, no_quota=no_quota))


@click.command()
@data_option
def migrate(data: Path | None) -> None:
    """Bring the data folder to this version (serve does it by itself)."""
    raise SystemExit(_play("migrate", data))


@click.command()
@click.argument("name")
@data_option
def role(name: str, data: Path | None) -> None:
    """Run one process of mukiau alone: intake, digest, web or lab."""
    raise SystemExit(_play(name, data))


def _play(role: str, data: Path | None) -> int:
    settings = read_settings(data=data)
    logs.set_up(settings, role)
    return supervisor.run_role(role, settings)
