"""What people said about environments and services, change by change, in the reader's words."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext

from mukiau.stores.queries.registry import RegistryChange
from mukiau.web.audit_words import read_changes

MAX_NAMES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeShown:
    """One change."""

    change: RegistryChange
    names: tuple[str, ...]
    """Of the entries it changed, as far as they are shown."""
    further: int
    """How many more it changed."""
    says: tuple[tuple[str, str], ...]
    """What it said: name and value."""


def history_of(changes: tuple[RegistryChange, ...], names: Mapping[int, str]) -> tuple[ChangeShown, ...]:
    """Return changes to show; `names` are those of the entries by id."""
    return tuple(_shown(change, names) for change in changes)


def _shown(change: RegistryChange, names: Mapping[int, str]) -> ChangeShown:
    changed = [names.get(pk, f"#{pk}") for pk in change.after]
    said = {name: value or gettext("as its name says") for name, value in next(iter(change.after.values())).items()}
    return ChangeShown(
        change=change,
        names=tuple(changed[:MAX_NAMES]),
        further=max(0, len(changed) - MAX_NAMES),
        says=tuple(read_changes({}, said)),
    )
