"""The report on a terminal. Nothing of a log is ever markup, and nothing of it moves the cursor."""

from collections import Counter
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from mukiau.cli.files import MAX_LINE_DIGITS
from mukiau.cli.learn.findings import Findings, Group, moment
from mukiau.cli.rejections import what_was_given
from mukiau.cli.terminal import counted, one_line
from mukiau.core.event import Level
from mukiau.core.records.survey import Shape, Survey, Trouble

MAX_WIDTH = 100
MAX_GROUPS = 15
MAX_NAMES = 5
_STYLES = {"fatal": "bold red", "error": "red", "warning": "yellow", "info": "green", "debug": "dim"}
_SHAPES = {
    Shape.JSON: "JSON",
    Shape.TIME_AND_LEVEL: "text with time and level",
    Shape.TIME: "text with a time",
    Shape.LEVEL: "text with a level",
    Shape.TRACE: "lines of stack traces",
    Shape.OTHER: "further lines of a message",
    Shape.BLANK: "blank",
}
_LANGUAGES = {"csharp": ".NET", "java": "JVM", "javascript": "JavaScript", "node": "Node.js", "php": "PHP"}
_TROUBLES = {
    Trouble.BROKEN_JSON: "JSON that is cut or broken; read as far as it goes",
    Trouble.UNDECODABLE: "characters that are none in this encoding; shown as \ufffd",
    Trouble.STRAY: "neither time nor level nor trace, before the first line that has them",
}


def show(findings: Findings, advice: Iterable[str], console: Console) -> None:
    """Print everything."""
    _show_head(findings, console)
    if findings.survey.lines:
        _show_looks(findings, console)
        _show_groups(findings, console)
        _show_unread(findings, console)
    console.print(Rule("What to do", align="left", style="dim"))
    for sentence in advice:
        console.print(Padding(_hanging("•", one_line(sentence)), (0, 0, 0, 2)))


def _show_head(findings: Findings, console: Console) -> None:
    names = ", ".join(one_line(name) for name in findings.files[:MAX_NAMES])
    more = f" and {len(findings.files) - MAX_NAMES} more" if len(findings.files) > MAX_NAMES else ""
    console.print(Text(f"{names}{more}", style="bold"))
    read = f"{counted(findings.survey.lines, 'log line')} in {findings.seconds:.1f} s"
    console.print(Text(f"{read}; reading stopped there" if findings.is_cut else read, style="dim"))
    console.print()


def _show_looks(findings: Findings, console: Console) -> None:
    survey = findings.survey
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for label, text in (
        ("format", _shares(Counter({_SHAPES[s]: n for s, n in survey.shapes.items()}), survey.looked_at)),
        ("time", Text(_period(survey))),
        ("levels", _levels(survey)),
        ("log groups", _names(survey.log_groups)),
        ("services", _names(survey.services + findings.services)),
        ("runtimes", _names(Counter({_LANGUAGES.get(k, k.title()): n for k, n in findings.languages.items()}))),
    ):
        if text.plain:
            table.add_row(label, text)
    console.print(Rule("What it is", align="left", style="dim"))
    console.print(Padding(table, (0, 0, 1, 2)))


def _show_groups(findings: Findings, console: Console) -> None:
    count, issues = findings.events, len(findings.groups)
    title = (
        f"What fails: {counted(count, 'event')}, which would be {counted(issues, 'issue')}" if count else "What fails"
    )
    console.print(Rule(title, align="left", style="dim"))
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for group in findings.largest[:MAX_GROUPS]:
        table.add_row(f"{group.count:,}", _issue(group))
    if issues > MAX_GROUPS:
        rest = sum(group.count for group in findings.largest[MAX_GROUPS:])
        table.add_row(
            f"{rest:,}", Text(f"in {counted(issues - MAX_GROUPS, 'more issue')}: mukiau group lists all", style="dim")
        )
    if not count:
        table.add_row("", Text("nothing", style="dim"))
    console.print(Padding(table, (0, 0, 1, 2)))


def _issue(group: Group) -> Text:
    text = Text(one_line(group.title), style=_STYLES.get(group.level, ""))
    if group.cause:
        text.append(f"\n<- {one_line(group.cause)}", style="default")
    services = [one_line(name) for name, _ in group.services.most_common(MAX_NAMES) if name]
    if services:
        text.append(f"\n{', '.join(services)}", style="dim")
    return text


def _show_unread(findings: Findings, console: Console) -> None:
    rows = [*_rejected(findings), *_troubles(findings.survey)]
    if not rows:
        return
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for count, why, samples in rows:
        table.add_row(f"{count:,}", Text(why))
        for sample in samples:
            table.add_row("", Text(one_line(sample)[:200], style="dim", overflow="ellipsis", no_wrap=True))
    console.print(Rule("What could not be read as it was meant", align="left", style="dim"))
    console.print(Padding(table, (0, 0, 1, 2)))


def _rejected(findings: Findings) -> Iterator[tuple[int, str, list[str]]]:
    for reason, count in findings.rejected.most_common():
        yield count, f"no log line: {what_was_given(reason)}", [", ".join(findings.rejected_samples[reason])]


def _troubles(survey: Survey) -> Iterator[tuple[int, str, list[str]]]:
    for trouble, count in survey.troubles.most_common():
        yield count, _TROUBLES[trouble], [_sample(place, text) for place, text in survey.samples[trouble]]


def _sample(record_id: str, text: str) -> str:
    """A line's number helps to find it; an id of CloudWatch's only takes the room."""
    return f"{record_id}: {text}" if record_id.isdigit() and len(record_id) < MAX_LINE_DIGITS else text


def _shares(counts: Counter[str], total: int) -> Text:
    return Text("\n".join(f"{_percent(count, total):>5} {name}" for name, count in counts.most_common()))


def _levels(survey: Survey) -> Text:
    total = sum(survey.levels.values())
    text = Text()
    for level, count in survey.levels.most_common():
        text.append(", " if text else "")
        text.append(f"{_percent(count, total)} {level or 'none stated'}", style=_style(level))
    return text


def _style(level: Level | None) -> str:
    return _STYLES.get(str(level), "") if level else ""


def _names(counts: Counter[str]) -> Text:
    named = [(name, count) for name, count in counts.most_common() if name]
    shown = ", ".join(one_line(name) for name, _ in named[:MAX_NAMES])
    return Text(f"{shown} and {len(named) - MAX_NAMES} more" if len(named) > MAX_NAMES else shown)


def _period(survey: Survey) -> str:
    first, last = map(moment, survey.period)
    if first is None or last is None:
        return "not stated"
    return f"{first} UTC" if first == last else f"{first} to {last if first[:10] != last[:10] else last[11:]} UTC"


def _percent(count: int, total: int) -> str:
    share = 100 * count / (total or 1)
    return f"{share:.0f} %" if share >= 1 else "< 1 %"


def _hanging(mark: str, sentence: str) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_row(mark, Text(sentence))
    return table
