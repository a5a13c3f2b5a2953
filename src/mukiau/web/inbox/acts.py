"""Deciding, resolving, assigning and undoing for the pages and the API: the act, and its line in the audit log."""

from collections.abc import Callable, Sequence
from dataclasses import asdict

from django.db import transaction

from mukiau import clock
from mukiau.stores.audit import Actor, record_line
from mukiau.stores.queries.rows import own_connection
from mukiau.stores.sqlite import Connection
from mukiau.stores.work import decisions
from mukiau.stores.work.decisions import Done
from mukiau.stores.work.issue_work import Who, find_work
from mukiau.web.audit import Action
from mukiau.work.decisions import Choice


def decide(actor: Actor, issues: Sequence[int], choice: Choice, *, version: int | None = None) -> list[Done]:
    """Decide about issues, all or none; raises WorkRefused."""

    def act(connection: Connection, issue: int, who: Who, at_ms: int) -> Done:
        return decisions.decide(connection, issue, choice, who=who, at_ms=at_ms, version=version)

    said = {"decision": choice.decision, "reason": choice.reason}
    return _act(actor, issues, Action.ISSUE_DECIDED, act, **said)


def resolve(
    actor: Actor,
    issues: Sequence[int],
    *,
    environments: Sequence[str] = (),
    release: str = "",
    version: int | None = None,
) -> list[Done]:
    """Say that issues are over, all or none; raises WorkRefused."""

    def act(connection: Connection, issue: int, who: Who, at_ms: int) -> Done:
        return decisions.resolve(
            connection, issue, environments=environments, release=release, who=who, at_ms=at_ms, version=version
        )

    return _act(actor, issues, Action.ISSUE_RESOLVED, act, environments=", ".join(environments), release=release)


def reopen(actor: Actor, issues: Sequence[int]) -> list[Done]:
    """Take back that issues are over; raises WorkRefused."""

    def act(connection: Connection, issue: int, who: Who, at_ms: int) -> Done:
        return decisions.reopen(connection, issue, who=who, at_ms=at_ms)

    return _act(actor, issues, Action.ISSUE_REOPENED, act)


def assign(
    actor: Actor, issues: Sequence[int], *, team_id: int | None = None, assignee_id: int | None = None
) -> list[Done]:
    """Say whose issues are; what is None stays as it is, 0 is nobody. Raises WorkRefused."""

    def act(connection: Connection, issue: int, who: Who, at_ms: int) -> Done:
        work = find_work(connection, issue)
        team = (work.team_id if work else None) if team_id is None else team_id or None
        person = (work.assignee_id if work else None) if assignee_id is None else assignee_id or None
        return decisions.assign(connection, issue, team_id=team, assignee_id=person, who=who, at_ms=at_ms)

    return _act(actor, issues, Action.ISSUE_ASSIGNED, act)


def undo(actor: Actor, lines: Sequence[int]) -> list[Done]:
    """Undo lines of the history, all or none; raises WorkRefused."""

    def act(connection: Connection, line: int, who: Who, at_ms: int) -> Done:
        return decisions.undo(connection, line, who=who, at_ms=at_ms)

    return _act(actor, lines, Action.ISSUE_ACT_UNDONE, act)


def _act(
    actor: Actor,
    numbers: Sequence[int],
    action: Action,
    act: Callable[[Connection, int, Who, int], Done],
    **said: str,
) -> list[Done]:
    who, at_ms = Who(name=actor.name, id=actor.id), clock.unix_ms()
    with transaction.atomic():
        connection = own_connection()
        done = [act(connection, number, who, at_ms) for number in numbers]
        for one in done:
            after = {
                name: value for name, value in (*said.items(), *asdict(one).items()) if value and name != "issue_id"
            }
            record_line(actor, action, at_ms=at_ms, target=f"#{one.issue_id}", after=after)
    return done
