"""What a first look at log files found."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from mukiau.core.records.payloads import Rejected
from mukiau.core.records.survey import MAX_SAMPLES, Survey
from mukiau.digest.batch import DigestedEvent


@dataclass(slots=True)
class Group:
    """The events that would be one issue."""

    title: str
    cause: str
    level: str
    language: str
    count: int = 0
    services: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True, kw_only=True)
class Findings:
    """Everything the report shows."""

    files: tuple[str, ...]
    survey: Survey
    groups: dict[str, Group] = field(default_factory=dict)
    """By fingerprint."""
    events: int = 0
    bare: int = 0
    """Of the events: without an exception."""
    languages: Counter[str] = field(default_factory=Counter)
    services: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    rejected_samples: dict[str, list[str]] = field(default_factory=dict)
    """By reason, the first places: `file:line`."""
    seconds: float = 0.0
    is_cut: bool = False
    """Not everything was read."""

    def note(self, found: DigestedEvent) -> None:
        """Count one event."""
        event = found.event
        group = self.groups.get(found.fingerprint.hash)
        if group is None:
            group = Group(found.title.title, found.title.subtitle, str(event.level), _language(found))
            self.groups[found.fingerprint.hash] = group
        group.count += 1
        group.services[event.service] += 1
        self.events += 1
        self.bare += not event.exceptions
        self.services[event.service] += 1
        if event.exceptions and _language(found):
            self.languages[_language(found)] += 1

    def note_rejected(self, file: str, rejected: Iterable[Rejected]) -> None:
        """Count lines that are no records."""
        for one in rejected:
            self.rejected[one.reason] += 1
            samples = self.rejected_samples.setdefault(one.reason, [])
            if len(samples) < MAX_SAMPLES:
                samples.append(f"{file}:{one.index}")

    @property
    def largest(self) -> list[Group]:
        """The groups, the one with most events first."""
        return sorted(self.groups.values(), key=lambda group: -group.count)

    def as_json(self) -> dict[str, object]:
        """Return all of it for a program."""
        survey = self.survey
        first, last = map(moment, survey.period)
        return {
            "files": list(self.files),
            "is_cut": self.is_cut,
            "lines": survey.lines,
            "looked_at": survey.looked_at,
            "shapes": {str(shape): count for shape, count in survey.shapes.most_common()},
            "wrapped": survey.wrapped,
            "first": first,
            "last": last,
            "levels": {str(level or "none"): count for level, count in survey.levels.most_common()},
            "log_groups": dict(survey.log_groups.most_common()),
            "services": dict((survey.services + self.services).most_common()),
            "languages": dict(self.languages.most_common()),
            "events": self.events,
            "events_without_exception": self.bare,
            "groups": [_group_as_json(group) for group in self.largest],
            "rejected": dict(self.rejected),
            "troubles": {
                str(trouble): {"count": count, "samples": survey.samples[trouble]}
                for trouble, count in survey.troubles.most_common()
            },
        }


def moment(at_ms: int | None) -> str | None:
    """Return a time as text, None for none and for one no calendar has."""
    try:
        return None if at_ms is None else datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(" ", "seconds")[:19]
    except (ValueError, OverflowError, OSError):
        return None


def _group_as_json(group: Group) -> dict[str, object]:
    return {
        "count": group.count,
        "title": group.title,
        "cause": group.cause,
        "level": group.level,
        "language": group.language,
        "services": [service for service, _ in group.services.most_common() if service],
    }


def _language(found: DigestedEvent) -> str:
    language = found.event.origin.language or found.event.platform
    return "" if language == "other" else language
