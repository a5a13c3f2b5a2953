"""The command: reads the files once, for their looks and for the errors in them."""

import json
import time
from collections.abc import Iterator
from itertools import islice

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from mukiau import codec
from mukiau.cli.files import INPUT, find_files, read_batches
from mukiau.cli.learn.advice import advise
from mukiau.cli.learn.findings import Findings
from mukiau.cli.learn.report import MAX_WIDTH, show
from mukiau.cli.options import encoding_option, json_option, read_settings
from mukiau.core.records.record import Record
from mukiau.core.records.survey import Survey
from mukiau.wiring import digest_records

MAX_LINES = 500_000
_SHOWN_EVERY = 1_000


@click.command(epilog=INPUT)
@click.argument("files", nargs=-1, required=True)
@encoding_option
@click.option("--lines", default=MAX_LINES, show_default=True, help="Read no more lines than these; 0: all.")
@json_option
def learn(files: tuple[str, ...], encoding: str, lines: int, *, as_json: bool) -> None:
    """Show what is in log files: their format, time, services and levels, and the issues they would make.

    Nothing is stored and no server is needed. Ctrl-C shows what was found so far.
    """
    names = find_files(files)
    findings = Findings(files=tuple(names), survey=Survey(loads=codec.loads))
    settings = read_settings()
    began = time.monotonic()
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), console=Console(stderr=True), transient=True
    ) as bar:
        records = _shown(islice(_records(findings, encoding), lines or None), bar)
        try:
            for found in digest_records(records, settings=settings):
                findings.note(found)
        except KeyboardInterrupt:
            findings.is_cut = True
    findings.is_cut |= bool(lines) and findings.survey.lines >= lines
    findings.seconds = time.monotonic() - began
    advice = advise(findings, table=str(settings.log_group_pattern), encoding=encoding)
    if as_json:
        click.echo(json.dumps(findings.as_json() | {"advice": advice}, ensure_ascii=False))
    else:
        console = Console()
        show(findings, advice, Console(width=min(console.width, MAX_WIDTH)))


def _records(findings: Findings, encoding: str) -> Iterator[Record]:
    for name in findings.files:
        for batch in read_batches(name, numbered=True, encoding=encoding):
            findings.note_rejected(name, batch.rejected)
            for record in batch.records:
                findings.survey.note(record)
                yield record


def _shown(records: Iterator[Record], bar: Progress) -> Iterator[Record]:
    task = bar.add_task("reading")
    for number, record in enumerate(records):
        if number % _SHOWN_EVERY == 0:
            bar.update(task, description=f"{number:,} lines")
        yield record
