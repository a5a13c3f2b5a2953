"""A payload with its frames in or out of the app as the grouping policy in force says: so they counted, so they are shown."""

from mukiau.core.event import Frame, JSONObject, JSONValue
from mukiau.core.event_builder import language_of
from mukiau.core.grouping.policy import OwnFrames, Policy, find_own_frames
from mukiau.web.event.shapes import items, mapping


class DecidedFrame(dict[str, JSONValue]):
    """A frame of which the policy says whether it is in the app."""


def with_policy(document: JSONObject, policy: Policy) -> JSONObject:
    """Return a stored document with the frames of its exceptions as the policy says; the same one where it says nothing."""
    payload, origin = mapping(document.get("payload")), mapping(document.get("origin"))
    platform = _text(payload.get("platform")) or "other"
    language = _text(origin.get("language")) or language_of(platform)
    own = find_own_frames(policy, platform=platform, language=language) if policy.in_app else None
    if own is None:
        return document
    values = [_link(value, own) for value in items(payload.get("exception"))]
    return {**document, "payload": {**payload, "exception": {"values": values}}} if values else document


def _link(value: JSONValue, own: OwnFrames) -> JSONValue:
    stack = mapping(mapping(value).get("stacktrace"))
    frames = items(stack.get("frames"))
    if not frames:
        return value
    decided = [_frame(frame, own) for frame in frames]
    return {**mapping(value), "stacktrace": {**stack, "frames": decided}}


def _frame(frame: JSONValue, own: OwnFrames) -> JSONValue:
    module, filename, path = (_text(mapping(frame).get(name)) for name in ("module", "filename", "abs_path"))
    in_app = own.decides(Frame(module=module, filename=filename, abs_path=path))
    return frame if in_app is None else DecidedFrame({**mapping(frame), "in_app": in_app})


def _text(value: JSONValue) -> str:
    return value if isinstance(value, str) else ""
