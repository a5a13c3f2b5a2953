"""`mukiau explain`: why an event of a log file is the issue it is, and why two are one issue or two."""

from collections.abc import Iterator
from itertools import chain

import click

from mukiau.cli.analyse import digest_files, in_order
from mukiau.cli.files import INPUT
from mukiau.cli.grouping.policies import policy_option
from mukiau.cli.grouping.trees import LEGEND, comparison_lines, home_line, tree_lines
from mukiau.cli.options import encoding_option, json_option
from mukiau.cli.terminal import counted, json_line, one_line
from mukiau.core.event import Event
from mukiau.core.grouping.compare import ComparedPart, compare
from mukiau.core.grouping.distinguish import find_distinctions
from mukiau.core.grouping.explanation import explanation_to_json
from mukiau.core.grouping.fingerprint import fingerprint_of
from mukiau.core.grouping.kinship import Gathered
from mukiau.core.grouping.policy import Policy
from mukiau.core.grouping.title import title_of

MAX_DISTINCTIONS = 6


@click.command(epilog=INPUT)
@click.argument("files", nargs=-1, required=True)
@click.option(
    "--event",
    "numbers",
    type=click.IntRange(1),
    multiple=True,
    metavar="N",
    help="The Nth event; given twice, two are compared.",
)
@policy_option("--policy", "Group by the policy in this file; default: mukiau's own.")
@encoding_option
@json_option
def explain(files: tuple[str, ...], numbers: tuple[int, ...], policy: Policy, encoding: str, *, as_json: bool) -> None:
    """Show why an event is the issue it is: every part that counted and every part that did not.

    Without --event the events are listed with their numbers; a single one is explained at once. With two, it says why
    they are one issue or two, and of one issue, what would tell them apart.
    """
    if len(set(numbers)) > 2:
        raise click.UsageError("--event can be given once, or twice to compare two.")
    found = enumerate((one.event for one in in_order(digest_files(files, encoding))), 1)
    if not numbers:
        _all(found, policy, as_json=as_json)
        return
    gathered = Gathered()
    events = {number: event for number, event in _gathering(found, gathered, policy) if number in numbers}
    if missing := [number for number in numbers if number not in events]:
        raise click.ClickException(f"There is no event {missing[0]}; without --event they are listed.")
    chosen = list(dict.fromkeys(numbers))
    if len(chosen) == 2:
        _compare(events, (chosen[0], chosen[1]), policy, as_json=as_json)
        homes = {} if as_json else gathered.homes()
    elif as_json:
        home = gathered.homes().get(fingerprint_of(events[chosen[0]], policy).hash)
        joined = {} if home is None else {"part_of": home.known.issue, "because": home.because}
        click.echo(json_line(_to_json(chosen[0], events[chosen[0]], policy) | joined))
        return
    else:
        _tree(chosen[0], events[chosen[0]], policy)
        homes = gathered.homes()
    for known_hash in dict.fromkeys(fingerprint_of(events[number], policy).hash for number in chosen):
        if known_hash in homes:
            click.echo(home_line(known_hash, homes[known_hash]))


def _gathering(found: Iterator[tuple[int, Event]], gathered: Gathered, policy: Policy) -> Iterator[tuple[int, Event]]:
    """Pass events on, with what tells which of them belong to another's issue."""
    for number, event in found:
        fingerprint = fingerprint_of(event, policy)
        gathered.add(event, fingerprint.hash, fingerprint.explanation)
        yield number, event


def _head(number: int, event: Event, policy: Policy) -> str:
    title = title_of(event, policy)
    return one_line(f"{number:7}  {fingerprint_of(event, policy).hash[:8]}  {event.service or '-'}  {title.title}")


def _all(found: Iterator[tuple[int, Event]], policy: Policy, *, as_json: bool) -> None:
    """Say something of every event, one after another: a file may be larger than memory."""
    if as_json:
        for number, event in found:
            click.echo(json_line(_to_json(number, event, policy)))
        return
    first, second = next(found, None), next(found, None)
    if first is None:
        click.echo("No error event was found.", err=True)
    elif second is None:
        _tree(*first, policy)
    else:
        _list(chain((first, second), found), policy)


def _list(events: Iterator[tuple[int, Event]], policy: Policy) -> None:
    number = 0
    for number, event in events:
        click.echo(_head(number, event, policy))
    click.echo(f"{counted(number, 'event')}. --event N explains one, --event N --event M compares two.")


def _tree(number: int, event: Event, policy: Policy) -> None:
    click.echo(_head(number, event, policy))
    for line in tree_lines(fingerprint_of(event, policy).explanation):
        click.echo(line)
    click.echo(LEGEND)


def _compare(events: dict[int, Event], numbers: tuple[int, int], policy: Policy, *, as_json: bool) -> None:
    first, second = events[numbers[0]], events[numbers[1]]
    compared = compare(fingerprint_of(first, policy).explanation, fingerprint_of(second, policy).explanation)
    distinctions = find_distinctions([first, second], policy) if compared.together else ()
    if as_json:
        parts = [_part_to_json(part) for part in compared.parts]
        told = [str(one.source) for one in distinctions]
        click.echo(json_line({"events": numbers, "together": compared.together, "parts": parts, "told_apart_by": told}))
        return
    for number in numbers:
        click.echo(_head(number, events[number], policy))
    for line in comparison_lines(compared, (f"event {numbers[0]}", f"event {numbers[1]}")):
        click.echo(line)
    if distinctions:
        shown = ", ".join(str(one.source) for one in distinctions[:MAX_DISTINCTIONS])
        click.echo(one_line(f"A rule that counts one of these would make them two issues: {shown}"))


def _to_json(number: int, event: Event, policy: Policy) -> dict[str, object]:
    fingerprint = fingerprint_of(event, policy)
    return {
        "event": number,
        "title": title_of(event, policy).title,
        "fingerprint_hash": fingerprint.hash,
        "explanation": explanation_to_json(fingerprint.explanation),
    }


def _part_to_json(part: ComparedPart) -> dict[str, object]:
    return {
        "path": part.path,
        "verdict": part.verdict,
        "first": part.first,
        "second": part.second,
        "counts": part.counts,
        "reasons": part.reasons,
    }
