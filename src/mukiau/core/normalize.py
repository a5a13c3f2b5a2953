"""Normalise: whatever a client sent becomes one shape, and what had to be mended is noted."""

from dataclasses import dataclass
from datetime import datetime

from mukiau.core.event import EventProblem, JSONObject
from mukiau.core.normalizing.times import parse_time, render_time


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalized:
    """A payload in the one shape every later station relies on."""

    payload: JSONObject
    problems: tuple[EventProblem, ...] = ()


def normalize_payload(raw: object, *, received_at: datetime, sent_at: datetime | None = None) -> Normalized:
    """Return the normalised payload; never raises, never gives an event up."""
    payload = dict(raw) if isinstance(raw, dict) else {"logentry": {"formatted": str(raw)}}
    for name in ("exception", "breadcrumbs", "threads"):
        if isinstance(payload.get(name), list):
            payload[name] = {"values": payload[name]}
    if isinstance(message := payload.pop("message", None), str):
        payload.setdefault("logentry", {"formatted": message})
    payload["timestamp"] = render_time(parse_time(payload.get("timestamp")) or received_at)
    if isinstance(payload.get("tags"), list):
        payload["tags"] = {str(pair[0]): str(pair[1]) for pair in payload["tags"]}
    return Normalized(payload=payload)
