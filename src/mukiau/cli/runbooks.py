"""`mukiau runbooks`: manuals in from lists and folders, out to a folder, and a folder that git keeps."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import click

from mukiau import clock
from mukiau.cli.options import data_option, existing_data, json_option, read_settings
from mukiau.cli.runbook_files import files_of, is_markdown, read_text, refuse_outside, write_text
from mukiau.cli.terminal import counted, json_line, one_line
from mukiau.core.event import JSONObject
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import Connection, connect
from mukiau.stores.state_file import changing
from mukiau.stores.work.exchange import Brought, Outcome, bring_in, do_step, read_kept, read_kept_of
from mukiau.stores.work.known_runbooks import KnownRunbooks
from mukiau.stores.work.matching import continue_matching
from mukiau.stores.work.proposals import Proposal, read_proposals
from mukiau.stores.work.runbooks import Author
from mukiau.stores.work.suggestions import find_proposals, record_proposals
from mukiau.work.exchange.listing import ListProblem, parse_listing
from mukiau.work.exchange.markdown import text_of_manual, text_of_markdown
from mukiau.work.exchange.syncing import Act, Kept, Step, plan_sync
from mukiau.work.runbooks.front_matter import REMEMBERED, parse_runbook
from mukiau.work.runbooks.rules import MatchRule, rules_to_json

PROPOSED_DAYS = 90
MAX_FEW_REMOVED = 3
"""So many files may be gone without a question; more than that, and more than half of all, is a wrong folder."""
RUNBOOKS_AT_ONCE = min(20, REMEMBERED)
"""Of one transaction: digest waits for it some hundredths of a second at most."""
PROPOSALS_AT_ONCE = 500
_DAY_MS = 86_400_000
_Thing = TypeVar("_Thing")
Told = tuple[Step, str, str]
"""What was done, the runbook's code, and why its new text is not in force."""
_PROBLEMS = {
    ListProblem.NO_TITLE_COLUMN: "the first line names no column `title`",
    ListProblem.NO_TITLE: "there is no title",
    ListProblem.BAD_ADDRESS: "the address is not one of http or https",
    ListProblem.TWICE: "the title was there before, for the same services",
    ListProblem.TOO_MANY: "the list is too long",
    ListProblem.NOT_CSV: "this is no CSV",
}
_SAID = {
    Act.TAKE_NEW: "new",
    Act.TAKE: "changed",
    Act.WRITE: "written",
    Act.RETIRE: "retired",
    Act.TELL_RETIRED: "retired on the server; its file is still there",
    Act.CONFLICT: "CONFLICT: changed on both sides; nothing was done",
    Act.NOTE_COMMON: "the same",
    Act.FORGET: "gone on both sides",
}


@click.group()
def runbooks() -> None:
    """Bring runbooks in and out, and keep them the same as a folder."""


@runbooks.command("import")
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option("--draft", "as_drafts", is_flag=True, help="Do not put them in force yet.")
@data_option
@json_option
def import_(source: Path, data: Path | None, *, as_drafts: bool, as_json: bool) -> None:
    """Make runbooks of SOURCE: a CSV list, a Markdown file, or a folder of them.

    The columns of a list are title, url, service and keywords; only the title has to be there. What is known already (by
    its address, or by title and services) is left as it is. Then match rules are proposed from the issues of the last 90
    days.
    """
    folder = existing_data(read_settings(data=data))
    texts, now_ms = tuple(_texts_of(source)), clock.unix_ms()
    brought: list[Brought] = []
    for some in _in_parts(texts, RUNBOOKS_AT_ONCE):
        _take_apart(some)
        with changing(folder) as connection:
            brought += bring_in(connection, some, by=_author(now_ms), as_drafts=as_drafts)
    new = [one.runbook_id for one in brought if one.runbook_id is not None]
    _match(folder)
    proposals = _propose(folder, new, now_ms=now_ms)
    if as_json:
        click.echo(json_line({"runbooks": list(map(_brought_json, brought)), "proposals": _proposals_json(proposals)}))
        return
    _tell_brought(brought)
    _tell_proposals(proposals)


@runbooks.command("proposals")
@data_option
@json_option
def proposals_(data: Path | None, *, as_json: bool) -> None:
    """List the match rules that are proposed and not answered yet."""
    folder = existing_data(read_settings(data=data))
    with closing(connect(folder / STATE_FILE, readonly=True)) as connection:
        found = read_proposals(connection)
    if as_json:
        click.echo(json_line(_proposals_json(found)))
    else:
        _tell_proposals(found)


