"""Two events, or one event of each of two issues, side by side: why they are one issue or two."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.functional import Promise

from mukiau.core.grouping.compare import ComparedPart, Comparison, Verdict, compare
from mukiau.core.grouping.explanation import Part, hash_of
from mukiau.core.grouping.fingerprint import fingerprint_of
from mukiau.stores.queries.event import EventDetail
from mukiau.stores.queries.explanations import read_explanations
from mukiau.stores.queries.policy_in_force import read_policy_in_force
from mukiau.stores.queries.recent_events import find_grouped_event, find_project_of_event
from mukiau.web.event.explanation import part_name, reason_words

_LINK = "exception"
_UNSAID = frozenset({"exceptions", "log_call", _LINK})
"""Branches that a part's name needs not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One part of both sides."""

    label: str | Promise
    of: str
    """The exception it belongs to; empty for others, and for its type itself."""
    counts: bool
    is_same: bool
    first: str
    second: str
    reasons: tuple[str | Promise, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """What two events have and have not in common."""

    together: bool
    """All that counts is the same."""
    apart: tuple[Line, ...]
    same: tuple[Line, ...]
    other: tuple[Line, ...]
    """Differs, and does not count."""


def sides_of(first: Part, second: Part) -> Sides:
    """Compare two explanations."""
    found: Comparison = compare(first, second)
    parts = list(_with_links(found.parts))
    apart, same, other = map(set, (found.apart_by, found.together_by, found.different_anyway))
    return Sides(
        together=found.together,
        apart=tuple(_lines(one for one in parts if one[0] in apart)),
        same=tuple(_lines(one for one in parts if one[0] in same)),
        other=tuple(_lines(one for one in parts if one[0] in other)),
    )


def explanations_of(first: EventDetail, second: EventDetail) -> tuple[Part, Part]:
    """Return both events' own explanations, which tell more than those kept with their fingerprints.

    The kept ones are taken for both where an event's own is not what it is grouped by: its payload was deleted, or
    another policy is coming into force.
    """
    kept = read_explanations([first.fingerprint_id, second.fingerprint_id])
    stored = [kept.get(one.fingerprint_id, Part(name="")) for one in (first, second)]
    own = [_own(one) for one in (first, second)]
    is_usable = all(mine is not None and hash_of(mine) == hash_of(kept) for mine, kept in zip(own, stored, strict=True))
    chosen = own if is_usable else stored
    return chosen[0] or stored[0], chosen[1] or stored[1]


def _own(detail: EventDetail) -> Part | None:
    event, project_id = find_grouped_event(detail.pk), find_project_of_event(detail.pk)
    if event is None or project_id is None:
        return None
    return fingerprint_of(event, read_policy_in_force(project_id)).explanation


def _lines(parts: Iterable[tuple[ComparedPart, str]]) -> Iterator[Line]:
    for part, link in parts:
        yield Line(
            label=_label(part.path),
            of=link,
            counts=part.counts,
            is_same=part.verdict is Verdict.SAME,
            first=part.first,
            second=part.second,
            reasons=tuple(reason_words(reason) for reason in dict.fromkeys(part.reasons) if reason),
        )


def _with_links(parts: Iterable[ComparedPart]) -> Iterator[tuple[ComparedPart, str]]:
    """Say of each part of an exception which one that is: parts come in order, the type before the others."""
    link = ""
    for part in parts:
        if part.path[-1] == "type":
            link = part.first or part.second
            yield part, ""
        else:
            yield part, link if _LINK in part.path[:-1] else ""


def _label(path: tuple[str, ...]) -> str | Promise:
    if path[-2:] == (_LINK, "type"):
        return part_name(_LINK)
    named = [name for name in path if name not in _UNSAID] or list(path[-1:])
    return " › ".join(str(part_name(name)) for name in named)
