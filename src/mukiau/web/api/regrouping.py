"""Merging and splitting issues and undoing it, with `grouping:write`; what was changed is read with `read`."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from mukiau.core.grouping.explanation import explanation_to_json
from mukiau.stores.queries.explanations import read_explanations
from mukiau.stores.queries.grouping_history import GroupingChange, find_change, read_changes_of_issue
from mukiau.stores.queries.issue import read_fingerprints
from mukiau.stores.regrouping import Changed, RegroupingRefused, UnknownChange, UnknownIssue
from mukiau.web.address import absolute_url
from mukiau.web.api.bodies import body_of
from mukiau.web.api.door import ApiError, Caller
from mukiau.web.api.issues import get_issue, time_text
from mukiau.web.grouping import acts


def show_grouping(request: HttpRequest, caller: Caller, issue_id: int) -> dict[str, Any]:
    """Return an issue's fingerprints and what was changed about it."""
    issue = get_issue(issue_id, "api-grouping")
    fingerprints = read_fingerprints(issue.id)
    trees = read_explanations([one.id for one in fingerprints])
    return {
        "issue": issue.id,
        "fingerprints": [
            {
                "id": one.id,
                "hash": one.hash,
                "service": one.service,
                "title": one.title,
                "event_count": one.event_count,
                "first_seen": time_text(one.first_seen_ms),
                "last_seen": time_text(one.last_seen_ms),
                "explanation": explanation_to_json(trees[one.id]) if one.id in trees else None,
            }
            for one in fingerprints
        ],
        "changes": [_change(request, change) for change in read_changes_of_issue(issue.id)],
    }


def merge(request: HttpRequest, caller: Caller, issue_id: int) -> dict[str, Any]:
    """Merge the issues named into the one of the address."""
    body = body_of(request)
    ids, reason = _ids(body, "issues"), _reason(body)
    return _answer(request, lambda: acts.merge(caller.actor, ids, into=issue_id, reason=reason))


def split_off(request: HttpRequest, caller: Caller, issue_id: int) -> dict[str, Any]:
    """Make the fingerprints named an issue of their own."""
    body = body_of(request)
    ids, reason = _ids(body, "fingerprints"), _reason(body)
    return _answer(request, lambda: acts.split_off(caller.actor, issue_id, ids, reason=reason))


def undo(request: HttpRequest, caller: Caller, change_id: int) -> dict[str, Any]:
    """Take a change back."""
    return _answer(request, lambda: acts.undo(caller.actor, change_id))


def _answer(request: HttpRequest, act: Callable[[], Changed]) -> dict[str, Any]:
    try:
        changed = act()
    except (UnknownIssue, UnknownChange) as refusal:
        raise ApiError(404, "not_found", str(refusal)) from refusal
    except RegroupingRefused as refusal:
        raise ApiError(409, "refused", str(refusal)) from refusal
    change = find_change(changed.change_id)
    assert change is not None
    return _change(request, change)


def _change(request: HttpRequest, change: GroupingChange) -> dict[str, Any]:
    return {
        "id": change.id,
        "kind": change.kind.value,
        "into": change.into or None,
        "from": change.issues,
        "fingerprints": change.fingerprint_count,
        "by": change.actor,
        "at": time_text(change.at_ms),
        "reason": change.reason,
        "undone_at": None if change.undone_ms is None else time_text(change.undone_ms),
        "undone_by": change.undone_by,
        "can_be_undone": change.can_be_undone,
        "url": absolute_url(request, reverse("issue-grouping", args=(change.into,))) if change.into else None,
    }


def _ids(body: Mapping[str, Any], name: str) -> list[int]:
    ids = body.get(name)
    if not isinstance(ids, list) or not all(type(one) is int and 0 < one < 2**63 for one in ids):
        raise ApiError(400, "bad_body", f'Send the ids as {{"{name}": [1, 2]}}.')
    return ids


def _reason(body: Mapping[str, Any]) -> str:
    reason = body.get("reason", "")
    if not isinstance(reason, str):
        raise ApiError(400, "bad_body", "`reason` has to be a text.")
    return reason
