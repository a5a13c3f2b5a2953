"""Routes of a data folder, the process that tells at work on it, and a clock that a test sets."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event

from mukiau.notify.answers import SENT, Answer
from mukiau.notify.cause import CauseKind
from mukiau.notify.channels.plan import Channel, Means, Parcel
from mukiau.notify.channels.registry import CHANNELS
from mukiau.notify.outside import Outside
from mukiau.notify.route import Address, Route
from mukiau.stores.notify.deliveries import Delivery, list_deliveries
from mukiau.stores.notify.routes import add_route, changing, reading
from mukiau.stores.notify.work import Notifier
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import connect

NEAR = Outside(allowed_hosts=frozenset({"127.0.0.1"}))
ROUTE = Route(
    id=0,
    channel="webhook",
    address=Address(to="https://hooks.example.com/t0p", secret="s3cret"),
    kinds=frozenset(CauseKind),
    tells_summary=False,
    purposes=frozenset({"production"}),
    services=frozenset(),
    team_ids=frozenset(),
    language="en",
    time_zone="UTC",
)


def make_route(data: Path, *, now_ms: int = 1, **changes: object) -> int:
    with changing(data) as connection:
        return add_route(connection, "Operations", replace(ROUTE, **changes), by="alice", now_ms=now_ms)


def delivered(data: Path, route_id: int = 1) -> list[Delivery]:
    """The messages of a route, oldest first."""
    with reading(data) as connection:
        return list_deliveries(connection, route_id, limit=10_000)[::-1]


@dataclass(slots=True)
class Teller:
    """The process that tells, by the second."""

    data: Path
    now_ms: int
    answers: list[Answer] = field(default_factory=lambda: [SENT])
    """In turn, the last one for ever."""
    parcels: list[Parcel] = field(default_factory=list)
    _keys: int = 0

    def send(self, parcel: Parcel, _address: Address, _means: Means) -> Answer:
        self.parcels.append(parcel)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def channel(self) -> Channel:
        return replace(CHANNELS["webhook"], send=self.send)

    def turn(self) -> bool:
        with closing(self.notifier()) as notifier:
            return notifier.turn(Event())

    def notifier(self) -> Notifier:
        return Notifier(
            self.data,
            base_url="https://m.example.com",
            means=lambda: Means(outside=NEAR, now_seconds=self.now_ms // 1000),
            clock=lambda: self.now_ms,
            new_key=self._new_key,
        )

    def _new_key(self) -> str:
        self._keys += 1
        return f"{self.now_ms}-{self._keys}"

    def pass_time(self, seconds: int, *, step: int = 5) -> None:
        """Let time go by, a turn every few seconds."""
        for _ in range(0, seconds, step):
            self.now_ms += step * 1000
            self.turn()


def change(data: Path, *statements: str, values: Sequence[object] = ()) -> None:
    with closing(connect(data / STATE_FILE)) as connection:
        for statement in statements:
            connection.execute(statement, values)
