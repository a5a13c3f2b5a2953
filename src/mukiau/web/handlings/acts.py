"""What people do with handlings, for the pages and the API: the change and the line of the audit log, both or none."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from mukiau import clock
from mukiau.stores.audit import Actor, record_line
from mukiau.stores.queries.rows import own_connection
from mukiau.stores.sqlite import Connection
from mukiau.stores.work import answering
from mukiau.stores.work.answering import Told
from mukiau.stores.work.answering_many import ManyDone, finish_all_before, undo_all_before
from mukiau.stores.work.handling_rows import FoundHandling
from mukiau.stores.work.issue_work import Who
from mukiau.web.audit import Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What somebody says by an act."""

    version: int
    told: Told = field(default_factory=Told)
    step: int = 0
    to: Who | None = None
    """Who gets it."""


Doing = Callable[[Connection, int, Given, dict[str, Any]], FoundHandling]


def _take(connection: Connection, number: int, given: Given, by: dict[str, Any]) -> FoundHandling:
    return answering.take(connection, number, **by)


def _tick(connection: Connection, number: int, given: Given, by: dict[str, Any]) -> FoundHandling:
    return answering.tick(connection, number, given.step, is_done=True, drafted=given.told, **by)


def _untick(connection: Connection, number: int, given: Given, by: dict[str, Any]) -> FoundHandling:
    return answering.tick(connection, number, given.step, is_done=False, drafted=given.told, **by)


def _finish(connection: Connection, number: int, given: Given, by: dict[str, Any]) -> FoundHandling:
    return answering.finish(connection, number, given.told, **by)


def _dismiss(connection: Connection, number: int, given: Given, by: dict[str, Any]) -> FoundHandling:
    return answering.dismiss(connection, number, given.told, **by)


def _reopen(connection: Connection, number: int, given: Given, by: dict[str, Any]) -> FoundHandling:
    return answering.reopen(connection, number, **by)


def _hand_over(connection: Connection, number: int, given: Given, by: dict[str, Any]) -> FoundHandling:
    assert given.to is not None
    return answering.hand_over(connection, number, given.to, note=given.told.note, **by)


ACTS: dict[str, tuple[Doing, Action]] = {
    "take": (_take, Action.HANDLING_TAKEN),
    "tick": (_tick, Action.HANDLING_TICKED),
    "untick": (_untick, Action.HANDLING_TICKED),
    "finish": (_finish, Action.HANDLING_DONE),
    "dismiss": (_dismiss, Action.HANDLING_NOT_NEEDED),
    "reopen": (_reopen, Action.HANDLING_REOPENED),
    "hand_over": (_hand_over, Action.HANDLING_HANDED_OVER),
}
"""By the name that forms and addresses call them."""


def act_on(who: Actor, handling_id: int, name: str, given: Given) -> FoundHandling:
    """Do one of ACTS; raises HandlingRefused."""
    doing, action = ACTS[name]
    at_ms = clock.unix_ms()
    with transaction.atomic():
        connection = own_connection()
        before = answering.get_handling(connection, handling_id)
        by = {"version": given.version, "who": Who(name=who.name, id=who.id), "at_ms": at_ms}
        after = doing(connection, handling_id, given, by)
        facts = {name: given.step} if given.step else {"person": given.to.name} if given.to else {}
        sides = [{"handling_state": one.state, "minutes": one.minutes} for one in (before, after)]
        record_line(who, action, at_ms=at_ms, target=target_of(after), before=sides[0], after={**sides[1], **facts})
    return after


def finish_before(who: Actor, handling_id: int, *, version: int) -> ManyDone:
    """Close all that are open before one; raises HandlingRefused."""
    at_ms = clock.unix_ms()
    with transaction.atomic():
        connection = own_connection()
        by = Who(name=who.name, id=who.id)
        done = finish_all_before(connection, handling_id, version=version, who=by, at_ms=at_ms)
        target = target_of(answering.get_handling(connection, handling_id))
        record_line(who, Action.HANDLINGS_DONE_BEFORE, at_ms=at_ms, target=target, after={"handlings": done.count})
    return done


def undo_before(who: Actor, handling_id: int, history_id: int) -> ManyDone:
    """Open again what one act closed; raises HandlingRefused."""
    at_ms = clock.unix_ms()
    with transaction.atomic():
        by = Who(name=who.name, id=who.id)
        undone = undo_all_before(own_connection(), handling_id, history_id, who=by, at_ms=at_ms)
        facts = {"handlings": undone.count}
        record_line(who, Action.HANDLINGS_OPENED_AGAIN, at_ms=at_ms, target=f"#{undone.issue_id}", after=facts)
    return undone


def target_of(found: FoundHandling) -> str:
    """Return how the audit log names a handling."""
    return f"#{found.id} {found.title}".rstrip()
