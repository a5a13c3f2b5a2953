"""Purpose and customer of environments, as people have registered them or their names say."""

from mukiau.stores.sqlite import Connection
from mukiau.work.purposes import Purpose, customer_of, purpose_of

_ALL = "SELECT name, customer, purpose FROM environment WHERE project_id = ? AND name <> '' ORDER BY name"
_FIND = "SELECT customer, purpose FROM environment WHERE project_id = ? AND name = ?"


class Environments:
    """Looks each environment up once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[tuple[int, str], tuple[str, Purpose]] = {}

    def read_all(self, project_id: int) -> tuple[str, ...]:
        """Look up all environments of a project by one query; return their names in alphabetical order."""
        rows = self._connection.execute(_ALL, (project_id,)).fetchall()
        for name, customer, purpose in rows:
            self._known[project_id, name] = (customer_of(name, customer), purpose_of(name, purpose))
        return tuple(name for name, _, _ in rows)

    def purpose(self, project_id: int, name: str) -> Purpose:
        """Return the purpose that work goes by."""
        return self._find(project_id, name)[1]

    def customer(self, project_id: int, name: str) -> str:
        """Return the customer; empty where none is known."""
        return self._find(project_id, name)[0]

    def _find(self, project_id: int, name: str) -> tuple[str, Purpose]:
        place = (project_id, name)
        if place not in self._known:
            customer, purpose = self._connection.execute(_FIND, place).fetchone() or ("", "")
            self._known[place] = (customer_of(name, customer), purpose_of(name, purpose))
        return self._known[place]
