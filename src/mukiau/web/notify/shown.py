"""A route and its messages as the pages show them: nothing of an address that opens it to whoever reads along."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.functional import Promise

from mukiau.stores.notify.deliveries import Delivery, State
from mukiau.stores.notify.routes import SUMMARY, StoredRoute
from mukiau.web.notify.words import CHANNEL_NAMES, KIND_NAMES, PURPOSE_NAMES, STATE_NAMES, reason_words


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDelivery:
    """One message."""

    id: int
    subject: str
    state: str
    """For the badge."""
    state_name: Promise
    at_ms: int
    """When it was sent or given up, else when it was made."""
    attempts: int
    why: str
    next_ms: int
    """When it is tried next; 0: no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRoute:
    """One route."""

    id: int
    name: str
    channel: Promise
    place: str
    """The part of the address that is no secret."""
    kinds: tuple[Promise, ...]
    purposes: tuple[Promise, ...]
    services: tuple[str, ...]
    teams: tuple[str, ...]
    is_active: bool
    latest: ShownDelivery | None


def shown_route(stored: StoredRoute, deliveries: Sequence[Delivery], team_names: Mapping[int, str]) -> ShownRoute:
    """Return a route as it is shown; of its messages the latest is."""
    route = stored.route
    wanted = {kind.value for kind in route.kinds} | ({SUMMARY} if route.tells_summary else set())
    return ShownRoute(
        id=stored.id,
        name=stored.name,
        channel=CHANNEL_NAMES[route.channel],
        place=place_of(route.address.to),
        kinds=tuple(name for kind, name in KIND_NAMES.items() if kind in wanted),
        purposes=tuple(name for purpose, name in PURPOSE_NAMES.items() if purpose in route.purposes),
        services=tuple(sorted(route.services)),
        teams=tuple(name for team, name in team_names.items() if team in route.team_ids),
        is_active=stored.is_active,
        latest=shown_delivery(deliveries[0]) if deliveries else None,
    )


def shown_delivery(delivery: Delivery) -> ShownDelivery:
    """Return a message as it is shown."""
    return ShownDelivery(
        id=delivery.id,
        subject=delivery.message.subject,
        state=delivery.state.value,
        state_name=STATE_NAMES[delivery.state],
        at_ms=delivery.ended_ms or delivery.created_ms,
        attempts=delivery.attempts,
        why="" if delivery.state is State.SENT else reason_words(delivery.reason, delivery.detail),
        next_ms=delivery.next_ms if delivery.state is State.WAITING and delivery.attempts else 0,
    )


def place_of(to: str) -> str:
    """Return the part of an address that is no secret: the host of a URL, where the rest of it is a key.

    >>> place_of("https://hooks.example.com/services/T0/B0/s3cret"), place_of("ops@example.com")
    ('hooks.example.com', 'ops@example.com')
    """
    return urlsplit(to).hostname or "" if "://" in to else to