@runbooks.command()
@click.argument("target", type=click.Path(file_okay=False, path_type=Path))
@data_option
def export(target: Path, data: Path | None) -> None:
    """Write every runbook to a file of the folder TARGET, named by its code.

    Retired runbooks are left out. A file that is there and says something else is not overwritten.
    """
    folder = existing_data(read_settings(data=data))
    with closing(connect(folder / STATE_FILE, readonly=True)) as connection:
        kept = [runbook for runbook in read_kept(connection) if not runbook.is_retired]
    files = {f"{runbook.code}.md": runbook.text for runbook in kept}
    refuse_outside(target, files)
    in_the_way = [name for name, text in files.items() if (target / name).exists() and read_text(target / name) != text]
    target.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        if name not in in_the_way:
            write_text(target / name, text)
    click.echo(f"{counted(len(kept) - len(in_the_way), 'runbook')} in {target}")
    if in_the_way:
        raise click.ClickException(f"Not overwritten, because they say something else: {', '.join(in_the_way)}")


@runbooks.command()
@click.argument("source", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
@click.option("--removals", is_flag=True, help="Retire the runbooks of missing files even when most are missing.")
@data_option
@json_option
def sync(source: Path, data: Path | None, *, dry_run: bool, removals: bool, as_json: bool) -> None:
    """Make the runbooks and the Markdown files of the folder SOURCE the same.

    A new file becomes a runbook and a changed one its next version, in force at once; a removed one retires its runbook. A
    runbook that changed on the server, or has no file yet, is written to its file. Where both sides changed nothing is
    done, and the command ends with 1. Hidden folders and README.md are passed over.
    """
    folder = existing_data(read_settings(data=data))
    files = files_of(source)
    with closing(connect(folder / STATE_FILE, readonly=True)) as connection:
        steps = _steps(files, read_kept(connection))
    _refuse_wrong_folder(steps, files, is_meant=removals)
    refuse_outside(source, (step.path for step in steps if step.act is Act.WRITE))
    told: list[Told] = [(step, step.code, "") for step in steps] if dry_run else []
    try:
        if not dry_run:
            _do_all(folder, steps, files, source, told)
            _match(folder)
    finally:
        _tell_steps(told, as_json=as_json)
    if any(step.act is Act.CONFLICT for step, _, _ in told):
        raise SystemExit(1)


def _steps(files: Mapping[str, str], kept: Sequence[Kept]) -> list[Step]:
    return [step for step in plan_sync(files, kept) if step.act is not Act.NOTHING]


def _do_all(data: Path, steps: Sequence[Step], files: Mapping[str, str], source: Path, told: list[Told]) -> None:
    """Do the steps, a few in each transaction; those are planned anew, as somebody may have changed a runbook meanwhile."""
    for some in _in_parts(steps, RUNBOOKS_AT_ONCE):
        _take_apart(step.text for step in some)
        with changing(data) as connection:
            of_these = {step.path: files[step.path] for step in some if step.path in files}
            now = _steps(of_these, read_kept_of(connection, some))
            refuse_outside(source, (step.path for step in now if step.act is Act.WRITE))
            done = [_do(connection, step, source) for step in now]
        told += done


def _propose(folder: Path, runbook_ids: Sequence[int], *, now_ms: int) -> list[Proposal]:
    """Go through the issues of the last months; return what is proposed of these runbooks."""
    wanted = frozenset(runbook_ids)
    with closing(connect(folder / STATE_FILE)) as connection:
        since_ms = now_ms - PROPOSED_DAYS * _DAY_MS
        found = find_proposals(connection, wanted, known=KnownRunbooks(), since_ms=since_ms)
    for some in _in_parts(found, PROPOSALS_AT_ONCE):
        with changing(folder) as connection:
            record_proposals(connection, some, at_ms=now_ms)
    with closing(connect(folder / STATE_FILE, readonly=True)) as connection:
        return [one for one in read_proposals(connection) if one.runbook_id in wanted]


def _match(folder: Path) -> None:
    """Compare the errors there are with the rules that came."""
    with closing(connect(folder / STATE_FILE)) as connection:
        while continue_matching(connection):
            pass


def _in_parts(things: Sequence[_Thing], size: int) -> Iterator[Sequence[_Thing]]:
    for start in range(0, len(things), size):
        yield things[start : start + size]


def _take_apart(texts: Iterable[str]) -> None:
    """Have texts remembered taken apart, so that nobody waits for that while they are saved."""
    for text in texts:
        parse_runbook(text)


def _author(at_ms: int) -> Author:
    return Author(name="mukiau runbooks", at_ms=at_ms)


def _texts_of(source: Path) -> Iterator[str]:
    """Yield what is to become runbooks; what cannot is told on stderr."""
    if source.is_dir():
        for path, text in files_of(source).items():
            yield text_of_markdown(text, name=Path(path).stem)
    elif is_markdown(source):
        yield text_of_markdown(read_text(source), name=source.stem)
    else:
        listing = parse_listing(read_text(source))
        for line, problem in listing.problems:
            click.echo(f"{source.name}, line {line}: left out, because {_PROBLEMS[problem]}.", err=True)
        yield from map(text_of_manual, listing.manuals)


def _refuse_wrong_folder(steps: Sequence[Step], files: Mapping[str, str], *, is_meant: bool) -> None:
    """End the command where most files are gone: rather somebody named the wrong folder than removed them all."""
    gone = sum(step.act is Act.RETIRE for step in steps)
    if gone > MAX_FEW_REMOVED and gone > len(files) and not is_meant:
        raise click.ClickException(
            f"The files of {counted(gone, 'runbook')} are not there, and {counted(len(files), 'file')} are: nothing was "
            "done. If they were removed on purpose, add --removals."
        )


def _do(connection: Connection, step: Step, folder: Path) -> Told:
    """Do one step on both sides; the file is written first, for a step that was cut off is then only noted again."""
    if step.act is Act.WRITE:
        try:
            write_text(folder / step.path, step.text)
        except OSError as error:
            raise click.ClickException(f"{step.path} cannot be written: {error.strerror}.") from error
    code, mistake = do_step(connection, step, by=_author(clock.unix_ms()))
    return step, code, mistake


def _tell_brought(brought: Sequence[Brought]) -> None:
    for one in brought:
        note = f": {one.mistake}" if one.mistake else ""
        click.echo(f"{one.outcome.value:10} {one.code:10} {one_line(one.title)}{one_line(note)}")
    new = sum(one.outcome is not Outcome.KNOWN for one in brought)
    click.echo(f"{counted(new, 'runbook')} brought in, {len(brought) - new:,} known already")


def _tell_proposals(proposals: Sequence[Proposal]) -> None:
    for one in proposals:
        click.echo(f"\n{one.code} {one_line(one.title)}")
        click.echo(f"  rule    {one_line(_rule_text(one.rule))}")
        click.echo(f"  why     {one.share:.0%} of its words: {one_line(', '.join(one.words))}")
        for issue in one.issues:
            click.echo(f"  answers #{issue.id} {one_line(issue.title)} ({counted(issue.event_count, 'event')})")
    click.echo(f"{counted(len(proposals), 'match rule')} proposed")


def _tell_steps(told: Sequence[Told], *, as_json: bool) -> None:
    if as_json:
        steps = [{"act": step.act.value, "path": step.path, "code": code, "mistake": why} for step, code, why in told]
        click.echo(json_line(steps))
        return
    for step, code, mistake in told:
        note = f" (not in force: {mistake})" if mistake else ""
        click.echo(one_line(f"{_SAID[step.act]}: {step.path} {code}{note}"))
    if not told:
        click.echo("Nothing to do: the folder and the server are the same.")


def _rule_text(rule: MatchRule) -> str:
    return ", ".join(f"{one.aspect.value}: {' | '.join(one.patterns)}" for one in rule.conditions)


def _brought_json(one: Brought) -> dict[str, str]:
    return {"outcome": one.outcome.value, "code": one.code, "title": one.title, "mistake": one.mistake}


def _proposals_json(proposals: Sequence[Proposal]) -> list[JSONObject]:
    return [
        {
            "id": one.id,
            "runbook": one.code,
            "title": one.title,
            "rule": rules_to_json([one.rule])[0],
            "share": round(one.share, 3),
            "words": one.words,
            "issues": [issue.id for issue in one.issues],
            "issue_count": one.issue_count,
            "event_count": one.event_count,
        }
        for one in proposals
    ]
