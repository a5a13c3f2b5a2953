"""What the forwarder would send of a file, shown on the terminal."""

from collections.abc import Iterable, Sequence

import click

from mukiau.cli.files import find_files, read_records
from mukiau.cli.options import read_settings
from mukiau.cli.terminal import json_line, one_line
from mukiau.core.event import JSONObject
from mukiau.core.records.log_groups import LogGroupTable, compile_table
from mukiau.core.records.record import Record
from mukiau.forwarder.events import EventMaker
from mukiau.forwarder.to_mukiau import pack

_PROJECT = 1


def show(file: str, *, target: str, encoding: str, as_json: bool) -> None:
    """Print what a file's records become on the way to a target."""
    table = compile_table(read_settings().log_group_pattern)
    streams = by_stream(read_records(find_files((file,)), encoding=encoding))
    if not streams:
        click.echo("No record was found.", err=True)
    for records in streams:
        if target == "mukiau":
            _show_document(records, table, as_json=as_json)
        else:
            _show_events(records, table, as_json=as_json)


def by_stream(records: Iterable[Record]) -> list[list[Record]]:
    """Return the records of each stream, in their order."""
    streams: dict[tuple[str, str, str], list[Record]] = {}
    for record in records:
        streams.setdefault(record.stream, []).append(record)
    return list(streams.values())


def _show_document(records: list[Record], table: LogGroupTable, *, as_json: bool) -> None:
    document = document_of(records)
    if as_json:
        click.echo(json_line(document))
        return
    first = records[0]
    place = table.read(first.log_group, account=first.account, log_stream=first.log_stream)
    named = ", ".join(f"{name} {value}" for name in place.__slots__ if (value := getattr(place, name)))
    click.echo(one_line(f"{first.log_group or '(no log group)'}  {first.log_stream}"))
    click.echo(one_line(f"    {named or 'no rule names its service'}"))
    click.echo(f"    {len(records):,} records in a request of {len(pack(document)):,} bytes")


def document_of(records: Sequence[Record]) -> JSONObject:
    """Return records of one stream as a document of CloudWatch Logs."""
    first = records[0]
    return {
        "messageType": "DATA_MESSAGE",
        "owner": first.account,
        "logGroup": first.log_group,
        "logStream": first.log_stream,
        "logEvents": [{"id": one.record_id, "timestamp": one.timestamp_ms, "message": one.message} for one in records],
    }


def _show_events(records: list[Record], table: LogGroupTable, *, as_json: bool) -> None:
    for event in EventMaker(project_id=_PROJECT, table=table).make(records):
        if as_json:
            click.echo(json_line(event))
            continue
        words = event.get("logentry", {}).get("formatted", "").partition("\n")[0]
        click.echo(one_line(f"{event['level'].upper()}  {words or '(no message)'}"))
        for value in reversed(event.get("exception", {}).get("values", [])):
            click.echo(one_line(f"    {value.get('type') or '-'}: {value.get('value', '')}"))
        place = {**event["tags"], "environment": event.get("environment")}
        if tags := "  ".join(f"{name}={value}" for name, value in place.items() if value):
            click.echo(one_line(f"    {tags}"))
        click.echo(f"    fingerprint {event['fingerprint'][0]}  event {event['event_id']}")
