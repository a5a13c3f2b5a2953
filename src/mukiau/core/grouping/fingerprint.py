"""The fingerprint of an event under the policy in force."""

from dataclasses import dataclass

from mukiau.core.event import Event
from mukiau.core.grouping import v1
from mukiau.core.grouping.explanation import Part, hash_of
from mukiau.core.grouping.policy import DEFAULT, Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What an event is grouped by."""

    hash: str
    """32 hex digits over the explanation's contributing leaves."""
    policy_version: int
    """Of the project's policy; 1 is mukiau's own."""
    explanation: Part


def fingerprint_of(event: Event, policy: Policy = DEFAULT) -> Fingerprint:
    """Return the event's fingerprint; equal hashes of one project are one issue."""
    explanation = v1.explain(event, policy)
    return Fingerprint(hash=hash_of(explanation), policy_version=policy.version, explanation=explanation)
