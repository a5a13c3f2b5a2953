"""Who is told of what, and where: one route."""

from dataclasses import dataclass, field

from mukiau.notify.cause import PERSONAL, Cause, CauseKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a channel sends to. Neither part is shown to anybody or written into a log."""

    to: str = field(repr=False)
    """The URL of a webhook, or the mail address."""
    secret: str = field(default="", repr=False)
    """What messages are signed with; empty where the channel signs none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Who is told of what, and where."""

    id: int
    channel: str
    """A name of `channels.registry`."""
    address: Address
    kinds: frozenset[CauseKind]
    tells_summary: bool
    """The daily summary, at nine in the morning of its time zone."""
    purposes: frozenset[str]
    """Of the environments told of; empty: of all. What is about no environment is told in any case."""
    services: frozenset[str]
    """Likewise."""
    team_ids: frozenset[int]
    """Whose issues and requests are told; empty: everybody's, and nobody's."""
    language: str
    time_zone: str
    person_id: int | None = None
    """Whose own route this is: only what concerns this person is told by it."""

    def wants(self, cause: Cause) -> bool:
        """Say whether a cause is to be told by this route."""
        if cause.kind not in self.kinds or (self.person_id is not None and self.person_id not in cause.person_ids):
            return False
        if cause.kind in PERSONAL:
            return not self.team_ids or cause.team_id is None or cause.team_id in self.team_ids
        return self.covers(cause)

    def covers(self, cause: Cause) -> bool:
        """Say whether what was noticed about an issue happened where this route looks."""
        is_theirs = not self.team_ids or cause.team_id in self.team_ids
        return is_theirs and self.covers_place(purpose=cause.purpose, service=cause.service)

    def covers_place(self, *, purpose: str, service: str) -> bool:
        """Say whether this route looks at a service in environments of a purpose."""
        is_here = not self.purposes or purpose in self.purposes
        return is_here and (not self.services or service in self.services)
