"""What the two targets have in common."""

from dataclasses import dataclass
from typing import Protocol

from mukiau.forwarder.door import TimeLeft
from mukiau.forwarder.subscription import Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of one subscription's records."""

    requests: int = 0
    accepted: int = 0
    """Records (target mukiau) or events (target sentry) that the server has."""
    rejected: int = 0
    """Records that nobody could read: the server, or for the target sentry the function itself."""
    stuck: int = 0
    """Records or events that the server refuses whatever is tried: too large, malformed."""

    def __add__(self, other: "Sent") -> "Sent":
        return Sent(
            requests=self.requests + other.requests,
            accepted=self.accepted + other.accepted,
            rejected=self.rejected + other.rejected,
            stuck=self.stuck + other.stuck,
        )


class Target(Protocol):
    """Somebody who takes records."""

    def send(self, batch: Subscription, *, time_left: TimeLeft) -> Sent:
        """Deliver a batch; raises Undelivered. What is stuck does not keep the rest from being sent."""
        ...
