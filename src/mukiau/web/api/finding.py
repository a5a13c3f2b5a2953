"""Finding runbooks by an error's text with `read`; answering proposed match rules needs `work:write` and the owner's right."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from mukiau.stores.queries.rows import own_connection
from mukiau.stores.work.known_runbooks import Hit
from mukiau.stores.work.proposals import Proposal, read_proposals
from mukiau.stores.work.runbooks import RunbookRefused
from mukiau.stores.work.suggestions import UnknownProposal
from mukiau.web.accounts.roles import Right
from mukiau.web.address import absolute_url
from mukiau.web.api.bodies import body_of
from mukiau.web.api.door import ApiError, Caller, caller_needs
from mukiau.web.finding import acts
from mukiau.web.finding.search import find_in_text
from mukiau.work.finding.failure import MAX_PASTED_CHARS
from mukiau.work.runbooks.rules import Reason, rules_to_json

ACTS = ("accept", "decline", "reconsider")


def find(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Return the runbooks for an error's text, the best first: `text` of the address, or of a body when it is long."""
    text = request.GET.get("text", "") if request.method != "POST" else body_of(request).get("text", "")
    if not isinstance(text, str) or not text.strip() or len(text) > MAX_PASTED_CHARS:
        raise ApiError(400, "bad_body", f"Send the error as `text`, {MAX_PASTED_CHARS:,} characters at most.")
    return {"items": [_hit(request, hit) for hit in find_in_text(text)]}


def list_proposals(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Return the match rules that are proposed and not answered yet, those of most events first."""
    return {"items": [_proposal(request, one) for one in read_proposals(own_connection())]}


@caller_needs(Right.RUNBOOKS)
def answer(request: HttpRequest, caller: Caller, proposal_id: int, act: str) -> dict[str, Any]:
    """Accept or decline a proposed match rule, or take a decline back."""
    if act not in ACTS:
        raise ApiError(404, "not_found", f"A proposal takes {', '.join(ACTS)}.")
    try:
        _answer(caller, proposal_id, act)
    except UnknownProposal as refusal:
        raise ApiError(404, "not_found", str(refusal)) from refusal
    except RunbookRefused as refusal:
        raise ApiError(409, "refused", str(refusal)) from refusal
    return {"id": proposal_id, "done": act}


def _answer(caller: Caller, proposal_id: int, act: str) -> None:
    if act == "accept":
        acts.accept(caller.actor, proposal_id)
    elif act == "decline":
        acts.decline(caller.actor, proposal_id)
    else:
        acts.reconsider(caller.actor, proposal_id)


def _hit(request: HttpRequest, hit: Hit) -> dict[str, Any]:
    return {
        "code": hit.runbook.code,
        "title": hit.runbook.title,
        "is_draft": hit.runbook.is_draft,
        "manual": hit.runbook.url or None,
        "services": hit.runbook.services,
        "share": round(hit.share, 3),
        "words": hit.words,
        "rule": _reasons(hit.reasons) or None,
        "url": absolute_url(request, reverse("runbook", args=(hit.runbook.code,))),
    }


def _reasons(reasons: Sequence[Reason]) -> dict[str, str]:
    return {reason.aspect.value: reason.value for reason in reasons}


def _proposal(request: HttpRequest, one: Proposal) -> dict[str, Any]:
    return {
        "id": one.id,
        "runbook": one.code,
        "title": one.title,
        "rule": rules_to_json([one.rule])[0],
        "share": round(one.share, 3),
        "words": one.words,
        "issues": [issue.id for issue in one.issues],
        "issue_count": one.issue_count,
        "event_count": one.event_count,
        "url": absolute_url(request, reverse("runbook", args=(one.code,))),
    }
