"""The process that tells: looks at every route, makes the message that is due, sends what waits."""

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from mukiau.digest.boundary import Failure, attempt
from mukiau.notify.answers import Answer, Reason, retry
from mukiau.notify.cause import Cause
from mukiau.notify.channels.plan import Means, Parcel
from mukiau.notify.channels.registry import CHANNELS
from mukiau.notify.message import Message, compose_news
from mukiau.notify.planning import Waiting, find_summary, plan
from mukiau.notify.route import Route
from mukiau.notify.summary import compose_summary
from mukiau.notify.words import words_in
from mukiau.stores.notify import deliveries, outbox
from mukiau.stores.notify.deliveries import (
    Delivery,
    State,
    find_waiting,
    is_due,
    note_answer,
    read_standing,
    settle,
    settle_summary,
)
from mukiau.stores.notify.own import read_slack_ids
from mukiau.stores.notify.routes import StoredRoute, list_routes_in_use
from mukiau.stores.notify.summaries import read_day
from mukiau.stores.notify.wanted import is_route_in_use
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import Connection, OperationalError, connect

TURN_SECONDS = 1.0
FORGET_EVERY_MS = 3_600_000

log = logging.getLogger(__name__)


class _Looked:
    """What one turn reads of the outbox, once for all routes that have come equally far, and whom it passes by."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._waiting: dict[int, Sequence[Waiting]] = {}
        self.passed: list[tuple[StoredRoute, int]] = []
        """Routes that nothing was for, and up to where."""

    def read(self, after: int) -> Sequence[Waiting]:
        if after not in self._waiting:
            self._waiting[after] = outbox.read_waiting(self.connection, after=after)
        return self._waiting[after]


class Notifier:
    """Tells the routes of one data folder."""

    def __init__(
        self,
        data: Path,
        *,
        base_url: str,
        means: Callable[[], Means],
        clock: Callable[[], int],
        new_key: Callable[[], str],
    ) -> None:
        """`means` is asked before each attempt; `clock` gives unix milliseconds; `new_key` a text no other message has."""
        self._path = data / STATE_FILE
        self._base_url = base_url
        self._means = means
        self._clock = clock
        self._new_key = new_key
        self._forgot_ms = 0
        self._faults: dict[int, str] = {}
        self._connection: Connection | None = None

    def run(self, stop: threading.Event) -> None:
        """Tell until `stop` is set, or until there is no route in use."""
        with closing(self):
            while not stop.is_set() and self.turn(stop):
                stop.wait(TURN_SECONDS)

    def close(self) -> None:
        """Let the state file go; the next turn opens it again."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def turn(self, stop: threading.Event) -> bool:
        """Look at every route once; False when none is in use. A lock or a full disk lets all wait for the next turn."""
        try:
            connection = self._connection = self._connection or connect(self._path)
            self._serve_all(connection, stop)
            self._forget(connection)
            return is_route_in_use(connection)
        except OperationalError as error:
            log.warning("Nobody can be told anything now: %s", error)
            self.close()
            return True

    def _serve_all(self, connection: Connection, stop: threading.Event) -> None:
        looked = _Looked(connection)
        for stored in list_routes_in_use(connection):
            if not stop.is_set():
                self._try_to_serve(looked, stored)
        if looked.passed:
            deliveries.pass_by(connection, looked.passed)

    def _try_to_serve(self, looked: _Looked, stored: StoredRoute) -> None:
        """One route that cannot be served keeps no other from being told; why it cannot is logged once."""
        served = attempt(self._serve, looked, stored)
        if not isinstance(served, Failure):
            self._faults.pop(stored.id, None)
        elif isinstance(served.error, OperationalError):
            raise served.error
        elif self._faults.get(stored.id) != served.reason:
            self._faults[stored.id] = served.reason
            log.error("Notification route %d cannot be told anything now.", stored.id, exc_info=served.error)

    def _serve(self, looked: _Looked, stored: StoredRoute) -> None:
        connection = looked.connection
        delivery = find_waiting(connection, stored.id)
        if delivery is None:
            self._plan(looked, stored)
            delivery = find_waiting(connection, stored.id)
        if delivery is not None and is_due(delivery, now_ms=self._clock()):
            self._attempt(connection, stored, delivery)

    def _plan(self, looked: _Looked, stored: StoredRoute) -> None:
        """Write the message that is due; the summary of a day goes first, since it comes at a certain time."""
        now_ms = self._clock()
        due = find_summary(stored.route, stored.summary_day, now_ms=now_ms)
        if due is None:
            self._plan_news(looked, stored, now_ms=now_ms)
            return
        connection = looked.connection
        day = read_day(connection, stored.route, due)
        words = words_in(stored.route.language)
        message = compose_summary(day, due.day, words=words, base_url=self._base_url)
        settle_summary(connection, stored, message, day=due.day.isoformat(), key=self._new_key(), now_ms=now_ms)

    def _plan_news(self, looked: _Looked, stored: StoredRoute, *, now_ms: int) -> None:
        connection, waiting = looked.connection, looked.read(stored.cursor)
        if not waiting:
            return
        found = plan(stored.route, waiting, read_standing(connection, stored, now_ms=now_ms), now_ms=now_ms)
        if found is None:
            return
        if not found.causes:
            looked.passed.append((stored, found.until))
            return
        message = self._compose(connection, stored.route, found.causes)
        settle(connection, stored, found.causes, message, until=found.until, key=self._new_key(), now_ms=now_ms)

    def _compose(self, connection: Connection, route: Route, causes: Sequence[Cause]) -> Message:
        slack_ids = read_slack_ids(connection) if route.channel == "slack" else None
        return compose_news(causes, words=words_in(route.language), base_url=self._base_url, slack_ids=slack_ids)

    def _attempt(self, connection: Connection, stored: StoredRoute, delivery: Delivery) -> None:
        answer = send_parcel(stored.route, Parcel(key=delivery.key, message=delivery.message), self._means())
        state = note_answer(connection, delivery, answer, now_ms=self._clock())
        if state is not State.SENT:
            log.warning(
                "A message of notification route %d did not arrive (%s %s); it is %s.",
                stored.id,
                answer.reason.value,
                answer.detail,
                "given up" if state is State.DEAD else "tried again",
            )

    def _forget(self, connection: Connection) -> None:
        now_ms = self._clock()
        if not self._forgot_ms <= now_ms < self._forgot_ms + FORGET_EVERY_MS:
            self._forgot_ms = now_ms
            outbox.forget_old(connection, now_ms=now_ms)
            deliveries.forget_old(connection, now_ms=now_ms)


def send_parcel(route: Route, parcel: Parcel, means: Means) -> Answer:
    """Make one attempt to send a message by a route. A mistake of our own is an answer, too: one route must not keep the
    others from being told."""
    answer = attempt(CHANNELS[route.channel].send, parcel, route.address, means)
    if not isinstance(answer, Failure):
        return answer
    log.error("A message of notification route %d could not be made.", route.id, exc_info=answer.error)
    return retry(Reason.FAULT, type(answer.error).__name__)
