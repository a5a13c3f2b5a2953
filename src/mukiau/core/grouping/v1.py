"""Grouping policy, version 1: service + whole exception chain + in-app frames, else service + log call + template.

One issue is one unit of handling. What makes another unit: another service, another root cause, another failing
operation, another result code. What never does: line numbers, generated names, ids, times, hosts, environments.

With exceptions, every link of the chain gives its parts, outermost first; suppressed ones and wrappers that say nothing
(`ExecutionException`) do not count. A link gives

* its type,
* the in-app function it came from (the one nearest the crash): where the same exception is thrown somewhere else, it is
  another failure,
* its message's template (of the first line: what follows is a statement or a list that the same failure cuts anywhere),
  when it is the root cause or has no in-app frame. A wrapper with in-app frames gives only the error codes of its
  message: its words often carry names that no rule can tell from words.

Where only one link has in-app frames, no wrapper tells which operation failed; then the way in counts too: the outermost
in-app function and the place of the next one. They are the last that a change of helpers moves; functions between never
count.

Without exceptions the logger (else the call-site) and the message's template stand for the failing operation; lines of a
stack that no parser knew are left out of it.

Frozen once released: a better policy is another version beside this one.
"""

import re

from mukiau.core.event import Event, ExceptionInfo, Frame, Relation
from mukiau.core.grouping.explanation import Part
from mukiau.core.grouping.names import function_name, is_generated, logger_name, place_name, type_name
from mukiau.core.templates import MAX_TEMPLATE_CHARS, codes_of, template_of

POLICY_VERSION = 1
MAX_LINKS = 12
"""Links of a chain that count; a longer chain is a retry loop wrapping itself."""

_STACK_LINE = re.compile(
    r"\s{0,40}(?:at |from |in |#\d{1,4} |\d{1,4}: 0x|File \"|\[stacktrace\]|stack backtrace:|\"?\}?$"
    r"|[\w./\\-]{1,200}:\d{1,7}:in )"
)

SEEN_THROUGH = frozenset(
    {
        "java.util.concurrent.ExecutionException",
        "java.util.concurrent.CompletionException",
        "java.lang.reflect.InvocationTargetException",
        "java.lang.reflect.UndeclaredThrowableException",
        "io.reactivex.exceptions.UndeliverableException",
        "reactor.core.Exceptions$ReactiveException",
        "System.Reflection.TargetInvocationException",
    }
)
"""Wrapper types that say nothing of their own; the causes speak for them."""


def explain(event: Event) -> Part:
    """Return the explanation tree of an event; its contributing leaves are the fingerprint."""
    service = Part(name="service", value=event.service, reason="" if event.service else "unknown_service")
    if event.client_fingerprint and event.client_fingerprint != ("{{ default }}",):
        return Part(name="event", parts=(service, _from_client(event)))
    return Part(name="event", parts=(service, *_default_parts(event)))


def _from_client(event: Event) -> Part:
    parts = tuple(
        Part(name="default", parts=_default_parts(event))
        if value.replace(" ", "") == "{{default}}"
        else Part(name="given", value=value)
        for value in event.client_fingerprint
    )
    return Part(name="client_fingerprint", parts=parts)


def _default_parts(event: Event) -> tuple[Part, ...]:
    links = event.exceptions[:MAX_LINKS]
    if not any(link.type or link.message or link.frames for link in links):
        return (_log_call(event),)
    return (_chain(links), _log_call(event)) if _says_nothing(links) else (_chain(links),)


def _chain(links: tuple[ExceptionInfo, ...]) -> Part:
    causes = {link.parent for link in links if link.relation is not Relation.SUPPRESSED}
    suppressed = _suppressed(links)
    parts = tuple(
        _link(link, is_root=index not in causes, is_suppressed=index in suppressed) for index, link in enumerate(links)
    )
    told = [part for part in parts if any(leaf.name == "function" and leaf.contributes for leaf in part.parts)]
    way_in = _way_in(links[parts.index(told[0])].frames) if len(told) == 1 else ()
    return Part(name="exceptions", parts=(*parts, *way_in))


