"""Learned patterns as rules of a policy's text, and what of a policy was learned.

A learned rule stands behind all others: what people wrote acts first, and is not touched. It names the words that stay as a
condition, so that the rule for one message never keeps another from acting; of several learned rules the one with most words of
its own comes first, for the words of the others are at most some of these.
"""

import re
from collections.abc import Collection, Iterable, Sequence

from mukiau.core.grouping.globs import MAX_GLOB_CHARS
from mukiau.core.grouping.learning import Learnable
from mukiau.core.grouping.policy import Rule
from mukiau.core.grouping.policy_text import MAX_NAME_CHARS, parse_policy
from mukiau.core.grouping.policy_writing import TomlValue, render_rule, with_rule
from mukiau.core.grouping.suggestion import SuggestedRule

NAME = "learned: "
"""What the names of learned rules begin with."""

_VARYING = re.compile(r"\{words?\}|<[a-z]{2,8}(?: [^<>\n]{0,80})?>")
_RUNS = re.compile(r"[\s*?]+")


def with_learned(text: str, found: Iterable[Learnable]) -> tuple[str, tuple[Learnable, ...]]:
    """Return a sound policy's text with rules for those of the patterns that it can hold and has not, and which these are."""
    kept: list[Learnable] = []
    for one in found:
        longer = _with_one(text, one.rule)
        if _kinds(text) < _kinds(longer):
            text = longer
            kept.append(one)
    return text, tuple(kept)


def _kinds(text: str) -> int:
    """How many learned rules differ in more than their names; -1 where the text is not sound.

    Issues that a rule has not joined, because their payloads are deleted, would have it learned again and again.
    """
    policy = parse_policy(text).policy
    return -1 if policy is None else len({(one.when, one.counting.wordings) for one in policy.rules if is_learned(one)})


def _with_one(text: str, rule: SuggestedRule) -> str:
    """Put a rule among the learned ones at the end."""
    policy = parse_policy(text).policy
    rules = () if policy is None else policy.rules
    after_people = max((at for at, one in enumerate(rules, 1) if not is_learned(one)), default=0)
    wider = (at for at, one in enumerate(rules) if at >= after_people and _rank(wording_of(one)) > _rank(rule.pattern))
    return with_rule(text, _rendered(rule, {one.name for one in rules}), before=next(wider, None))


def is_learned(rule: Rule) -> bool:
    """Say whether a rule was learned, as far as its name and what it does tell."""
    return rule.name.startswith(NAME) and bool(rule.counting.wordings)


def wording_of(rule: Rule) -> str:
    """Return the pattern of a learned rule."""
    return rule.counting.wordings[0]


def wordings_in(text: str) -> frozenset[str]:
    """Return every wording in a policy's text, whoever wrote it; none where the text is not sound."""
    policy = parse_policy(text).policy
    if policy is None:
        return frozenset()
    return frozenset(
        one for counting in (policy.counting, *(rule.counting for rule in policy.rules)) for one in counting.wordings
    )


def _rank(pattern: str) -> tuple[int, str]:
    return -len(_RUNS.sub("", _VARYING.sub("", pattern))), pattern


def _rendered(rule: SuggestedRule, taken: Collection[str]) -> str:
    pattern = " ".join(rule.pattern.split())
    scope = {"service": rule.service, "logger": rule.logger, "root_type": rule.root_type}
    when: dict[str, TomlValue] = {key: value for key, value in scope.items() if value}
    when["message"] = glob_of(rule.pattern)
    return render_rule(_free_name(pattern, taken), when=when, changes={"templates.wordings": [pattern]})


def _free_name(pattern: str, taken: Collection[str]) -> str:
    names: Sequence[str] = [NAME + pattern, *(f"{NAME}{number}: {pattern}" for number in range(2, len(taken) + 3))]
    return next(name for name in (name[:MAX_NAME_CHARS].rstrip() for name in names) if name not in taken)


def glob_of(pattern: str) -> str:
    """Return a glob that fits the first line of every message whose template has the pattern.

    >>> glob_of("Failed password for {word} from <ip>")
    '*Failed*password*for*from*'
    """
    first = next((line for line in pattern.splitlines() if line.strip()), "")
    glob = _RUNS.sub("*", f"*{_VARYING.sub('*', first)}*")
    return glob if len(glob) <= MAX_GLOB_CHARS else glob[: MAX_GLOB_CHARS - 1].rstrip("*") + "*"
