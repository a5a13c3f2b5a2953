"""Answering suggestions and proposals for the pages and the API: the change, and the line of the audit log."""

from pathlib import Path

from django.conf import settings

from mukiau import clock
from mukiau.stores.audit import Actor, record_line
from mukiau.stores.sqlite import Connection
from mukiau.stores.state_file import changing
from mukiau.stores.work import suggestions
from mukiau.stores.work.known_runbooks import Hit
from mukiau.stores.work.proposals import Proposal, read_proposals
from mukiau.stores.work.runbooks import Author
from mukiau.stores.work.suggestions import Accepted, UnknownProposal
from mukiau.web.audit import Action
from mukiau.web.runbooks.acts import match


def accept(who: Actor, proposal_id: int) -> Accepted:
    """Add a proposed match rule to its runbook; raises RunbookRefused."""
    with changing(_folder()) as connection:
        proposal = _get_open(connection, proposal_id)
        accepted = suggestions.accept(connection, proposal_id, by=_author(who))
    match()
    _record(who, Action.RUNBOOK_RULE_ADDED, f"{accepted.code} {proposal.title}", rule=_words(proposal))
    return accepted


def decline(who: Actor, proposal_id: int) -> Proposal:
    """Remember that a runbook does not answer these errors; raises RunbookRefused."""
    with changing(_folder()) as connection:
        proposal = _get_open(connection, proposal_id)
        suggestions.decline(connection, proposal_id, by=_author(who))
    _record(who, Action.RUNBOOK_DECLINED, f"{proposal.code} {proposal.title}", rule=_words(proposal))
    return proposal


def reconsider(who: Actor, proposal_id: int) -> None:
    """Take a decline back; raises RunbookRefused."""
    with changing(_folder()) as connection:
        suggestions.reconsider(connection, proposal_id, by=_author(who))
    _record(who, Action.RUNBOOK_RECONSIDERED, f"{proposal_id}")


def accept_for_issue(who: Actor, issue_id: int, hit: Hit) -> Accepted:
    """Let the runbook suggested answer an issue's errors wherever they occur again; raises RunbookRefused."""
    with changing(_folder()) as connection:
        accepted = suggestions.accept_for_issue(connection, issue_id, hit, by=_author(who))
    match()
    _record(who, Action.RUNBOOK_RULE_ADDED, _name(hit), issue=f"#{issue_id}")
    return accepted


def link_for_issue(who: Actor, issue_id: int, hit: Hit) -> None:
    """Let the runbook suggested answer this issue and no other; raises RunbookRefused."""
    with changing(_folder()) as connection:
        suggestions.link_for_issue(connection, issue_id, hit, by=_author(who))
    _record(who, Action.RUNBOOK_LINKED, _name(hit), issue=f"#{issue_id}")


def decline_for_issue(who: Actor, issue_id: int, hit: Hit) -> None:
    """Do not suggest this runbook for the issue again."""
    with changing(_folder()) as connection:
        suggestions.decline_for_issue(connection, issue_id, hit, by=_author(who))
    _record(who, Action.RUNBOOK_DECLINED, _name(hit), issue=f"#{issue_id}")


def _get_open(connection: Connection, proposal_id: int) -> Proposal:
    found = next((one for one in read_proposals(connection) if one.id == proposal_id), None)
    if found is None:
        raise UnknownProposal(proposal_id)
    return found


def _record(who: Actor, action: Action, target: str, **facts: str) -> None:
    record_line(who, action, at_ms=clock.unix_ms(), target=target, after=facts)


def _words(proposal: Proposal) -> str:
    return ", ".join(f"{one.aspect.value}: {' | '.join(one.patterns)}" for one in proposal.rule.conditions)


def _name(hit: Hit) -> str:
    return f"{hit.runbook.code} {hit.runbook.title}"


def _author(who: Actor) -> Author:
    return Author(id=who.id, name=who.name, at_ms=clock.unix_ms())


def _folder() -> Path:
    return Path(settings.MUKIAU.data)
