"""Teams: who is in which, and what they are there. For pages and the API.

A closed team keeps its members and everything that was its own; it is offered nowhere and can be opened again.
"""

from dataclasses import dataclass

from django.db import IntegrityError, transaction

from mukiau.stores.models import Team as TeamRow
from mukiau.stores.models import TeamMember
from mukiau.stores.profiles import ROLE
from mukiau.stores.queries.rows import Row, find_row, read_rows

MAX_NAME_CHARS = 100


class TeamNameTakenError(Exception):
    """Another team has the name, upper and lower case apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """People who own services together."""

    id: int
    name: str
    time_zone: str
    """IANA name; its duty changes by it."""
    is_closed: bool
    member_count: int
    """Members who can sign in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody in a team."""

    user_id: int
    name: str
    role: str
    """In the team, beside the one everywhere; empty: no more than that."""
    own_role: str
    """The one everywhere."""
    is_active: bool


_TEAMS = """
SELECT t.id, t.name, t.time_zone, t.closed_ms IS NOT NULL,
       (SELECT count(*) FROM team_member m JOIN auth_user u ON u.id = m.user_id WHERE m.team_id = t.id AND u.is_active)
FROM team t
"""
_MEMBERS = f"""
SELECT u.id, u.username, m.role, {ROLE}, u.is_active
FROM team_member m JOIN auth_user u ON u.id = m.user_id LEFT JOIN person_profile p ON p.user_id = u.id
WHERE m.team_id = %s ORDER BY u.is_active DESC, lower(u.username), u.id
"""  # noqa: S608 - a constant


def list_teams() -> tuple[Team, ...]:
    """Return all teams by name, those that are closed last."""
    return tuple(_team(row) for row in read_rows(f"{_TEAMS} ORDER BY t.closed_ms IS NOT NULL, lower(t.name), t.id"))


def find_team(team_id: int) -> Team | None:
    """Return one of them, closed or not."""
    row = find_row(f"{_TEAMS} WHERE t.id = %s", (team_id,))
    return None if row is None else _team(row)


def list_members(team_id: int) -> tuple[Member, ...]:
    """Return who is in a team: who can sign in first, then by name."""
    return tuple(_member(row) for row in read_rows(_MEMBERS, (team_id,)))


def read_team_roles(user_id: int | None) -> dict[int, str]:
    """Return the teams somebody is in that are at work, each with the role there (empty: none of its own)."""
    return dict(
        read_rows(
            "SELECT m.team_id, m.role FROM team_member m JOIN team t ON t.id = m.team_id "
            "WHERE m.user_id = %s AND t.closed_ms IS NULL ORDER BY m.team_id",
            (user_id,),
        )
    )


def add_team(name: str, *, time_zone: str, now_ms: int) -> int:
    """Store a new team and return its id; raises TeamNameTakenError."""
    try:
        return TeamRow.objects.create(name=name, time_zone=time_zone, created_ms=now_ms).pk
    except IntegrityError as error:
        raise TeamNameTakenError from error


def change_team(team_id: int, *, name: str, time_zone: str) -> None:
    """Rename a team and say by which zone its duty changes; raises TeamNameTakenError."""
    try:
        TeamRow.objects.filter(pk=team_id).update(name=name, time_zone=time_zone)
    except IntegrityError as error:
        raise TeamNameTakenError from error


def close_team(team_id: int, *, now_ms: int) -> bool:
    """Offer a team nowhere any more; False when it was closed before."""
    return bool(TeamRow.objects.filter(pk=team_id, closed_ms=None).update(closed_ms=now_ms))


def open_team(team_id: int) -> bool:
    """Offer a closed team again; False when it was not closed."""
    return bool(TeamRow.objects.filter(pk=team_id).exclude(closed_ms=None).update(closed_ms=None))


def put_member(team_id: int, user_id: int, *, role: str, now_ms: int) -> str | None:
    """Take somebody into a team, or give a member another role there; return the role before, None for somebody new."""
    with transaction.atomic():
        before = TeamMember.objects.filter(team_id=team_id, user_id=user_id).values_list("role", flat=True).first()
        TeamMember.objects.update_or_create(
            team_id=team_id,
            user_id=user_id,
            defaults={"role": role},
            create_defaults={"role": role, "since_ms": now_ms},
        )
    return before


def remove_member(team_id: int, user_id: int) -> str | None:
    """Take somebody out of a team; return the role they had there, None when they were not in it."""
    with transaction.atomic():
        member = TeamMember.objects.filter(team_id=team_id, user_id=user_id).first()
        if member is None:
            return None
        member.delete()
    return member.role


def _team(row: Row) -> Team:
    pk, name, time_zone, is_closed, member_count = row
    return Team(id=pk, name=name, time_zone=time_zone, is_closed=bool(is_closed), member_count=member_count)


def _member(row: Row) -> Member:
    user_id, name, role, own_role, is_active = row
    return Member(user_id=user_id, name=name, role=role, own_role=own_role, is_active=bool(is_active))
