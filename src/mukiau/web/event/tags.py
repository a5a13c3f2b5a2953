"""The tags of an issue's events with how often each value occurred, and the value the shown event has."""

from dataclasses import dataclass

from mukiau.core.event import JSONObject
from mukiau.stores.queries.issue import TagCount, TagDistribution
from mukiau.web.event.shapes import brief, entries_of, mapping

MAX_TAGS_SHOWN = 30
MAX_VALUES_SHOWN = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class TagView:
    """One tag."""

    key: str
    own: str
    """The value of the shown event; "" when it has none."""
    values: tuple[TagCount, ...]
    total: int
    value_count: int
    hidden: int
    is_scattered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """All tags, those of the shown event first."""

    tags: tuple[TagView, ...] = ()
    hidden: int = 0

    @property
    def count(self) -> int:
        return len(self.tags) + self.hidden


def tags_of(distributions: tuple[TagDistribution, ...], document: JSONObject, *, is_whole: bool = False) -> Tags:
    """Return the tags as the page shows them; what the shown event does not have stands last."""
    own = own_tags(document)
    ordered = sorted(distributions, key=lambda found: found.key not in own)
    shown = ordered if is_whole else ordered[:MAX_TAGS_SHOWN]
    return Tags(tags=tuple(_view(found, own.get(found.key, "")) for found in shown), hidden=len(ordered) - len(shown))


def own_tags(document: JSONObject) -> dict[str, str]:
    """Return the tags an event counts under: its own, release and level."""
    counted = {name: brief(value, 200) for name, value in entries_of(document.get("tags"))}
    return counted or {
        name: brief(value, 200) for name, value in entries_of(mapping(document.get("payload")).get("tags"))
    }


def _view(found: TagDistribution, own: str) -> TagView:
    values = found.values[:MAX_VALUES_SHOWN]
    if own and all(value.value != own for value in values):
        own_count = [value for value in found.values if value.value == own]
        values = (*values[: MAX_VALUES_SHOWN - 1], *(own_count or [TagCount(value=own, count=0)]))
    return TagView(
        key=found.key,
        own=own,
        values=values,
        total=found.total,
        value_count=found.value_count,
        hidden=found.value_count - len(values),
        is_scattered=found.is_scattered,
    )
