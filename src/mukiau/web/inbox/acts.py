"""Deciding, resolving, assigning and undoing for the pages and the API: the act, and its line in the audit log."""

from collections.abc import Callable, Sequence
from dataclasses import asdict

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import transaction

from mukiau import clock
from mukiau.stores.audit import Actor, record_line
from mukiau.stores.queries.rows import own_connection
from mukiau.stores.sqlite import Connection
from mukiau.stores.work import decisions
from mukiau.stores.work.decisions import Done
from mukiau.stores.work.issue_work import Who, find_work
from mukiau.web.accounts.roles import Right, may, may_on_issue
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


def may_undo(user: AbstractBaseUser | AnonymousUser, lines: Sequence[int]) -> bool:
    """Say whether somebody may undo each of these lines of the history: by the right that the act itself needs."""
    found = decisions.find_acts(own_connection(), lines)
    rights = ((Right.COMMENT if one.kind == "assigned" else Right.DECIDE, one.issue_id) for one in found)
    return all(may_on_issue(user, *right) for right in rights) and (bool(found) or may(user, Right.COMMENT))


def own_lines(user: AbstractBaseUser | AnonymousUser, lines: Sequence[int]) -> list[int]:
    """Return those of some lines of the history that are somebody's own and not undone: what to offer undoing of at once."""
    found = decisions.find_acts(own_connection(), lines)
    return [one.line for one in found if one.actor_id == user.pk and not one.is_undone]


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
