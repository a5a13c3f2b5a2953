"""How somebody wants to be told what concerns them alone: by mail, by being called in Slack, or by the pages only.

Mail is a route of their own, to the address their account has when a message goes out. Slack's incoming webhooks post into
channels; there a message of a route calls the people it concerns.
"""

from dataclasses import dataclass

from mukiau.notify.cause import PERSONAL
from mukiau.notify.route import Address, Route
from mukiau.stores.notify.routes import add_route, delete_route, save_route
from mukiau.stores.sqlite import Connection

_PUT = """
INSERT INTO notify_person (user_id, slack_id) VALUES (?, ?) ON CONFLICT DO UPDATE SET slack_id = excluded.slack_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnWish:
    """How somebody wants to be told what concerns them."""

    by_mail: bool = False
    slack_id: str = ""
    """What Slack calls them (`U012ABCDEF`); empty: they are not called there."""


def find_wish(connection: Connection, user_id: int) -> OwnWish:
    """Return what somebody has said."""
    slack = connection.execute("SELECT slack_id FROM notify_person WHERE user_id = ?", (user_id,)).fetchone()
    return OwnWish(by_mail=_find_own(connection, user_id) is not None, slack_id=slack[0] if slack else "")


def save_wish(
    connection: Connection, user_id: int, wish: OwnWish, *, name: str, language: str, time_zone: str, now_ms: int
) -> None:
    """Keep what somebody says now; mails are in the language and time zone given."""
    connection.execute(_PUT, (user_id, wish.slack_id))
    own = _find_own(connection, user_id)
    route = _own_route(own or 0, user_id, language=language, time_zone=time_zone)
    if wish.by_mail and own is None:
        add_route(connection, name, route, by=name, now_ms=now_ms)
    elif wish.by_mail:
        save_route(connection, name, route, now_ms=now_ms)
    elif own is not None:
        delete_route(connection, own)


def read_slack_ids(connection: Connection) -> dict[int, str]:
    """Return person → what Slack calls them."""
    return dict(connection.execute("SELECT user_id, slack_id FROM notify_person WHERE slack_id <> ''").fetchall())


def _find_own(connection: Connection, user_id: int) -> int | None:
    row = connection.execute("SELECT id FROM notify_route WHERE person_id = ?", (user_id,)).fetchone()
    return None if row is None else int(row[0])


def _own_route(route_id: int, user_id: int, *, language: str, time_zone: str) -> Route:
    return Route(
        id=route_id,
        channel="email",
        address=Address(to=""),
        kinds=PERSONAL,
        tells_summary=False,
        purposes=frozenset(),
        services=frozenset(),
        team_ids=frozenset(),
        language=language,
        time_zone=time_zone,
        person_id=user_id,
    )
