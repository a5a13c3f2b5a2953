"""A policy's text from a file, and `mukiau policy`: look at one, or at the defaults."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import click

from mukiau.cli.options import json_option
from mukiau.cli.terminal import counted, json_line, one_line
from mukiau.core.grouping.default_text import DEFAULT_TEXT
from mukiau.core.grouping.policy import DEFAULT, Policy
from mukiau.core.grouping.policy_mistakes import render_mistake
from mukiau.core.grouping.policy_text import MAX_POLICY_CHARS, ParsedPolicy, parse_policy

Command = TypeVar("Command", bound=Callable[..., Any])
FILE = click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True)


def policy_option(name: str, help_text: str, *, required: bool = False) -> Callable[[Command], Command]:
    """Return an option that reads a policy from a file; without it the command gets the defaults."""
    return click.option(name, type=FILE, callback=_read_policy, required=required, metavar="FILE", help=help_text)


def _read_policy(_context: click.Context, _option: click.Parameter, given: Path | None) -> Policy:
    if given is None:
        return DEFAULT
    found = parse_policy(read_sound_text(given)).policy
    assert found is not None
    return found


def parse_file(path: Path) -> ParsedPolicy:
    """Return what a file says as a policy; end the command when it cannot be read."""
    return parse_policy(_read_text(path))


def read_sound_text(path: Path) -> str:
    """Return a policy's text from a file; end the command when it cannot be read or has mistakes."""
    text = _read_text(path)
    parsed = parse_policy(text)
    if parsed.policy is None:
        raise click.ClickException("\n".join([f"{path} is no sound policy.", *_rendered(path, parsed)]))
    return text


def _read_text(path: Path) -> str:
    try:
        with click.open_file(str(path), "rb") as stream:
            data: bytes = stream.read(4 * MAX_POLICY_CHARS + 1)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be read: {error.strerror}.") from error
    return data.decode("utf-8-sig", "replace")


def _rendered(path: Path, parsed: ParsedPolicy) -> list[str]:
    return [one_line(f"{path}: {render_mistake(mistake)}") for mistake in parsed.mistakes]


@click.group()
def policy() -> None:
    """Look at a grouping policy: the text that says which events are one issue."""


@policy.command()
@click.argument("file", type=FILE)
@json_option
def check(file: Path, *, as_json: bool) -> None:
    """Say whether a policy's text is sound; name every mistake with its line.

    The exit code is 1 when there is one.
    """
    parsed = parse_file(file)
    if as_json:
        for mistake in parsed.mistakes:
            click.echo(json_line(asdict(mistake)))
    else:
        for line in _rendered(file, parsed):
            click.echo(line)
        found = parsed.policy
        click.echo(
            f"{file} has {counted(len(parsed.mistakes), 'mistake')}."
            if found is None
            else f"{file} is sound: {counted(len(found.rules), 'rule')} on version {found.defaults} of the defaults."
        )
    if parsed.policy is None:
        raise SystemExit(1)


@policy.command("show-default")
@json_option
def show_default(*, as_json: bool) -> None:
    """Print the defaults as a policy's text, to read or to begin one's own with."""
    click.echo(json.dumps({"text": DEFAULT_TEXT}) if as_json else DEFAULT_TEXT, nl=as_json)
