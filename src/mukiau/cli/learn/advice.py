"""What to do next, by what was found: sentences for somebody who sees mukiau for the first time."""

import shlex
from collections.abc import Iterator

from mukiau.cli.learn.findings import Findings
from mukiau.core.records.log_groups import compile_table
from mukiau.core.records.survey import Shape, Trouble

_MANY_PERCENT = 20
_SOME_PERCENT = 2


def advise(findings: Findings, *, table: str, encoding: str) -> list[str]:
    """Return what is worth doing or knowing, the most useful first; never empty where there are lines."""
    if not findings.survey.lines:
        return ["There is no line in it."]
    return [*_on_reading(findings, encoding), *_on_names(findings, table), *_on_errors(findings), _next(findings)]


def _on_reading(findings: Findings, encoding: str) -> Iterator[str]:
    survey = findings.survey
    if _percent(findings, survey.troubles[Trouble.UNDECODABLE]) >= _SOME_PERCENT and not encoding:
        yield "Many characters cannot be decoded: try --encoding cp932 (Shift_JIS), euc-jp or utf-16."
    if _percent(findings, survey.shapes[Shape.TRACE]) >= _SOME_PERCENT:
        yield (
            "Lines of a trace are log lines of their own here. That is fine: they are put together, also when others"
            " stand in between. Only never filter before mukiau, or the frames are lost."
        )
    if survey.wrapped * 2 > survey.looked_at:
        yield "What the container runtime put in front of each line is taken off; nothing needs to be changed."
    if survey.period[0] is None:
        yield "No line tells its time: events get the time they arrive. Give the logger a layout with one."
    heads = sum(survey.levels.values())
    if heads and survey.levels[None] * 100 >= heads * (100 - _SOME_PERCENT):
        yield "Lines state no level, so only traces and dying processes are errors. Add the level to the layout."


def _on_names(findings: Findings, table: str) -> Iterator[str]:
    groups = findings.survey.log_groups
    places = compile_table(table)
    unread = [name for name in groups if not places.read(name).service]
    if unread:
        yield (
            f"The log group {unread[0]} is not of the form {table}: MUKIAU_LOG_GROUP_PATTERN tells where service and"
            " environment stand in it."
        )
    elif not groups and not findings.survey.services and not any(findings.services):
        yield (
            "Nothing names the service, and grouping begins with it: give a log group (--log-group"
            " /ecs/acme-prod/order), or a service to the key."
        )


def _on_errors(findings: Findings) -> Iterator[str]:
    if not findings.events:
        yield "No error was found. Errors are lines of level ERROR and above, warnings with a trace, and bare traces."
    elif findings.bare * 100 >= findings.events * _MANY_PERCENT:
        yield (
            f"{findings.bare:,} of {findings.events:,} events carry no exception and are grouped by their message. Where"
            " one was caught, log it with its trace: logger.exception(…), log.error(…, e), log.error({ err })."
        )


def _next(findings: Findings) -> str:
    files = " ".join(shlex.quote(file) for file in findings.files[:3]) + " …" * (len(findings.files) > 3)
    group = "" if findings.survey.log_groups else " --log-group /ecs/ENVIRONMENT/SERVICE"
    return f"To see them as issues: mukiau ingest {files}{group}"


def _percent(findings: Findings, count: int) -> float:
    return 100 * count / (findings.survey.looked_at or 1)
