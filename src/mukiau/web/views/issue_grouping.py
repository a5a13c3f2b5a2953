"""The page of an issue that says why its events are one, and from which it is split, merged and mended again."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from mukiau.core.grouping.explanation import Part, explanation_to_json
from mukiau.stores.queries.explanations import read_explanations
from mukiau.stores.queries.issue import IssueFingerprint, read_fingerprints
from mukiau.web.accounts.roles import Right, may
from mukiau.web.event.explanation import explanation_nodes
from mukiau.web.grouping.facts import facts_of
from mukiau.web.grouping.history import history_of
from mukiau.web.grouping.rules import rule_that_joins, ways_to_split
from mukiau.web.grouping.similar import read_similar
from mukiau.web.moved import leads_on
from mukiau.web.numbers import parse_number
from mukiau.web.views.issue import get_issue

MAX_TREES = 30
"""Fingerprints that are explained on the page; all can be split off."""


@leads_on
def page(request: HttpRequest, issue_id: int) -> HttpResponse:
    """Show why, the fingerprints, similar issues and the history; `done` names a change that was just made."""
    issue = get_issue(issue_id)
    fingerprints = read_fingerprints(issue.id)
    is_one = len(fingerprints) == 1
    history = history_of(issue.id)
    done = parse_number(request.GET.get("done", ""))
    context = {
        "issue": issue,
        "fingerprints": _explained(fingerprints),
        "is_one": is_one,
        "ways": ways_to_split(issue) if is_one else None,
        "joining": None if is_one else rule_that_joins([issue]),
        "similar": read_similar(issue, folder=str(settings.MUKIAU.data)),
        "history": history,
        "done": next((entry for entry in history if entry.change.id == done and entry.may_be_undone), None),
        "may_change": may(request.user, Right.GROUPING),
    }
    return render(request, "grouping/page.html", context)


def _explained(fingerprints: tuple[IssueFingerprint, ...]) -> list[dict[str, Any]]:
    trees = read_explanations([one.id for one in fingerprints[:MAX_TREES]])
    return [_explanation(one, trees.get(one.id)) for one in fingerprints]


def _explanation(fingerprint: IssueFingerprint, tree: Part | None) -> dict[str, Any]:
    facts, nodes = (facts_of(tree), explanation_nodes(explanation_to_json(tree))) if tree else ((), ())
    return {"fingerprint": fingerprint, "facts": facts, "nodes": nodes}
