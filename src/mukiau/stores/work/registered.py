"""Purpose and customer of environments, as people have registered them or their names say."""

from mukiau.stores.sqlite import Connection
from mukiau.work.purposes import Purpose, customer_of, purpose_of

_FIND = "SELECT customer, purpose FROM environment WHERE project_id = ? AND name = ?"


class Environments:
    """Looks each environment up once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[tuple[int, str], tuple[str, Purpose]] = {}

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
