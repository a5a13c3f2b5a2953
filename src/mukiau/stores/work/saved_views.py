"""Views of the inbox that somebody has saved: a name for an address."""

from dataclasses import dataclass

from mukiau.stores.sqlite import Connection

MAX_VIEWS = 30
"""Of one person: as many as a row of names can hold."""
MAX_NAME_CHARS = 60
MAX_QUERY_CHARS = 1_000

_LIST = "SELECT id, name, query FROM saved_view WHERE user_id = ? ORDER BY name, id"
_SAVE = """
INSERT INTO saved_view (user_id, name, query) SELECT ?1, ?2, ?3
WHERE EXISTS (SELECT 1 FROM saved_view WHERE user_id = ?1 AND name = ?2)
  OR (SELECT count(*) FROM saved_view WHERE user_id = ?1) < ?4
ON CONFLICT (user_id, name) DO UPDATE SET query = excluded.query
"""
_DELETE = "DELETE FROM saved_view WHERE id = ? AND user_id = ? RETURNING name, query"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """One of them."""

    id: int
    name: str
    query: str
    """Of the address of the inbox, without `?`."""


def list_saved_views(connection: Connection, user_id: int) -> tuple[SavedView, ...]:
    """Return somebody's views in alphabetical order."""
    return tuple(SavedView(id=pk, name=name, query=query) for pk, name, query in connection.execute(_LIST, (user_id,)))


def save_view(connection: Connection, user_id: int, name: str, query: str) -> bool:
    """Save a view; one of the same name is replaced. Return False where there are MAX_VIEWS already."""
    return connection.execute(_SAVE, (user_id, name, query, MAX_VIEWS)).rowcount > 0


def delete_view(connection: Connection, user_id: int, view_id: int) -> tuple[str, str] | None:
    """Delete one of somebody's views; return its name and query, None where it is none of theirs."""
    row = connection.execute(_DELETE, (view_id, user_id)).fetchone()
    return None if row is None else (row[0], row[1])
