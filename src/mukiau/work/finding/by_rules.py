"""Runbooks whose match rules hold for a pasted text.

A rule looks at an event; a person pastes a piece of one. So here a message may stand anywhere in a line, a type may be any
name in the text, and a condition on the service holds where the text does not say which one it is of.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from mukiau.core.grouping.chain import short_name
from mukiau.core.grouping.message import first_line
from mukiau.core.templates import codes_of, template_of
from mukiau.work.finding.failure import Failure
from mukiau.work.runbooks.rules import Aspect, Condition, Facts, MatchRule, RuleMatch, find_match

MAX_LINES = 60
MAX_LINE_CHARS = 2_000
MAX_NAMES = 400
_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]{2,80}(?:(?:\.|\\|::)[A-Za-z_$][A-Za-z0-9_$]{0,80}){0,12}")
_WILD = re.compile(r"[*?]")


def facts_in(text: str, failure: Failure) -> Facts:
    """Return what rules look at of a pasted text; `failure` is the error that was read from it."""
    lines = [line.strip()[:MAX_LINE_CHARS] for line in text.splitlines()[: 4 * MAX_LINES] if line.strip()][:MAX_LINES]
    said = [*map(first_line, failure.sentences), *lines]
    templates = [template_of(line) for line in said]
    found = {
        Aspect.SERVICE: [failure.service],
        Aspect.TYPE: [*failure.types, *(name for line in lines for name in _NAME.findall(line))][:MAX_NAMES],
        Aspect.CODE: [code for template in templates for code in codes_of(template)],
        Aspect.MESSAGE: [*templates, *said],
        Aspect.LOGGER: [failure.logger],
    }
    return {aspect: kept for aspect, values in found.items() if (kept := _distinct(values))}


def find_fitting(rules: Mapping[int, Sequence[MatchRule]], facts: Facts) -> dict[int, RuleMatch]:
    """Return the runbooks (id → its heaviest rule) whose rules hold for the facts of a pasted text, the best first."""
    is_service_known = Aspect.SERVICE in facts
    whole = "\n".join((*facts.get(Aspect.MESSAGE, ()), *facts.get(Aspect.TYPE, ())))
    found = {
        runbook_id: match
        for runbook_id, own in rules.items()
        if (possible := [_loosened(rule, is_service_known) for rule in own if _may_hold(rule, whole)])
        and (match := find_match(possible, facts)) is not None
    }
    return dict(sorted(found.items(), key=lambda pair: (-pair[1].weight, pair[0])))


def _may_hold(rule: MatchRule, whole: str) -> bool:
    """Say whether the text has what a type must have in it: nearly no rule's, and comparing all names takes long."""
    return all(
        any(all(part in whole for part in parts) for parts in _parts(condition.patterns))
        for condition in rule.conditions
        if condition.aspect is Aspect.TYPE
    )


@lru_cache(maxsize=8_192)
def _parts(patterns: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """What stands for itself in the last part of each name."""
    return tuple(tuple(filter(None, _WILD.split(short_name(pattern)))) for pattern in patterns)


@lru_cache(maxsize=8_192)
def _loosened(rule: MatchRule, is_service_known: bool) -> MatchRule:
    kept = (one for one in rule.conditions if is_service_known or one.aspect is not Aspect.SERVICE)
    return MatchRule(tuple(map(_anywhere, kept)))


def _anywhere(condition: Condition) -> Condition:
    if condition.aspect is Aspect.MESSAGE:
        return Condition(condition.aspect, tuple(f"*{pattern.strip('*')}*" for pattern in condition.patterns))
    if condition.aspect is Aspect.TYPE:  # in a chat it has no package
        names = (*condition.patterns, *map(short_name, condition.patterns))
        return Condition(condition.aspect, tuple(dict.fromkeys(name for name in names if name.strip("*?"))))
    return condition


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, values)))
