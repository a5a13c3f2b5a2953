"""`mukiau status` and `mukiau events`: what the data folder holds. Neither loads the web framework."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from mukiau import clock
from mukiau.cli.options import data_option, existing_data, json_option, read_settings
from mukiau.cli.retention import described
from mukiau.cli.terminal import one_line
from mukiau.stores.reader import iter_events, read_status
from mukiau.stores.upkeep import read_upkeep


@click.command()
@data_option
@json_option
def status(data: Path | None, *, as_json: bool) -> None:
    """Show how much was accepted, digested, dropped and set aside.

    `pending` counts what was accepted and is not visible yet; 0 means everything is.
    """
    settings = read_settings(data=data)
    values = asdict(read_status(existing_data(settings)))
    upkeep = read_upkeep(settings)
    if as_json:
        click.echo(json.dumps({**values, "upkeep": asdict(upkeep)}))
        return
    now_ms, beat_ms, oldest_ms = clock.unix_ms(), values.pop("heartbeat_ms"), values.pop("oldest_waiting_ms")
    values["oldest waiting"] = f"for {(now_ms - oldest_ms) // 1000:,} s" if oldest_ms else ""
    values["digest"] = f"was alive {(now_ms - beat_ms) // 1000:,} s ago" if beat_ms else "has not run yet"
    values["last backup"] = f"{(now_ms - upkeep.last_backup_ms) // 1000:,} s ago" if upkeep.last_backup_ms else ""
    for name, value in {**values, **described(upkeep)}.items():
        shown = ", ".join(f"{reason} {count}" for reason, count in value.items()) if isinstance(value, dict) else value
        click.echo(one_line(f"{name.replace('_', ' '):16} {shown if shown not in (None, '') else '-'}"))


@click.command()
@data_option
@json_option
def events(data: Path | None, *, as_json: bool) -> None:
    """List the events that were digested, oldest first."""
    for event in iter_events(existing_data(read_settings(data=data))):
        values = asdict(event)
        line = json.dumps(values) if as_json else one_line("  ".join(str(values[name]) for name in _COLUMNS))
        click.echo(line)


_COLUMNS = ("occurred_at", "event_id", "issue", "environment")
