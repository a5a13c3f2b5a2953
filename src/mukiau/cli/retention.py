"""`mukiau retention`: how long what is kept, what was deleted, and what would go now. Deletes nothing itself."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from mukiau import clock
from mukiau.cli.options import data_option, existing_data, json_option, read_settings
from mukiau.stores.upkeep import Upkeep, count_due, read_upkeep


@click.command()
@click.option("--dry-run", is_flag=True, help="Also count what is too old now; looks at every old event.")
@data_option
@json_option
def retention(data: Path | None, *, dry_run: bool, as_json: bool) -> None:
    """Show how long events are kept and what was deleted.

    The running digester deletes, a little at a time; this command only looks.
    """
    settings = read_settings(data=data)
    existing_data(settings)
    upkeep = read_upkeep(settings)
    due = count_due(settings, now_ms=clock.unix_ms()) if dry_run else None
    if as_json:
        click.echo(json.dumps({**asdict(upkeep), "due": asdict(due) if due else None}))
        return
    for name, value in described(upkeep).items():
        click.echo(f"{name:16} {value}")
    if due:
        click.echo(f"{'would go now':16} {due.payloads:,} payloads, {due.events:,} events, {mebibytes(due.bytes)}")


def described(upkeep: Upkeep) -> dict[str, str]:
    """Return what there is to say, a line each."""
    policy, storage = upkeep.policy, upkeep.storage
    deleted = ", ".join(f"{what} {count:,}" for what, count in sorted(upkeep.deleted.items()))
    is_through = upkeep.walk_finished_ms > 0
    return {
        "payloads kept": f"{policy.payload_days} days" if policy.payload_days else "for ever",
        "events kept": f"{policy.event_days} days" if policy.event_days else "for ever",
        "always kept": f"the first, the last and the {policy.newest_events} newest events of each issue",
        "deleted": deleted or "-",
        "walk": "through" if is_through else f"at {upkeep.looked_at:,} of {upkeep.last_event:,} events",
        "state": f"{mebibytes(storage.state.used_bytes)} used, {mebibytes(storage.state.file_bytes)} on disk",
        "budget": mebibytes(policy.max_state_bytes) if policy.max_state_bytes else "none",
        "spool": f"{mebibytes(storage.spool.used_bytes)} of {mebibytes(storage.max_spool_bytes)}",
        "disk free": f"{mebibytes(storage.free_bytes)} of {mebibytes(storage.disk_bytes)}",
        "warnings": ", ".join(storage.warnings) or "-",
    }


def mebibytes(count: int) -> str:
    """Return a number of bytes for people."""
    return f"{count / 1024**2:,.1f} MiB"
