"""The stations every event passes, whatever door it came through: normalise, scrub, build, group, name."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from mukiau.core.event import EventProblem, JSONValue, Origin
from mukiau.core.event_builder import build_event
from mukiau.core.grouping.fingerprint import fingerprint_of
from mukiau.core.grouping.title import title_of
from mukiau.core.normalize import normalize_payload
from mukiau.core.scrub import Scrubber
from mukiau.digest.batch import DigestedEvent
from mukiau.digest.policies import Policies
from mukiau.digest.ports import SourceDefaults

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_DEFAULTS = SourceDefaults()


@dataclass(frozen=True, slots=True, kw_only=True)
class RawEvent:
    """An event as its door gives it."""

    payload: JSONValue
    """Decoded, of any shape."""
    is_ordinary: bool = False
    """See `normalize_payload`."""
    origin: Origin
    event_id: str
    """The id it goes by (32 hex digits), whatever the payload says."""
    received_ms: int
    sent_at: datetime | None = None
    problems: tuple[EventProblem, ...] = ()
    """Noted on the way here."""
    revision: int = 0


class EventMaker:
    """Makes events by one scrubbing policy and the grouping policies in use."""

    def __init__(self, scrubber: Scrubber, policies: Policies | None = None) -> None:
        """Without `policies` every project goes by mukiau's own."""
        self._scrubber = scrubber
        self._policies = policies or Policies()

    def make(self, raw: RawEvent, *, defaults: SourceDefaults | None = None) -> DigestedEvent:
        """Return the event with its fingerprint and the words of its issue."""
        received_at = moment_of(raw.received_ms)
        normalized = normalize_payload(
            raw.payload, received_at=received_at, sent_at=raw.sent_at, is_ordinary=raw.is_ordinary
        )
        scrubbed = self._scrubber.scrub(normalized.payload, (*raw.problems, *normalized.problems))
        payload = {**scrubbed.payload, "event_id": raw.event_id}
        event = build_event(
            payload,
            origin=self._scrubbed(_with_defaults(raw.origin, defaults or _NO_DEFAULTS)),
            received_at=received_at,
            sent_at=raw.sent_at,
            problems=scrubbed.problems,
        )
        policy, other = self._policies.of(raw.origin.project_id)
        return DigestedEvent(
            event=event,
            fingerprint=fingerprint_of(event, policy),
            other=None if other is None else fingerprint_of(event, other),
            title=title_of(event, policy),
            revision=raw.revision,
        )

    def _scrubbed(self, origin: Origin) -> Origin:
        return replace(origin, raw=self._scrubber.scrub_text(origin.raw)) if origin.raw else origin


def moment_of(unix_ms: int) -> datetime:
    """Return the aware UTC moment of unix milliseconds."""
    return _EPOCH + timedelta(milliseconds=unix_ms)


def _with_defaults(origin: Origin, defaults: SourceDefaults) -> Origin:
    """What the key's owner said fills what the input leaves open."""
    if (origin.service or not defaults.service) and (origin.environment or not defaults.environment):
        return origin
    return replace(
        origin,
        service=origin.service or defaults.service,
        environment=origin.environment or defaults.environment,
    )
