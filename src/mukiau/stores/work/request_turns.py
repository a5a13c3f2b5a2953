"""Telling people that a request waits for them: who may do what has to happen next, by the same rules as on its page."""

from collections.abc import Iterator

from mukiau.notify.cause import Said as Telling
from mukiau.notify.cause import request_waits
from mukiau.stores.notify.outbox import tell
from mukiau.stores.profiles import ROLE
from mukiau.stores.sqlite import Connection
from mukiau.stores.work.request_rows import FoundRequest
from mukiau.work.requests import TABLE, Act, Side, Standing, State, Who, decide_act, next_act, person_in_role

MAX_TEXT_CHARS = 300
_PEOPLE = f"""
SELECT u.id, {ROLE}
FROM auth_user u LEFT JOIN person_profile p ON p.user_id = u.id WHERE u.is_active ORDER BY u.id
"""  # noqa: S608 - a constant
_IN_TEAMS = """
SELECT DISTINCT m.user_id, m.role FROM request_occurrence o JOIN fingerprint f ON f.id = o.fingerprint_id
JOIN issue_work w ON w.issue_id = f.issue_id JOIN team_member m ON m.team_id = w.team_id
WHERE o.request_id = ? AND m.role <> ''
"""
_ISSUE = """
SELECT f.issue_id FROM request_occurrence o JOIN fingerprint f ON f.id = o.fingerprint_id
WHERE o.request_id = ? ORDER BY o.id LIMIT 1
"""


def tell_turn(connection: Connection, found: FoundRequest, act: Act, *, actor_id: int, actor: str, note: str) -> None:
    """Tell those whose turn an act has made it, in the transaction at hand; never whoever did it."""
    people = tuple(one for one in dict.fromkeys(_whose_turn(connection, found, act)) if one != actor_id)
    if not people:
        return
    issue = connection.execute(_ISSUE, (found.id,)).fetchone()
    telling = Telling(
        project_id=found.project_id,
        title=found.title,
        step=found.state.value,
        text=(note.strip() or found.body.strip())[:MAX_TEXT_CHARS],
        actor=actor,
        person_ids=people,
        path=f"requests/{found.id}/",
        issue_id=issue[0] if issue else 0,
    )
    tell(connection, request_waits(telling, request_id=found.id, version=found.version, at_ms=found.updated_ms))


def _whose_turn(connection: Connection, found: FoundRequest, act: Act) -> Iterator[int]:
    if act is Act.DECLINE:
        yield found.requester_id
    following = next_act(found.standing)
    if following is None or found.state is State.DRAFT:
        return
    who = TABLE[found.state, following].who
    if who in {Who.REQUESTER, Who.REQUESTER_OR_ADMIN}:
        yield found.requester_id
    elif who is Who.EXECUTOR:
        yield found.executor_id or found.requester_id
    else:
        yield from _who_may(connection, found, following)


def _who_may(connection: Connection, found: FoundRequest, act: Act) -> Iterator[int]:
    in_teams: dict[int, list[str]] = {}
    for user_id, role in connection.execute(_IN_TEAMS, (found.id,)).fetchall():
        in_teams.setdefault(user_id, []).append(role)
    for user_id, role in connection.execute(_PEOPLE).fetchall():
        person = person_in_role(user_id, role, *in_teams.get(user_id, ()))
        # Anybody may take what customer support is asked; only those who do nothing else are told of it.
        is_meant = found.side is not Side.SUPPORT or role == "viewer"
        if is_meant and isinstance(decide_act(found.standing, act, person), Standing):
            yield user_id
