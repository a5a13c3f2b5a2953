"""From issues that people joined to the rule that would have joined them.

The explanation trees of joined issues differ in a few leaves. Every difference has a rule that takes it away: a word of
a template becomes a variable, a wrapper type is seen through, a function, code or logger does not count. The suggestion
is the smallest set of such rules that makes the trees of joined issues equal, each rule limited to where they agree
(their service, their logger or root cause). Deterministic, whatever the order of issues and merges.

Nothing is applied here, and trees are only what an event was grouped by: what a rule would do to stored events is the
lab's to show. `joined_by` says which of the known issues it would join besides.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations
from typing import Any

from mukiau.core.grouping.explanation import Part, hash_of, leaves_of
from mukiau.core.grouping.wording import TELLS_APART, matches, pattern_of

MAX_RULES = 3
"""Of one suggestion: what needs more is not one idea."""
MAX_CANDIDATES = 24


class RuleKind(StrEnum):
    """What a rule takes away, the narrowest first: of two that do, the earlier is suggested."""

    VARIABLE_WORDS = "variable_words"
    """`pattern`: a template with `{word}` (one) or `{words}` (none to some) where it varies."""
    CODE = "code_does_not_count"
    """`value`: the key of the code (`reason`), or the code itself where it has none."""
    SEEN_THROUGH = "wrapper_is_seen_through"
    """`value`: the exception type."""
    FUNCTION = "function_does_not_count"
    WAY_IN = "way_in_does_not_count"
    LOGGER = "logger_does_not_count"
    TEMPLATE = "template_does_not_count"


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestedRule:
    """One change of a grouping policy, to be written in its language."""

    kind: RuleKind
    service: str = ""
    """Where it holds; empty: in every service."""
    logger: str = ""
    """Only for events of this logger; empty: of any, or they have an exception."""
    root_type: str = ""
    """Only for events with this root cause; empty: with any, or they have none."""
    pattern: str = ""
    value: str = ""
    touches_codes: bool = False
    """A word that varies looks like what tells failures apart: say so before it is accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """The rules together and how far they go."""

    rules: tuple[SuggestedRule, ...]
    joined: int
    """How many of the given groups become one fingerprint by them."""


Group = Sequence[Part]
"""The explanation trees of the issues that people joined into one."""


def suggest_rule(groups: Sequence[Group]) -> Suggestion | None:
    """Return the fewest rules that join any group into one, and of those the set that joins most groups.

    None when no rule known here does. Groups that it leaves apart are another suggestion.
    """
    apart = [group for group in groups if len({hash_of(tree) for tree in group}) > 1]
    candidates = sorted({rule for group in apart for rule in _candidates(group)}, key=_breadth)[:MAX_CANDIDATES]
    best: Suggestion | None = None
    for size in range(1, MAX_RULES + 1):
        for rules in combinations(candidates, size):
            joined = sum(len({hash_of(rewritten(tree, rules)) for tree in group}) == 1 for group in apart)
            if joined > (best.joined if best else 0):
                best = Suggestion(rules=rules, joined=joined)
        if best is not None:
            break
    return best


def joined_by(rules: Sequence[SuggestedRule], issues: Mapping[int, Part]) -> tuple[tuple[int, ...], ...]:
    """Return which issues the rules would join: ids in order, groups of at least two that are apart today."""
    found: dict[str, list[int]] = defaultdict(list)
    for issue_id, tree in sorted(issues.items()):
        found[hash_of(rewritten(tree, rules))].append(issue_id)
    return tuple(tuple(ids) for ids in found.values() if len({hash_of(issues[issue_id]) for issue_id in ids}) > 1)


def rewritten(tree: Part, rules: Sequence[SuggestedRule]) -> Part:
    """Return the tree as it would count under the rules."""
    for rule in rules:
        if _holds(rule, tree):
            tree = _changed(tree, rule)
    return tree


def _holds(rule: SuggestedRule, tree: Part) -> bool:
    return (
        rule.service in {"", _value(tree, "service")}
        and rule.logger in {"", _value(tree, "logger")}
        and rule.root_type in {"", _root_type(tree)}
    )


