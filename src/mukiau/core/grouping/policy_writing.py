"""Rules as text, and where in a policy's text they go: what a person chose on a page becomes lines that can be read.

A new rule goes before all others. The first rule that fits acts, and one that was made for a few events would never act
behind one that was made for many.
"""

import json
from collections.abc import Mapping, Sequence

from mukiau.core.grouping.policy_lines import lines_of
from mukiau.core.grouping.suggestion import RuleKind, SuggestedRule, Suggestion

TomlValue = str | int | bool | Sequence[str]


def render_rule(name: str, *, when: Mapping[str, TomlValue], changes: Mapping[str, TomlValue]) -> str:
    """Return a rule's text; keys may be dotted (`tag.code`, `count.frames`).

    >>> print(render_rule("codes apart", when={"service": "pay"}, changes={"also": ["tag:code"]}), end="")
    [[rules]]
    name = "codes apart"
    when.service = "pay"
    also = ["tag:code"]
    """
    lines = [f"name = {_rendered(name)}"]
    lines += [f"when.{key} = {_rendered(value)}" for key, value in when.items()]
    lines += [f"{key} = {_rendered(value)}" for key, value in changes.items()]
    return "\n".join(["[[rules]]", *lines]) + "\n"


def with_rule(text: str, rule: str, *, before: int | None = 0) -> str:
    """Return a sound policy's text with a rule before all its others; `before` another one, or behind all (None)."""
    lines = text.replace("\r\n", "\n").splitlines()
    found = None if before is None else lines_of("\n".join(lines) + "\n").get(("rules", before))
    at = len(lines) if found is None else found - 1
    while 0 < at < len(lines) and lines[at - 1].startswith("#"):
        at -= 1
    above = [*lines[:at], ""] if at and lines[at - 1].strip() else lines[:at]
    after = lines[at:]
    return "\n".join([*above, rule.rstrip("\n"), *(["", *after] if after else [])]) + "\n"


def rules_of_suggestion(suggestion: Suggestion, *, name: str) -> tuple[str, ...]:
    """Return the text of what merges teach. What holds for the same events is one rule, for only one acts on an event."""
    bundles: list[tuple[Scope, dict[str, TomlValue]]] = []
    for rule in suggestion.rules:
        scope, changes = (rule.service, rule.logger, rule.root_type), _changes(rule)
        at = next((index for index, (other, _) in enumerate(bundles) if _may_be_one(scope, other)), len(bundles))
        if at < len(bundles):
            other, known = bundles.pop(at)
            scope, changes = _narrower(scope, other), _both(known, changes)
        bundles.insert(at, (scope, changes))
    several = len(bundles) > 1
    return tuple(
        render_rule(f"{name} {number}" if several else name, when=_when(scope), changes=changes)
        for number, (scope, changes) in enumerate(bundles, 1)
    )


Scope = tuple[str, str, str]
"""Service, logger and type of the root cause; "" for any."""


def _may_be_one(one: Scope, other: Scope) -> bool:
    return all(not mine or not theirs or mine == theirs for mine, theirs in zip(one, other, strict=True))


def _narrower(one: Scope, other: Scope) -> Scope:
    service, logger, root_type = (mine or theirs for mine, theirs in zip(one, other, strict=True))
    return service, logger, root_type


def _both(one: Mapping[str, TomlValue], other: Mapping[str, TomlValue]) -> dict[str, TomlValue]:
    """Lists of one key are joined."""
    joined = dict(one)
    for key, value in other.items():
        known = joined.get(key)
        is_list = isinstance(known, list) and isinstance(value, list)
        joined[key] = list(dict.fromkeys([*known, *value])) if is_list else value  # type: ignore[misc]
    return joined


def _when(scope: Scope) -> dict[str, TomlValue]:
    named = dict(zip(("service", "logger", "root_type"), scope, strict=True))
    return {key: value for key, value in named.items() if value} or {"service": "**"}


def _changes(suggested: SuggestedRule) -> dict[str, TomlValue]:
    without_exceptions = suggested.logger and not suggested.root_type
    changes: dict[RuleKind, dict[str, TomlValue]] = {
        RuleKind.VARIABLE_WORDS: {"templates.wordings": [suggested.pattern]},
        RuleKind.CODE: {"count.ignored_codes": [suggested.value]},
        RuleKind.SEEN_THROUGH: {"count.see_through": ["{{ default }}", suggested.value]},
        RuleKind.FUNCTION: {"count.frames": 0},
        RuleKind.WAY_IN: {"count.way_in": False},
        RuleKind.LOGGER: {"count.logger": False},
        RuleKind.TEMPLATE: {"fingerprint": ["{{ logger }}"]} if without_exceptions else {"count.messages": "none"},
    }
    return changes[suggested.kind]


def _rendered(value: TomlValue) -> str:
    """JSON's texts, numbers, booleans and lists of texts are TOML's too, but for one character."""
    given = value if isinstance(value, str | int) else list(value)
    return json.dumps(given, ensure_ascii=False).replace("\x7f", "\\u007f")
