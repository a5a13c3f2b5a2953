"""`mukiau lab`: what a draft of a grouping policy would change, tried on log files."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import click

from mukiau.cli.analyse import digest_files
from mukiau.cli.files import INPUT
from mukiau.cli.grouping.policies import policy_option
from mukiau.cli.grouping.trees import pair_lines
from mukiau.cli.options import encoding_option, json_option
from mukiau.cli.terminal import counted, json_line, one_line
from mukiau.core.event import Event
from mukiau.core.grouping.compare import ComparedPart, compare
from mukiau.core.grouping.effect import Change, ChangeKind, Effect, effect_of
from mukiau.core.grouping.explanation import Part
from mukiau.core.grouping.fingerprint import fingerprint_of
from mukiau.core.grouping.policy import Policy
from mukiau.core.grouping.title import title_of

MAX_CHANGES = 40
MAX_ISSUES_OF_A_CHANGE = 8


@dataclass(slots=True)
class Trial:
    """Both policies on the events seen so far; of each issue the first event's title and explanation are kept."""

    against: Policy
    draft: Policy
    flows: Counter[tuple[str, str]] = field(default_factory=Counter)
    titles: dict[str, str] = field(default_factory=dict)
    samples: dict[str, Part] = field(default_factory=dict)
    """Issue → an event's explanation, by the policy that made the issue."""

    def add(self, event: Event) -> None:
        """Group one event by both."""
        hashes = []
        for policy in (self.against, self.draft):
            fingerprint = fingerprint_of(event, policy)
            hashes.append(fingerprint.hash)
            if fingerprint.hash not in self.samples:
                self.samples[fingerprint.hash] = fingerprint.explanation
                self.titles[fingerprint.hash] = one_line(f"{event.service or '-'}  {title_of(event, policy).title}")
        self.flows[hashes[0], hashes[1]] += 1

    def effect(self) -> Effect:
        """Return what changes."""
        return effect_of((before, after, count) for (before, after), count in self.flows.items())


@click.command(epilog=INPUT)
@click.argument("files", nargs=-1, required=True)
@policy_option("--policy", "The draft.", required=True)
@policy_option("--against", "The policy in force; default: mukiau's own.")
@encoding_option
@json_option
def lab(files: tuple[str, ...], policy: Policy, against: Policy, encoding: str, *, as_json: bool) -> None:
    """Try a draft of a grouping policy on log files: which issues would be split, merged, new.

    What changes most comes first. Nothing is stored.
    """
    trial = Trial(against=against, draft=policy)
    for found in digest_files(files, encoding):
        trial.add(found.event)
    effect = trial.effect()
    if as_json:
        for change in effect.changes:
            click.echo(json_line(_to_json(change, trial)))
        return
    click.echo(_summary(effect))
    for change in effect.changes[:MAX_CHANGES]:
        click.echo()
        for line in _lines(change, trial):
            click.echo(line)
    if (more := len(effect.changes) - MAX_CHANGES) > 0:
        click.echo(f"\n{counted(more, 'smaller change')} not shown; --json has all.")


def _summary(effect: Effect) -> str:
    before, after = counted(effect.issues_before, "issue"), counted(effect.issues_after, "issue")
    if not effect.changes:
        return f"{counted(effect.occurrences, 'event')}, {before}: nothing changes."
    return (
        f"{counted(effect.occurrences, 'event')}: {before} before, {after} after. {counted(effect.moved, 'occurrence')} "
        f"would move; {counted(effect.new, 'issue')} new, {effect.gone:,} gone."
    )


def _lines(change: Change, trial: Trial) -> Iterator[str]:
    heirs = {after for _, after in change.heirs}
    yield f"{change.kind}, {counted(change.moved, 'occurrence')} moved"
    yield from _issues("before", change.before, trial)
    yield from _issues("after ", change.after, trial, new=heirs)
    if (part := _told_apart(change, trial)) is not None:
        yield "  no longer told apart by" if change.kind is ChangeKind.MERGED else "  told apart by"
        yield from (f"  {line}" for line in pair_lines(part, ("one", "other")))


def _issues(
    label: str, issues: tuple[tuple[str, int], ...], trial: Trial, *, new: set[str] | None = None
) -> Iterator[str]:
    for issue, count in issues[:MAX_ISSUES_OF_A_CHANGE]:
        mark = "" if new is None or issue in new else " (new)"
        yield f"  {label} {count:7,}  {issue[:8]}  {trial.titles[issue]}{mark}"
    if (more := len(issues) - MAX_ISSUES_OF_A_CHANGE) > 0:
        yield f"  {label} … and {more:,} more"


def _told_apart(change: Change, trial: Trial) -> ComparedPart | None:
    """Return what tells two of the issues apart: after a split, before a merge."""
    apart = change.before if change.kind is ChangeKind.MERGED else change.after
    first, second = (trial.samples[issue] for issue, _ in apart[:2])
    return next(iter(compare(first, second).apart_by), None)


def _to_json(change: Change, trial: Trial) -> dict[str, object]:
    def issues(found: tuple[tuple[str, int], ...]) -> list[dict[str, object]]:
        return [{"hash": issue, "occurrences": count, "title": trial.titles[issue]} for issue, count in found]

    return {
        "kind": change.kind,
        "moved": change.moved,
        "before": issues(change.before),
        "after": issues(change.after),
        "flows": change.flows,
        "heirs": change.heirs,
    }
