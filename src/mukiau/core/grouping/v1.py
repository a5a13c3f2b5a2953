"""The defaults of the grouping policy, version 1: service + whole exception chain + in-app frames, else service + log call + template.

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

Frozen once released: better defaults are another version beside this one. What a policy changes is in `how` (a `Counting`);
a part that is not as the defaults say bears the reason `policy`, or `rule:` and the rule's name.
"""

from collections.abc import Callable
from typing import NamedTuple

from mukiau.core.event import Event, ExceptionInfo, Frame, Relation
from mukiau.core.grouping.chain import crash_frame, name_of, own_frames, place_of, suppressed
from mukiau.core.grouping.explanation import Part, hash_of, leaves_of
from mukiau.core.grouping.message import first_line, without_frames
from mukiau.core.grouping.names import logger_name, type_name
from mukiau.core.grouping.policy import DEFAULT, Counting, Links, Messages, Policy, Rule, with_own_frames
from mukiau.core.grouping.rules import find_rule
from mukiau.core.grouping.sources import render, value_of
from mukiau.core.templates import codes_of

MAX_LINKS = 12
"""Links of a chain that count; a longer chain is a retry loop wrapping itself."""


class Applied(NamedTuple):
    """A policy applied to an event."""

    event: Event
    """Its frames in or out of the app as the policy says."""
    rule: Rule | None
    how: Counting


def apply(policy: Policy, event: Event) -> Applied:
    """Return what a policy says of an event."""
    if not policy.rules:
        return Applied(with_own_frames(event, policy) if policy.in_app else event, None, policy.counting)
    own = with_own_frames(event, policy)
    rule = find_rule(policy.rules, own, default_hash=_default_hash(event))
    return Applied(own, rule, policy.counting if rule is None else rule.counting)


def _default_hash(event: Event) -> Callable[[], str]:
    """Return what gives the hash by the defaults: worked out when a rule asks first, and at most once."""
    known: list[str] = []

    def ask() -> str:
        if not known:
            known.append(hash_of(explain(event)))
        return known[0]

    return ask


def explain(event: Event, policy: Policy = DEFAULT) -> Part:
    """Return the explanation tree of an event; its contributing leaves are the fingerprint."""
    event, rule, how = apply(policy, event)
    service = _service(event, how)
    reason = "" if rule is None else how.because
    return Part(name="event", reason=reason, parts=(service, *_said(event, rule, how), *_also(event, how)))


def _service(event: Event, how: Counting) -> Part:
    reason = "" if event.service else "unknown_service"
    return Part(
        name="service", value=event.service, contributes=how.service, reason=reason if how.service else how.because
    )


def _said(event: Event, rule: Rule | None, how: Counting) -> tuple[Part, ...]:
    """What the rule gives, else the client, else the defaults."""
    if rule is not None and rule.fingerprint:
        return (_from_rule(event, rule, how),)
    if event.client_fingerprint and event.client_fingerprint != ("{{ default }}",):
        if how.client_fingerprint:
            return (_from_client(event, how),)
        given = ", ".join(event.client_fingerprint)
        ignored = Part(name="client_fingerprint", value=given, contributes=False, reason=how.because)
        return (ignored, *_default_parts(event, how))
    return _default_parts(event, how)


def _from_rule(event: Event, rule: Rule, how: Counting) -> Part:
    parts = tuple(
        Part(name="default", parts=_default_parts(event, how))
        if text.is_default
        else Part(name="given", value=render(event, text, how))
        for text in rule.fingerprint
    )
    return Part(name="rule_fingerprint", reason=how.because, parts=parts)


def _from_client(event: Event, how: Counting) -> Part:
    parts = tuple(
        Part(name="default", parts=_default_parts(event, how))
        if value.replace(" ", "") == "{{default}}"
        else Part(name="given", value=value)
        for value in event.client_fingerprint
    )
    return Part(name="client_fingerprint", parts=parts)


def _also(event: Event, how: Counting) -> tuple[Part, ...]:
    """What counts besides; what the event does not have is no part, so a tag that is missing is one more value."""
    if not how.also:
        return ()
    named = [(source, value_of(event, source, how)) for source in how.also]
    parts = tuple(
        Part(name=source.kind, value=f"{source.argument}={value}" if source.argument else value, reason=how.because)
        for source, value in named
        if value
    )
    return (Part(name="also", parts=parts),) if parts else ()


def _default_parts(event: Event, how: Counting) -> tuple[Part, ...]:
    links = event.exceptions[:MAX_LINKS]
    if not any(link.type or link.message or link.frames for link in links):
        return (_log_call(event, how),)
    chain = _chain(links, how)
    return (chain, _log_call(event, how)) if _says_nothing(links) else (chain,)


def _chain(links: tuple[ExceptionInfo, ...], how: Counting) -> Part:
    causes = {link.parent for link in links if link.relation is not Relation.SUPPRESSED}
    aside = suppressed(links)
    parts = tuple(
        _link(link, is_root=index not in causes, is_suppressed=index in aside, how=how)
        for index, link in enumerate(links)
    )
    if how.links is not Links.ALL:
        parts = _one_end(parts, causes, how)
    told = [part for part in parts if any(leaf.name == "function" and leaf.contributes for leaf in part.parts)]
    way_in = _way_in(links[parts.index(told[0])].frames, how) if len(told) == 1 else ()
    if how.order:
        return Part(name="exceptions", parts=(*parts, *way_in))
    turned = sorted(parts, key=lambda part: [(leaf.name, leaf.value) for leaf in leaves_of(part)])
    return Part(name="exceptions", reason=how.because, parts=(*turned, *way_in))