def _value(tree: Part, name: str) -> str:
    return next((leaf.value for leaf in leaves_of(tree) if leaf.name == name), "")


def _root_type(tree: Part) -> str:
    """The innermost type that counts."""
    types = [leaf.value for leaf in leaves_of(tree) if leaf.name == "type"]
    return types[-1] if types else ""


_LEAF_OF = {
    RuleKind.FUNCTION: "function",
    RuleKind.WAY_IN: "way_in",
    RuleKind.LOGGER: "logger",
    RuleKind.TEMPLATE: "template",
}


def _changed(part: Part, rule: SuggestedRule) -> Part:
    if not part.contributes:
        return part
    if rule.kind is RuleKind.SEEN_THROUGH and part.name == "exception" and _value(part, "type") == rule.value:
        return replace(part, contributes=False, reason=rule.kind)
    if part.parts:
        return replace(part, parts=tuple(_changed(child, rule) for child in part.parts))
    if rule.kind is RuleKind.VARIABLE_WORDS and part.name == "template" and matches(rule.pattern, part.value):
        return replace(part, value=rule.pattern, reason=rule.kind)
    is_off = part.name == _LEAF_OF.get(rule.kind) or (
        rule.kind is RuleKind.CODE and part.name == "code" and _key_of(part.value) == rule.value
    )
    return replace(part, contributes=False, reason=rule.kind) if is_off else part


def _key_of(code: str) -> str:
    return code.partition("=")[0]


def _breadth(rule: SuggestedRule) -> tuple[int, tuple[str, ...]]:
    """The narrowest kind first; then in a fixed order."""
    return list(RuleKind).index(rule.kind), (rule.pattern, rule.value, rule.service, rule.logger, rule.root_type)


def _candidates(group: Group) -> Iterator[SuggestedRule]:
    """One rule for each way in which trees of a group differ."""
    scope = _scope(group)
    yield from (replace(scope, kind=RuleKind.VARIABLE_WORDS, **found) for found in _patterns(group))
    for kind, name in _LEAF_OF.items():
        if len({tuple(leaf.value for leaf in leaves_of(tree) if leaf.name == name) for tree in group}) > 1:
            yield replace(scope, kind=kind, logger="" if kind is RuleKind.LOGGER else scope.logger)
    yield from (replace(scope, kind=RuleKind.CODE, value=key) for key in _codes_apart(group))
    yield from (replace(scope, kind=RuleKind.SEEN_THROUGH, root_type="", value=name) for name in _types_of_some(group))


def _scope(group: Group) -> SuggestedRule:
    """What all trees of the group have in common, as the place where a rule holds."""

    def common(values: set[str]) -> str:
        return next(iter(values)) if len(values) == 1 else ""

    return SuggestedRule(
        kind=RuleKind.TEMPLATE,
        service=common({_value(tree, "service") for tree in group}),
        logger=common({_value(tree, "logger") for tree in group}),
        root_type=common({_root_type(tree) for tree in group}),
    )


def _codes_apart(group: Group) -> list[str]:
    """Keys of codes whose values differ within the group."""
    values: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    all_codes = [[leaf.value for leaf in leaves_of(tree) if leaf.name == "code"] for tree in group]
    for key in sorted({_key_of(code) for codes in all_codes for code in codes}):
        values[key] = {tuple(code for code in codes if _key_of(code) == key) for codes in all_codes}
    return [key for key, found in values.items() if len(found) > 1]


def _types_of_some(group: Group) -> list[str]:
    """Exception types that only some of the trees have."""
    types = [{leaf.value for leaf in leaves_of(tree) if leaf.name == "type"} for tree in group]
    return sorted(name for name in set().union(*types) if not all(name in found for found in types))


def _patterns(group: Group) -> Iterator[dict[str, Any]]:
    """A pattern for each template, by its place among a tree's templates, that differs within the group."""
    templates = [[leaf.value for leaf in leaves_of(tree) if leaf.name == "template"] for tree in group]
    for values in zip(*templates, strict=False):
        if len(set(values)) > 1 and (found := pattern_of(sorted(set(values)))) is not None:
            pattern, varying = found
            yield {"pattern": pattern, "touches_codes": any(TELLS_APART.fullmatch(word) for word in varying)}
