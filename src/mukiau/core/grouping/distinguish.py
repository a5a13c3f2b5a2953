"""What would tell the events of one issue apart: the parts that do not count, the most useful first.

Each is written as a rule's `also` takes it (`tag:code`, `value:reason`, `frames:2`), so that splitting an issue is choosing
one of them.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mukiau.core.event import Event
from mukiau.core.grouping.chain import crashed_link, own_frames
from mukiau.core.grouping.policy import DEFAULT, MAX_FRAMES_COUNTED, Counting, Policy, Source, SourceKind
from mukiau.core.grouping.policy_reading import MUST_NOT_SPLIT
from mukiau.core.grouping.sources import keys_named, value_of
from mukiau.core.grouping.v1 import apply

MAX_VALUES_SHOWN = 8
MAX_KEYS = 60
"""Tags or keys looked at; the most frequent."""

_TELLING = (
    SourceKind.CODES, SourceKind.ROOT_TYPE, SourceKind.ROOT_MESSAGE, SourceKind.FUNCTION, SourceKind.TYPES,
    SourceKind.MESSAGE, SourceKind.ENTRY, SourceKind.CALL_SITE, SourceKind.TRANSACTION, SourceKind.LOGGER,
)  # fmt: skip
"""What names a failure, before tags and values; in the order of their worth where they tell equally well."""
_SURROUNDING = (SourceKind.LEVEL, SourceKind.PLATFORM, SourceKind.SERVICE)
_IDENTITIES = frozenset(
    """thread thread_id thread.id trace_id traceid span_id spanid request_id requestid correlation_id session_id user
    user_id userid pid process_id""".split()
)
"""Keys of what differs from one occurrence to the next by nature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distinction:
    """One part that differs among the events."""

    source: Source
    """As text: what a rule's `also` says."""
    groups: int
    """Issues it would make; events without it are one of them."""
    values: tuple[tuple[str, int], ...]
    """The most frequent values with their events; "" for events without it."""
    is_individual: bool
    """Nearly every event has a value of its own: an id, which makes no units of handling."""


def find_distinctions(events: Sequence[Event], policy: Policy = DEFAULT) -> tuple[Distinction, ...]:
    """Return the parts that would tell events apart, the most useful first; none where they are alike in all."""
    applied = [apply(policy, event) for event in events]
    if len(applied) < 2:
        return ()
    own = [(one.event, one.how) for one in applied]
    found = (_distinction(source, own) for source in _candidates([event for event, _ in own]))
    several = [one for one in found if one.groups > 1]
    ranked = sorted(enumerate(several), key=lambda item: (_rank(item[1]), item[0]))
    return tuple(_without_repeats(one for _, one in ranked))


def _candidates(events: Sequence[Event]) -> Iterator[Source]:
    tags = Counter(key for event in events for key, _ in event.tags if key.lower() not in MUST_NOT_SPLIT)
    keys = Counter(key for event in events for key in keys_named(event))
    yield from (Source(kind) for kind in _TELLING)
    yield from (Source(SourceKind.FRAMES, str(count)) for count in range(2, _deepest(events) + 1))
    yield from (Source(SourceKind.TAG, key) for key, _ in tags.most_common(MAX_KEYS))
    yield from (Source(SourceKind.VALUE, key) for key, _ in keys.most_common(MAX_KEYS))
    yield from (Source(kind) for kind in _SURROUNDING)


def _deepest(events: Sequence[Event]) -> int:
    links = (crashed_link(event.exceptions) for event in events)
    return min(
        MAX_FRAMES_COUNTED, max((len([*own_frames(link.frames)]) for link in links if link is not None), default=0)
    )


def _distinction(source: Source, events: Sequence[tuple[Event, Counting]]) -> Distinction:
    values = Counter(value_of(event, source, how) for event, how in events)
    return Distinction(
        source=source,
        groups=len(values),
        values=tuple(values.most_common(MAX_VALUES_SHOWN)),
        is_individual=source.argument.lower() in _IDENTITIES or len(values) > max(3, 0.8 * len(events)),
    )


def _rank(found: Distinction) -> tuple[bool, bool, int]:
    """Few groups before many, all events having a value before some, ids last."""
    return (found.is_individual, any(not value for value, _ in found.values), found.groups)


def _without_repeats(ranked: Iterator[Distinction]) -> Iterator[Distinction]:
    """More frames that tell no more than fewer (or the function alone) did are left out."""
    groups_by_frames = 0
    for one in ranked:
        if one.source.kind in {SourceKind.FRAMES, SourceKind.FUNCTION}:
            if one.groups <= groups_by_frames:
                continue
            groups_by_frames = one.groups
        yield one