def _one_end(parts: tuple[Part, ...], causes: set[int | None], how: Counting) -> tuple[Part, ...]:
    """Switch off all links but the root cause, or all but the raised exception."""
    counting = [index for index, part in enumerate(parts) if part.contributes]
    kept = {index for index in counting if index not in causes} if how.links is Links.ROOT else set(counting[:1])
    return tuple(part if index in kept or not part.contributes else _off(part, how) for index, part in enumerate(parts))


def _off(part: Part, how: Counting) -> Part:
    return Part(name=part.name, value=part.parts[0].value, contributes=False, reason=how.because)


def _way_in(frames: tuple[Frame, ...], how: Counting) -> tuple[Part, ...]:
    """The outermost in-app function and the next one on the way; of a recursion only its innermost turn counts.

    The next one's name counts where both stand in one place (class, package, file), else only its place, and nothing
    where that is the crash's: there helpers are put in and renamed. None where the crash is outermost.
    """
    in_app = [*own_frames(frames)]
    _crash, *callers = {name_of(frame): place_of(frame) for frame in in_app}.items()
    if not callers:
        return ()
    (entry, place), *further = reversed(callers)
    crash_place = place_of(in_app[0])
    inner = (name if at == place else at for name, at in further[:1] if at == place or at != crash_place)
    value, reason = " > ".join((entry, *inner)), "" if how.way_in else how.because
    return (Part(name="way_in", value=value, contributes=how.way_in, reason=reason),)


def _says_nothing(links: tuple[ExceptionInfo, ...]) -> bool:
    """A bare stack beside a log message: no link has a type or words of its own."""
    return not any(link.type or link.message for link in links)


def _link(link: ExceptionInfo, *, is_root: bool, is_suppressed: bool, how: Counting) -> Part:
    name = type_name(link.type)
    if is_suppressed:
        return Part(name="exception", value=name, contributes=False, reason="suppressed")
    if not is_root and how.see_through.fit(name):
        return Part(name="exception", value=name, contributes=False, reason="wrapper_seen_through")
    crash = crash_frame(link.frames)
    functions = _functions(crash, link.frames, how)
    message = _message(link.message, counts=is_root or crash is None, how=how)
    return Part(name="exception", parts=(Part(name="type", value=name), *functions, *message))


def _functions(crash: Frame | None, frames: tuple[Frame, ...], how: Counting) -> tuple[Part, ...]:
    if crash is None:
        reason = "no_frame_in_app" if frames else "no_frames"
        return (Part(name="function", contributes=False, reason=reason),)
    if how.frames == 1:
        return (Part(name="function", value=name_of(crash)),)
    if how.frames == 0:
        return (Part(name="function", value=name_of(crash), contributes=False, reason=how.because),)
    first, *callers = dict.fromkeys(name_of(frame) for frame in own_frames(frames))
    further = (Part(name="function", value=name, reason=how.because) for name in callers[: how.frames - 1])
    return (Part(name="function", value=first), *further)


def _message(message: str, *, counts: bool, how: Counting) -> tuple[Part, ...]:
    """`counts`: by the defaults, the template does."""
    template = how.template(first_line(message))
    if not template:
        return ()
    by_policy = how.messages is not Messages.ROOT and counts is not (how.messages is Messages.ALL)
    if counts is not by_policy:
        return (Part(name="template", value=template, reason=how.because if by_policy else how.why_worded(template)),)
    reason = how.because if by_policy else "wrapper_with_frames"
    codes = tuple(_code(code, how) for code in codes_of(template))
    return (Part(name="template", value=template, contributes=False, reason=reason), *codes)


def _code(code: str, how: Counting) -> Part:
    counts = how.codes and code.partition("=")[0] not in how.ignored_codes
    return Part(name="code", value=code, contributes=counts, reason="" if counts else how.because)


def _log_call(event: Event, how: Counting) -> Part:
    """Never one bucket for "no signal": an empty message still has its logger, level and platform."""
    logger = Part(
        name="logger",
        value=logger_name(event.logger),
        contributes=bool(event.logger) and how.logger,
        reason=("" if how.logger else how.because) if event.logger else "none",
    )
    counts = bool(event.call_site) and not event.logger
    site = Part(
        name="call_site",
        value=event.call_site,
        contributes=counts and how.logger,
        reason=("" if how.logger else how.because) if counts else "logger_counts",
    )
    template = how.template(without_frames(event.message_template or event.message))
    if template:
        worded = Part(name="template", value=template, reason=how.why_worded(template))
        return Part(name="log_call", parts=(logger, site, worded))
    nothing = Part(name="nothing", value=f"{event.level} {event.platform} {event.transaction}", reason="no_message")
    return Part(name="log_call", parts=(logger, site, nothing))
