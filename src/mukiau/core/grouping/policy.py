"""The grouping policy as values: what counts, for whom, and what a rule changes. The text of it: `policy_text`.

A policy stands on a numbered version of mukiau's own defaults, which is frozen once released; what it does not say is as
those say it. Environments, hosts and releases are no condition and no part: an issue spans all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from mukiau.core.event import Event, ExceptionInfo, Frame
from mukiau.core.grouping.globs import Globs
from mukiau.core.grouping.shapes import Shapes
from mukiau.core.grouping.wording import matches
from mukiau.core.templates import template_in_pieces, template_of

DEFAULTS = 1
"""The newest version of the defaults."""
MAX_FRAMES_COUNTED = 20

SEEN_THROUGH = (
    "java.util.concurrent.ExecutionException",
    "java.util.concurrent.CompletionException",
    "java.lang.reflect.InvocationTargetException",
    "java.lang.reflect.UndeclaredThrowableException",
    "io.reactivex.exceptions.UndeliverableException",
    "reactor.core.Exceptions$ReactiveException",
    "System.Reflection.TargetInvocationException",
)
"""Wrapper types that say nothing of their own; the causes speak for them."""


class SourceKind(StrEnum):
    """What of an event a policy may name; those with an argument are written `tag:code`, `value:reason`, `frames:3`."""

    SERVICE = "service"
    TYPE = "type"
    ROOT_TYPE = "root_type"
    TYPES = "types"
    MESSAGE = "message"
    ROOT_MESSAGE = "root_message"
    FUNCTION = "function"
    ENTRY = "entry"
    FRAMES = "frames"
    CODES = "codes"
    LOGGER = "logger"
    LEVEL = "level"
    PLATFORM = "platform"
    TRANSACTION = "transaction"
    CALL_SITE = "call_site"
    TAG = "tag"
    VALUE = "value"


WITH_ARGUMENT = frozenset({SourceKind.TAG, SourceKind.VALUE, SourceKind.FRAMES})


class Source(NamedTuple):
    """One thing that a policy names of an event."""

    kind: SourceKind
    argument: str = ""
    """The tag, the key, or how many frames."""

    def __str__(self) -> str:
        return f"{self.kind}:{self.argument}" if self.argument else self.kind


class Text(NamedTuple):
    """A text with what it names of an event: `refused {{ tag:code }}`."""

    pieces: tuple[str | Source, ...]
    is_default: bool = False
    """It is `{{ default }}`: what would count, or be the title, without it."""


class Links(StrEnum):
    """Which exceptions of a chain count."""

    ALL = "all"
    ROOT = "root"
    OUTERMOST = "outermost"


class Messages(StrEnum):
    """Of which exceptions the message's template counts."""

    ROOT = "root"
    """The root cause, and what has no in-app function."""
    ALL = "all"
    NONE = "none"


class OwnFrames(NamedTuple):
    """What a policy says about frames of one runtime; a frame of which it says nothing stays what it was."""

    include: Globs = Globs()
    """In the app; wins."""
    exclude: Globs = Globs()

    def decides(self, frame: Frame) -> bool | None:
        """Say whether a frame is in the app; None where nothing is said about it."""
        places = [place for place in (frame.module, frame.abs_path or frame.filename) if place]
        if any(self.include.fit(place) for place in places):
            return True
        return False if any(self.exclude.fit(place) for place in places) else None


_SEEN_THROUGH = Globs(SEEN_THROUGH)
_NO_SHAPES = Shapes()


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """What counts, for all events or for those of a rule."""

    service: bool = True
    links: Links = Links.ALL
    order: bool = True
    """Of the links; else a chain turned around is the same."""
    frames: int = 1
    """In-app functions of each link, from the crash outwards."""
    way_in: bool = True
    messages: Messages = Messages.ROOT
    codes: bool = True
    """Error codes in messages that do not count themselves."""
    ignored_codes: frozenset[str] = frozenset()
    """Of those: keys (`reason`), or whole codes where they have none, that do not count."""
    logger: bool = True
    """Without exceptions: the logger, else the place of the log call."""
    client_fingerprint: bool = True
    see_through: Globs = _SEEN_THROUGH
    shapes: Shapes = _NO_SHAPES
    wordings: tuple[str, ...] = ()
    """Templates with `{word}` and `{words}` where they vary; each is the template of every message that fits it."""
    also: tuple[Source, ...] = ()
    because: str = "policy"
    """The reason that stands at every part that is not as the defaults say."""

    def template(self, message: str) -> str:
        """Return the template of a message."""
        template = template_in_pieces(message, self.shapes.pieces_of) if self.shapes else template_of(message)
        return _worded(template, self.wordings) if self.wordings else template

    def why_worded(self, template: str) -> str:
        """Return the reason that stands at a template which is a wording; "" at any other."""
        return self.because if template in self.wordings else ""


@lru_cache(maxsize=4096)
def _worded(template: str, wordings: tuple[str, ...]) -> str:
    return next((wording for wording in wordings if matches(wording, template)), template)


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """What an event must be for a rule; nothing said about a field is no condition."""

    service: Globs | None = None
    type: Globs | None = None
    """Any exception of the chain: its whole name or the last part of it."""
    root_type: Globs | None = None
    logger: Globs | None = None
    """The whole name or the last part of it."""
    message: Globs | None = None
    """Of the log call or of any exception; the first line."""
    transaction: Globs | None = None
    platform: frozenset[str] | None = None
    level: frozenset[str] | None = None
    tags: tuple[tuple[str, Globs], ...] = ()
    hash: frozenset[str] | None = None
    """The fingerprint that the defaults alone give: the events of an issue that was split by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What is different for some events; the first rule that fits is the only one that acts."""

    name: str
    when: When
    counting: Counting
    """Whole: the policy's own, with what the rule changes."""
    fingerprint: tuple[Text, ...] = ()
    """Counts instead of everything but the service, and beats what the client gave; empty: no change."""
    title: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Which parts of an event make it one issue with others."""

    version: int = 1
    """Of the project's text; 1 is mukiau's own."""
    defaults: int = DEFAULTS
    """The version of mukiau's defaults it stands on."""
    counting: Counting = Counting()
    in_app: Mapping[str, OwnFrames] = field(default_factory=dict)
    """By runtime (`java`, `python`, …); "" for all others."""
    rules: tuple[Rule, ...] = ()


DEFAULT = Policy()


def find_own_frames(policy: Policy, *, platform: str, language: str) -> OwnFrames | None:
    """Return what a policy says about frames of a runtime; None where it says nothing."""
    return policy.in_app.get(platform) or policy.in_app.get(language) or policy.in_app.get("")


def with_own_frames(event: Event, policy: Policy) -> Event:
    """Return the event with its frames in or out of the app as the policy says."""
    own = find_own_frames(policy, platform=event.platform, language=event.origin.language)
    if own is None or not event.exceptions:
        return event
    return replace(event, exceptions=tuple(_decided(link, own) for link in event.exceptions))


def _decided(link: ExceptionInfo, own: OwnFrames) -> ExceptionInfo:
    said = [own.decides(frame) for frame in link.frames]
    frames = (
        frame if in_app is None or in_app is frame.in_app else replace(frame, in_app=in_app)
        for frame, in_app in zip(link.frames, said, strict=True)
    )
    return replace(link, frames=tuple(frames))
