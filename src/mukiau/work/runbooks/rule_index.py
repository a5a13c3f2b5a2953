"""The rules of many runbooks, of which an error is compared with few: most rules name their service."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from mukiau.work.runbooks.rules import Aspect, Facts, MatchRule, RuleMatch, find_match


class RuleIndex:
    """Finds which runbooks answer an error."""

    def __init__(self, rules: Mapping[int, tuple[MatchRule, ...]] | None = None) -> None:
        """`rules`: runbook id → its rules."""
        self._rules = rules or {}
        self._by_service: dict[str, set[int]] = defaultdict(set)
        self._of_any: set[int] = set()
        """Runbooks with a rule that names no service, or names it by wildcards."""
        for runbook_id, of_runbook in self._rules.items():
            for rule in of_runbook:
                self._note(runbook_id, rule)

    def find(self, facts: Facts) -> Iterator[tuple[int, RuleMatch]]:
        """Yield the runbooks that answer an error, each with the rule that holds."""
        named = (self._by_service.get(service, ()) for service in facts.get(Aspect.SERVICE, ()))
        for runbook_id in sorted(self._of_any.union(*named)):
            if (match := find_match(self._rules[runbook_id], facts)) is not None:
                yield runbook_id, match

    def _note(self, runbook_id: int, rule: MatchRule) -> None:
        services = next((one for one in rule.conditions if one.aspect is Aspect.SERVICE), None)
        if services is None or not services.is_spelled_out:
            self._of_any.add(runbook_id)
            return
        for service in services.patterns:
            self._by_service[service].add(runbook_id)
