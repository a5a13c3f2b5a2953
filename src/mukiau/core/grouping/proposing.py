"""Rules proposed from issues alone, nobody having merged any: words that vary in the messages of one logger or root cause.

What is proposed is for a person to accept: that `Tanaka` and `Suzuki` are names, and `Import` and `Export` operations, is
known to people only.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from mukiau.core.grouping.explanation import Part, hash_of, leaves_of
from mukiau.core.grouping.suggestion import RuleKind, SuggestedRule, joined_by
from mukiau.core.grouping.varying import find_patterns
from mukiau.core.grouping.wording import matches, varying_words

MAX_WORDS_SHOWN = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A pattern that some issues have in common."""

    rule: SuggestedRule
    issues: int
    """How many would be joined."""
    words: tuple[str, ...]
    """Some of what stands in its places."""


def propose_patterns(trees: Iterable[Part]) -> tuple[Proposal, ...]:
    """Return the patterns that would join issues, given the explanation tree of each; the same whatever their order.

    By service, rules for exceptions first; of one scope those that join most first.
    """
    scopes: dict[SuggestedRule, dict[str, Part]] = defaultdict(dict)
    for tree in trees:
        scopes[scope_of(tree)][hash_of(tree)] = tree
    found = [one for scope, known in scopes.items() for one in _proposals(scope, known)]
    return tuple(sorted(found, key=_order))


def scope_of(tree: Part) -> SuggestedRule:
    """Return a rule without a pattern: for events of the same service, and logger or root cause."""
    values = {leaf.name: leaf.value for leaf in leaves_of(tree)}  # of several types the innermost
    service, logger, root_type = (values.get(name, "") for name in ("service", "logger", "type"))
    return SuggestedRule(kind=RuleKind.VARIABLE_WORDS, service=service, logger=logger, root_type=root_type)


def _order(one: Proposal) -> tuple[str, bool, str, str, int, str]:
    rule = one.rule
    return rule.service, not rule.root_type, rule.root_type, rule.logger, -one.issues, rule.pattern


def _proposals(scope: SuggestedRule, known: dict[str, Part]) -> Iterable[Proposal]:
    templates = {leaf.value for tree in known.values() for leaf in leaves_of(tree) if leaf.name == "template"}
    numbered = dict(enumerate(known[one] for one in sorted(known)))
    for pattern in find_patterns(templates):
        rule = SuggestedRule(
            kind=scope.kind, service=scope.service, logger=scope.logger, root_type=scope.root_type, pattern=pattern
        )
        joined = sum(map(len, joined_by([rule], numbered)))
        fitting = [template for template in sorted(templates) if matches(pattern, template)]
        words = dict.fromkeys(word for template in fitting for word in varying_words(pattern, template))
        if joined:
            yield Proposal(rule=rule, issues=joined, words=tuple(words)[:MAX_WORDS_SHOWN])
