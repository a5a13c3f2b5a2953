"""`mukiau parse` and `mukiau group`: what the server would make of these logs, without storing anything."""

import json
from collections.abc import Iterator
from heapq import heappop, heappush

import click

from mukiau.cli.files import INPUT, MAX_LINE_DIGITS, find_files, read_records
from mukiau.cli.grouping.trees import home_line
from mukiau.cli.options import encoding_option, json_option, read_settings
from mukiau.cli.terminal import block, counted, json_line, one_line
from mukiau.core.event import ExceptionInfo, Frame, Relation
from mukiau.core.grouping.kinship import Gathered, Home
from mukiau.digest.pipeline import DigestedEvent
from mukiau.wiring import digest_records

MAX_WAITING = 1_000
"""Events held back so that they come in the file's order; they come out as their entries close."""


@click.command(epilog=INPUT)
@click.argument("file", default="-")
@encoding_option
@json_option
def parse(file: str, encoding: str, *, as_json: bool) -> None:
    """Show the error events found in log text, without storing anything."""
    events, is_empty = digest_files((file,), encoding), True
    for found in events if file == "-" else in_order(events):
        is_empty = False
        click.echo(json_line(_event_to_json(found)) if as_json else _event_to_text(found))
    if is_empty and not as_json:
        click.echo("No error event was found.", err=True)


@click.command(epilog=INPUT)
@click.argument("files", nargs=-1, required=True)
@encoding_option
@json_option
def group(files: tuple[str, ...], encoding: str, *, as_json: bool) -> None:
    """Show which error events of log files are one issue, without storing anything."""
    found = Issues()
    for event in digest_files(files, encoding):
        is_doubtful = found.add(event)
        if as_json and not is_doubtful:
            click.echo(_group_to_json(event.record_ids, event.fingerprint.hash))
    homes = found.homes()
    if as_json:
        for record_ids, known_hash in found.held_back:
            home = homes.get(known_hash)
            click.echo(_group_to_json(record_ids, known_hash if home is None else str(home.known.issue)))
        return
    counts = found.counts(homes)
    for group_hash, (count, title) in sorted(counts.items(), key=lambda item: -item[1][0]):
        click.echo(f"{count:7}  {group_hash[:8]}  {title}")
    click.echo(f"{counted(sum(count for count, _ in counts.values()), 'event')}, {counted(len(counts), 'issue')}")
    for known_hash, home in sorted(homes.items()):
        click.echo(home_line(known_hash, home))


def _group_to_json(record_ids: tuple[str, ...], group_hash: str) -> str:
    return json.dumps({"record_ids": record_ids, "group": group_hash})


class Issues:
    """The issues of some logs; which issue a doubtful fingerprint belongs to is known when all are."""

    def __init__(self) -> None:
        self._gathered = Gathered()
        self._counts: dict[str, tuple[int, str]] = {}
        self.held_back: list[tuple[tuple[str, ...], str]] = []
        """(record ids, hash) of the events whose issue is not known before the end."""

    def add(self, found: DigestedEvent) -> bool:
        """Count an event; say whether it may belong to the issue of another fingerprint."""
        known_hash = found.fingerprint.hash
        count, _ = self._counts.get(known_hash, (0, ""))
        self._counts[known_hash] = (count + 1, _row(found))
        is_doubtful = self._gathered.add(found.event, known_hash, found.fingerprint.explanation)
        if is_doubtful:
            self.held_back.append((found.record_ids, known_hash))
        return is_doubtful

    def homes(self) -> dict[str, Home]:
        """Return the homes of those that do."""
        return self._gathered.homes()

    def counts(self, homes: dict[str, Home]) -> dict[str, tuple[int, str]]:
        """Return events and title of each issue."""
        counts = {known_hash: one for known_hash, one in self._counts.items() if known_hash not in homes}
        for known_hash, home in homes.items():
            count, title = counts[str(home.known.issue)]
            counts[str(home.known.issue)] = (count + self._counts[known_hash][0], title)
        return counts


def in_order(events: Iterator[DigestedEvent]) -> Iterator[DigestedEvent]:
    """Yield events by their first record, as far as those out of place are not more than MAX_WAITING apart: a file may be
    larger than memory."""
    waiting: list[tuple[int, int, DigestedEvent]] = []
    for number, found in enumerate(events):
        heappush(waiting, (_by_first_record(found), number, found))
        if len(waiting) > MAX_WAITING:
            yield heappop(waiting)[2]
    while waiting:
        yield heappop(waiting)[2]


def _by_first_record(found: DigestedEvent) -> int:
    """Events come out as their entries close; a file is shown in its own order."""
    first = found.record_ids[0] if found.record_ids else ""
    return int(first) if first.isdigit() and len(first) < MAX_LINE_DIGITS else 0


def _row(found: DigestedEvent) -> str:
    cause = f"  <- {found.title.subtitle}" if found.title.subtitle else ""
    return one_line(f"{found.event.service or '-'}  {found.title.title}{cause}")


def digest_files(files: tuple[str, ...], encoding: str) -> Iterator[DigestedEvent]:
    """Yield the error events of log files as their entries close."""
    return digest_records(read_records(find_files(files), encoding=encoding), settings=read_settings())


def _event_to_json(found: DigestedEvent) -> dict[str, object]:
    event = found.event
    return {
        "record_ids": found.record_ids,
        "level": event.level,
        "service": event.service,
        "environment": event.environment,
        "logger": event.logger,
        "message": event.message,
        "template": found.title.template,
        "language": event.origin.language or event.platform,
        "exceptions": _chain_to_json(event.exceptions),
        "fingerprint_hash": found.fingerprint.hash,
    }


_ASIDE = frozenset({Relation.SUPPRESSED, Relation.GROUP_MEMBER, Relation.AGGREGATE_MEMBER})


def _chain_to_json(chain: tuple[ExceptionInfo, ...]) -> list[dict[str, object]]:
    """Outermost first; what hangs on a suppressed exception or on a member bears its relation, so that `top`, `cause` and
    `context` alone are the main line. A type is null where the runtime has none (a thrown string)."""
    shown: list[dict[str, object]] = []
    relations: list[Relation] = []
    for link in chain:
        parent = Relation.TOP if link.parent is None else relations[link.parent]
        relations.append(parent if parent in _ASIDE else link.relation)
        frames = [_frame_to_json(frame) for frame in link.frames]
        words = {"type": link.type or None, "message": link.message, "relation": relations[-1], "parent": link.parent}
        shown.append({**words, "frames": frames})
    return shown


def _frame_to_json(frame: Frame) -> dict[str, object]:
    place = {"function": frame.function, "module": frame.module, "filename": frame.filename, "lineno": frame.lineno}
    shown: dict[str, object] = {key: value for key, value in place.items() if value}
    return shown | {"in_app": frame.in_app}


def _event_to_text(found: DigestedEvent) -> str:
    event, title = found.event, found.title
    where = "  ".join(part for part in (event.service, event.environment, event.logger) if part)
    lines = [one_line(f"{event.level.upper()}  {title.title}"), f"    {one_line(where)}" if where else ""]
    lines += [f"    {link.relation}: {_link_to_text(link)}" for link in event.exceptions]
    records = f"{', '.join(found.record_ids[:4])}{' …' * (len(found.record_ids) > 4)}"
    lines += [f"    issue {found.fingerprint.hash[:8]}, records {one_line(records)}"]
    return "\n".join(line for line in lines if line)


def _link_to_text(link: ExceptionInfo) -> str:
    return block(f"{link.type}: {link.message}".strip(": "), indent=" " * 8)
