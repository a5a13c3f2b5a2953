"""Deciding, resolving, assigning and undoing for the pages and the API: the act, and its line in the audit log.

Many issues are acted upon in several transactions, for digest cannot write meanwhile. Each issue is done wholly or not at
all, and what is refused when some are done already says so (`PartlyDone`).
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import OperationalError as StateError
from django.db import transaction

from mukiau import clock
from mukiau.stores.audit import Actor, record_line
from mukiau.stores.queries.rows import own_connection
from mukiau.stores.sqlite import Connection, OperationalError
from mukiau.stores.work import decisions
from mukiau.stores.work.decisions import Done, WorkRefused
from mukiau.stores.work.issue_work import Who, find_work
from mukiau.stores.work.matching import find_runbook_for
from mukiau.web.accounts.roles import Right, may, may_on_issue
from mukiau.web.audit import Action
from mukiau.work.decisions import Choice, Decision

HELD_MS = 50
"""So long a transaction goes on with the next issue: as long as one of digest's batches."""
PAUSE_SECONDS = 0.01
"""Between two transactions, so that whoever waits for the lock gets it."""


class PartlyDone(WorkRefused):
    """Some issues were done, then one was refused or the state file could not be written; the others stay as they are."""

    def __init__(self, done: Sequence[Done], why: Exception) -> None:
        super().__init__(f"{len(done)} were done; the rest stays as it was: {why}")
        self.done, self.why = tuple(done), why


def decide(
    actor: Actor, issues: Sequence[int], choice: Choice, *, version: int | None = None, by_runbook: bool = False
) -> list[Done]:
    """Decide about issues; raises WorkRefused, PartlyDone.

    With `by_runbook` what is handled each time is so by the key that each issue's runbook names.
    """

    def act(connection: Connection, issue: int, who: Who, at_ms: int) -> Done:
        chosen = _with_key(connection, issue, choice) if by_runbook else choice
        return decisions.decide(connection, issue, chosen, who=who, at_ms=at_ms, version=version)

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
    """Say that issues are over; raises WorkRefused, PartlyDone."""

    def act(connection: Connection, issue: int, who: Who, at_ms: int) -> Done:
        return decisions.resolve(
            connection, issue, environments=environments, release=release, who=who, at_ms=at_ms, version=version
        )

    return _act(actor, issues, Action.ISSUE_RESOLVED, act, environments=", ".join(environments), release=release)


def reopen(actor: Actor, issues: Sequence[int]) -> list[Done]:
    """Take back that issues are over; raises WorkRefused, PartlyDone."""

    def act(connection: Connection, issue: int, who: Who, at_ms: int) -> Done:
        return decisions.reopen(connection, issue, who=who, at_ms=at_ms)

    return _act(actor, issues, Action.ISSUE_REOPENED, act)


def assign(
    actor: Actor, issues: Sequence[int], *, team_id: int | None = None, assignee_id: int | None = None
) -> list[Done]:
    """Say whose issues are; what is None stays as it is, 0 is nobody. Raises WorkRefused, PartlyDone."""

    def act(connection: Connection, issue: int, who: Who, at_ms: int) -> Done:
        work = find_work(connection, issue)
        team = (work.team_id if work else None) if team_id is None else team_id or None
        person = (work.assignee_id if work else None) if assignee_id is None else assignee_id or None
        return decisions.assign(connection, issue, team_id=team, assignee_id=person, who=who, at_ms=at_ms)

    return _act(actor, issues, Action.ISSUE_ASSIGNED, act)


def _with_key(connection: Connection, issue_id: int, choice: Choice) -> Choice:
    if choice.decision is not Decision.HANDLE_EACH:
        return choice
    runbook = find_runbook_for(connection, issue_id)
    return replace(choice, key=runbook.key) if runbook else choice


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
    """Undo lines of the history; raises WorkRefused, PartlyDone."""

    def act(connection: Connection, line: int, who: Who, at_ms: int) -> Done:
        return decisions.undo(connection, line, who=who, at_ms=at_ms)

    return _act(actor, lines, Action.ISSUE_ACT_UNDONE, act)


Act = Callable[[Connection, int, Who, int], Done]


def _act(actor: Actor, numbers: Sequence[int], action: Action, act: Act, **said: str) -> list[Done]:
    at_ms, done = clock.unix_ms(), list[Done]()
    while len(done) < len(numbers):
        try:
            done += _act_for_a_while(actor, numbers[len(done) :], action, act, at_ms=at_ms, said=said)
        except (WorkRefused, StateError, OperationalError) as why:
            if not done:
                raise
            raise PartlyDone(done, why) from why
        if len(done) < len(numbers):
            time.sleep(PAUSE_SECONDS)
    return done


def _act_for_a_while(
    actor: Actor, numbers: Sequence[int], action: Action, act: Act, *, at_ms: int, said: Mapping[str, str]
) -> list[Done]:
    """Do the first of them, in one transaction that is not too long for those who wait."""
    who, done = Who(name=actor.name, id=actor.id), list[Done]()
    with transaction.atomic():
        connection, until_ms = own_connection(), clock.monotonic_ms() + HELD_MS
        for number in numbers:
            one = act(connection, number, who, at_ms)
            done.append(one)
            facts = {name: value for name, value in (*said.items(), *asdict(one).items()) if name != "issue_id"}
            after = {name: value for name, value in facts.items() if value}
            record_line(actor, action, at_ms=at_ms, target=f"#{one.issue_id}", after=after)
            if clock.monotonic_ms() >= until_ms:
                break
    return done
