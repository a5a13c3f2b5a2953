"""`mukiau policy suggest`: rules for words that vary in messages, found in log files or in what is stored."""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import asdict
from itertools import groupby
from pathlib import Path

import click

from mukiau.cli.analyse import digest_files
from mukiau.cli.files import INPUT
from mukiau.cli.grouping.policies import policy, policy_option
from mukiau.cli.grouping.stored import asking, project_option
from mukiau.cli.options import data_option, encoding_option, json_option
from mukiau.cli.terminal import counted, json_line, one_line
from mukiau.core.grouping.explanation import Part
from mukiau.core.grouping.fingerprint import fingerprint_of
from mukiau.core.grouping.policy import Policy
from mukiau.core.grouping.policy_writing import rules_of_suggestion
from mukiau.core.grouping.proposing import Proposal, propose_patterns
from mukiau.core.grouping.suggestion import Suggestion
from mukiau.stores.lab.policies import iter_explanations
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import connect

__all__ = ["policy", "suggest"]


@policy.command(epilog=INPUT)
@click.argument("files", nargs=-1)
@policy_option("--policy", "Group files by the policy in this file; default: mukiau's own.")
@encoding_option
@project_option
@data_option
@json_option
def suggest(
    files: tuple[str, ...],
    policy: Policy,
    encoding: str,
    project: str | None,
    data: Path | None,
    *,
    as_json: bool,
) -> None:
    """Suggest rules for words that vary in messages, such as people's names, topics and containers.

    They are found where at least four issues of one logger, or of one root cause, differ in one place only: in log FILES, or
    without any in what is stored. What is printed is a policy's text to read and to delete from before `mukiau lab` or
    `mukiau policy try` says what it would change. Nothing is applied.
    """
    trees = _trees_of_files(files, encoding, policy) if files else _trees_stored(data, project)
    proposals = propose_patterns(trees.values())
    if as_json:
        for one in proposals:
            click.echo(json_line(asdict(one)))
        return
    click.echo(
        f"# {counted(len(trees), 'issue')}, {counted(len(proposals), 'pattern')} that some of them have in common."
    )
    click.echo("# Keep a pattern only where its words are names: what two operations are called tells failures apart.")
    click.echo("defaults = 1")
    for _, several in groupby(proposals, key=_scope):
        click.echo()
        for line in _lines(list(several)):
            click.echo(line)


def _trees_of_files(files: tuple[str, ...], encoding: str, policy: Policy) -> dict[str, Part]:
    trees: dict[str, Part] = {}
    for found in digest_files(files, encoding):
        fingerprint = fingerprint_of(found.event, policy)
        trees.setdefault(fingerprint.hash, fingerprint.explanation)
    return trees


def _trees_stored(data: Path | None, project: str | None) -> dict[str, Part]:
    with asking(data, project) as (_, project_id, settings):
        path = Path(settings.data) / STATE_FILE
    with closing(connect(path, readonly=True)) as connection:
        return dict(iter_explanations(connection, project_id))


def _scope(one: Proposal) -> tuple[str, str, str]:
    return one.rule.service, one.rule.logger, one.rule.root_type


def _lines(proposals: list[Proposal]) -> Iterable[str]:
    for one in proposals:
        yield one_line(f"# {counted(one.issues, 'issue')}: {', '.join(one.words)}, … in: {one.rule.pattern}")
    suggestion = Suggestion(rules=tuple(one.rule for one in proposals), joined=len(proposals))
    service, logger, root_type = _scope(proposals[0])
    name = " ".join(part for part in (service, root_type.rpartition(".")[2] or logger, "words") if part)
    yield from (rule.rstrip("\n") for rule in rules_of_suggestion(suggestion, name=name))
