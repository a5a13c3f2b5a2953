"""Resolved and come back: where an issue stands in each environment, beside its decision.

Somebody resolves an issue everywhere, in some environments, or in a release. From then on an event says one of three
things about its environment:

* it occurred before the issue was resolved: nothing, however late it arrives;
* its environment does not run the fix yet: it is *awaiting deploy*;
* its environment runs the fix: the issue has *regressed* there.

Which releases hold a fix: the one it was resolved in, and those that came after it. "After" is read from both names where
they are versions (`1.10.2` after `1.9`), else from which one was deployed first. An environment of which no release is
known awaits the fix until a deploy says that it has it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where an issue stands in one environment."""

    OPEN = "open"
    RESOLVED = "resolved"
    AWAITING_DEPLOY = "awaiting_deploy"
    REGRESSED = "regressed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """Somebody said that an issue is over."""

    resolved_ms: int
    environment: str = ""
    """Empty: everywhere."""
    release: str = ""
    """Where this release, or a later one, runs; empty: at once."""

    def is_about(self, environment: str) -> bool:
        return self.environment in ("", environment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """An occurrence as the life cycle looks at it."""

    environment: str
    occurred_ms: int
    release: str = ""
    """Its own, else what was deployed in its environment when it occurred; empty: not known."""


_VERSION = re.compile(r"v?(\d{1,9}(?:\.\d{1,9})*)(?![\d.])")
_FINAL = (1,)


def holds_fix(release: str, fix: str, first_deployed: Mapping[str, int] | None = None) -> bool:
    """Say whether a release holds what another one fixed.

    `first_deployed`: release → unix milliseconds of its first deploy of this service.
    """
    if not release:
        return False
    if release == fix:
        return True
    ours, theirs = _version(release), _version(fix)
    if ours is not None and theirs is not None:
        return ours >= theirs
    times = first_deployed or {}
    return release in times and fix in times and times[release] > times[fix]


def _version(release: str) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """The numbers of a version; before it those of its pre-releases (`1.2.0-rc1`). None where it is no version."""
    name = release.rsplit("@", 1)[-1]
    found = _VERSION.match(name)
    if found is None or "." not in found[1]:
        return None
    numbers = tuple(int(part) for part in found[1].split("."))
    while numbers and not numbers[-1]:
        numbers = numbers[:-1]
    rest = name[found.end() :].partition("+")[0]
    if not rest:
        return numbers, _FINAL
    if not re.fullmatch(r"-[\w.-]+", rest):
        return None
    return numbers, (0, *(int(part) for part in re.findall(r"\d{1,9}", rest)))


def find_holding(resolutions: Iterable[Resolution], environment: str) -> Resolution | None:
    """Return what was said of an environment: for itself, else for everywhere, the latest of it; None: nothing."""
    about = [one for one in resolutions if one.is_about(environment)]
    return max(about, key=lambda one: (one.environment != "", one.resolved_ms), default=None)


def decide_state(
    resolution: Resolution, arrival: Arrival, first_deployed: Mapping[str, int] | None = None
) -> State | None:
    """Return what an occurrence makes of its environment; None: nothing, it stays as it is."""
    if not resolution.is_about(arrival.environment) or arrival.occurred_ms <= resolution.resolved_ms:
        return None
    if not resolution.release or holds_fix(arrival.release, resolution.release, first_deployed):
        return State.REGRESSED
    return State.AWAITING_DEPLOY
