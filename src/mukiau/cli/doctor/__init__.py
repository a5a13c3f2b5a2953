"""`mukiau doctor`: look for common mistakes; say of each what was found, why it matters and what to do."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import click

from mukiau import clock
from mukiau.cli.doctor import disk, flow, machine, reach, telling
from mukiau.cli.doctor.finding import Check, Finding, Level, Patient, wrong
from mukiau.cli.options import data_option, json_option, read_settings
from mukiau.cli.terminal import counted
from mukiau.stores.sqlite import Error

CHECKS: Sequence[Check] = (
    machine.look_at_python,
    machine.look_at_sqlite,
    machine.look_at_settings,
    disk.look_at_folder,
    disk.look_at_file_system,
    disk.look_at_room,
    disk.look_at_rights,
    disk.look_at_schema,
    disk.look_at_content,
    machine.look_at_clock,
    machine.look_at_port,
    machine.look_at_open_files,
    flow.look_at_processes,
    flow.look_at_progress,
    flow.look_at_zones,
    reach.look_at_keys,
    reach.look_at_people,
    reach.look_at_address,
    reach.look_at_arrivals,
    telling.look_at_telling,
)
_MARKS = {Level.FINE: "ok  ", Level.NOTE: "note", Level.WRONG: "LOOK"}


@click.command()
@data_option
@click.option("--thorough", is_flag=True, help="Also read both databases from end to end.")
@json_option
def doctor(data: Path | None, *, thorough: bool, as_json: bool) -> None:
    """Look for common mistakes in this installation; exit code 1 when one is found.

    Run it as the user mukiau runs as, with the same settings. It changes nothing that is kept.
    """
    settings = read_settings(data=data)
    patient = Patient(settings=settings, environ=os.environ, now_ms=clock.unix_ms(), is_thorough=thorough)
    findings = list(examine(patient))
    for finding in findings:
        click.echo(json.dumps(asdict(finding), ensure_ascii=False) if as_json else render(finding))
    if not as_json:
        click.echo(sum_up(findings))
    raise SystemExit(1 if any(finding.level is Level.WRONG for finding in findings) else 0)


def examine(patient: Patient, checks: Sequence[Check] = CHECKS) -> Iterator[Finding]:
    """Yield what every look finds; one that cannot be finished is a finding, too."""
    for check in checks:
        try:
            yield from check(patient)
        except (OSError, Error) as error:
            name = check.__name__.removeprefix("look_at_").replace("_", " ")
            todo = "Run this as the user mukiau runs as; `--thorough` says whether the files are sound."
            yield wrong(name, f"cannot be looked at: {error}", why="What this look tells is not known.", todo=todo)


def sum_up(findings: Sequence[Finding]) -> str:
    """Return the last line."""
    levels = [finding.level for finding in findings]
    counts = [(levels.count(Level.WRONG), "mistake"), (levels.count(Level.NOTE), "note")]
    said = [counted(count, word) for count, word in counts if count]
    return f"\n{', '.join(said).capitalize() or 'Nothing is wrong'}."


def render(finding: Finding) -> str:
    """Return the lines of one finding."""
    lines = [f"{_MARKS[finding.level]}  {finding.check}: {finding.found}"]
    lines += [f"        {sentence}" for sentence in (finding.why, finding.todo) if sentence]
    return "\n".join(lines)
