"""The fingerprint of an event under the policy in force."""

from dataclasses import dataclass

from mukiau.core.event import Event
from mukiau.core.grouping import v1
from mukiau.core.grouping.explanation import Part, hash_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What an event is grouped by."""

    hash: str
    """32 hex digits over the explanation's contributing leaves."""
    policy_version: int
    explanation: Part


def fingerprint_of(event: Event) -> Fingerprint:
    """Return the event's fingerprint; equal hashes of one project are one issue."""
    explanation = v1.explain(event)
    return Fingerprint(hash=hash_of(explanation), policy_version=v1.POLICY_VERSION, explanation=explanation)
