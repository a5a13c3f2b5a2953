"""The app: the doors, and everything else goes to the pages."""

import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mukiau.core.refusal import Refused
from mukiau.intake.answers import Answer, RefusedRequest, preflight, refused
from mukiau.intake.asgi import App, ClientDisconnectedError, Receive, Request, Scope, Send
from mukiau.intake.doorway import Doorway
from mukiau.intake.edge import DOOR
from mukiau.intake.envelopes import take_envelope
from mukiau.intake.firehose import refuse_firehose, take_firehose
from mukiau.intake.otlp import refuse_otlp, take_otlp
from mukiau.intake.records import take_fluent, take_records
from mukiau.intake.store import take_store


@dataclass(frozen=True, slots=True)
class Door:
    """What happens to a request at one of the doors."""

    take: Callable[[Doorway, Request, str], Awaitable[Answer]]
    refuse: Callable[[Doorway, Request, Refused], Answer] = lambda _doorway, _request, refusal: refused(refusal)
    """Says no in the words of the door's protocol."""


DOORS = {
    "envelope": Door(take_envelope),
    "store": Door(take_store),
    "records": Door(take_records),
    "fluent": Door(take_fluent),
    "firehose": Door(take_firehose, refuse_firehose),
    "otlp/v1/logs": Door(take_otlp, refuse_otlp),
}

# A prefix before /api/ (a proxy's), repeated slashes and a missing last one are all the same door. /api/store/, the
# oldest form, leaves the project to the key.
_ROUTE = re.compile(rf"/api/+(?:([^/]+)/+)?({'|'.join(DOORS)})/*\Z")


def find_door(path: str) -> tuple[str, str] | None:
    """Return a path's door and the project in it, empty where it has none; None for a path to the pages."""
    found = _ROUTE.search(path)
    return None if found is None else (found[2], found[1] or "")


FAULT = Refused(reason="internal error", status=500)

log = logging.getLogger(__name__)


class IntakeApp:
    """The ASGI app of the intake process."""

    def __init__(self, doorway: Doorway, web: App) -> None:
        self._doorway = doorway
        self._web = web

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = find_door(scope["path"])
        if route is None:
            await self._web(scope, receive, send)
            return
        scope[DOOR], project = route
        try:
            answer = await self._answer(DOORS[route[0]], Request.from_scope(scope, receive), project)
        except ClientDisconnectedError:
            self._doorway.spool.count("refused", "client disconnected")
            return
        await answer.send(send)

    async def _answer(self, door: Door, request: Request, project: str) -> Answer:
        if request.method == "OPTIONS":
            return preflight()
        try:
            async with request.held:
                return await door.take(self._doorway, request, project)
        except RefusedRequest as refusal:
            self._doorway.spool.count("refused", refusal.refused.reason)
            return door.refuse(self._doorway, request, refusal.refused)
        except ClientDisconnectedError:
            raise
        except Exception:  # the ASGI boundary: one bad request must not be the last
            log.exception("A request failed")
            self._doorway.spool.count("refused", FAULT.reason)
            return door.refuse(self._doorway, request, FAULT)