def _way_in(frames: tuple[Frame, ...]) -> tuple[Part, ...]:
    """The outermost in-app function and the next one on the way; of a recursion only its innermost turn counts.

    The next one's name counts where both stand in one place (class, package, file), else only its place, and nothing
    where that is the crash's: there helpers are put in and renamed. None where the crash is outermost.
    """
    in_app = [frame for frame in reversed(frames) if frame.in_app and not is_generated(frame)]
    _crash, *callers = {_name_of(frame): _place_of(frame) for frame in in_app}.items()
    if not callers:
        return ()
    (entry, place), *further = reversed(callers)
    crash_place = _place_of(in_app[0])
    inner = (name if at == place else at for name, at in further[:1] if at == place or at != crash_place)
    return (Part(name="way_in", value=" > ".join((entry, *inner))),)


def _name_of(frame: Frame) -> str:
    return f"{_place_of(frame)} {function_name(frame.function)}".strip()


def _place_of(frame: Frame) -> str:
    return place_name(frame.module, frame.filename)


def _says_nothing(links: tuple[ExceptionInfo, ...]) -> bool:
    """A bare stack beside a log message: no link has a type or words of its own."""
    return not any(link.type or link.message for link in links)


def _suppressed(links: tuple[ExceptionInfo, ...]) -> frozenset[int]:
    """Indexes of suppressed exceptions and of everything that hangs on them."""
    found: set[int] = set()
    for index, link in enumerate(links):
        if link.relation is Relation.SUPPRESSED or link.parent in found:
            found.add(index)
    return frozenset(found)


def _link(link: ExceptionInfo, *, is_root: bool, is_suppressed: bool) -> Part:
    name = type_name(link.type)
    if is_suppressed:
        return Part(name="exception", value=name, contributes=False, reason="suppressed")
    if name in SEEN_THROUGH and not is_root:
        return Part(name="exception", value=name, contributes=False, reason="wrapper_seen_through")
    crash = crash_frame(link.frames)
    message = _message(link.message, counts=is_root or crash is None)
    return Part(name="exception", parts=(Part(name="type", value=name), _function(crash, link.frames), *message))


def crash_frame(frames: tuple[Frame, ...]) -> Frame | None:
    """Return the in-app frame nearest the crash, generated ones passed over; None when there is none."""
    return next((frame for frame in reversed(frames) if frame.in_app and not is_generated(frame)), None)


def _function(crash: Frame | None, frames: tuple[Frame, ...]) -> Part:
    if crash is None:
        reason = "no_frame_in_app" if frames else "no_frames"
        return Part(name="function", contributes=False, reason=reason)
    return Part(name="function", value=_name_of(crash))


def _message(message: str, *, counts: bool) -> tuple[Part, ...]:
    template = template_of(first_line(message))
    if not template:
        return ()
    if counts:
        return (Part(name="template", value=template),)
    codes = tuple(Part(name="code", value=code) for code in codes_of(template))
    return (Part(name="template", value=template, contributes=False, reason="wrapper_with_frames"), *codes)


def first_line(text: str) -> str:
    """Return the first line that is not blank, "" when there is none."""
    return next((line for line in text.splitlines() if line and not line.isspace()), "")


def without_frames(message: str) -> str:
    """Return the message without its stack lines; the first line always stays."""
    first, *rest = message[: 4 * MAX_TEMPLATE_CHARS].splitlines() or [""]
    return "\n".join([first, *(line for line in rest if not _STACK_LINE.match(line))])


def _log_call(event: Event) -> Part:
    """Never one bucket for "no signal": an empty message still has its logger, level and platform."""
    logger = Part(
        name="logger",
        value=logger_name(event.logger),
        contributes=bool(event.logger),
        reason="" if event.logger else "none",
    )
    counts = bool(event.call_site) and not event.logger
    site = Part(name="call_site", value=event.call_site, contributes=counts, reason="" if counts else "logger_counts")
    template = template_of(without_frames(event.message_template or event.message))
    if template:
        return Part(name="log_call", parts=(logger, site, Part(name="template", value=template)))
    nothing = Part(name="nothing", value=f"{event.level} {event.platform} {event.transaction}", reason="no_message")
    return Part(name="log_call", parts=(logger, site, nothing))
