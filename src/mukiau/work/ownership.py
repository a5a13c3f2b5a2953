"""Whose an issue is: the first rule that fits says it.

A rule has three globs (`core.grouping.globs`): one over the service, one over the environment, one over the place in the code
where it failed. All three must fit; an empty one fits everything. Rules are asked in their order, so what is special stands
before what is general.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from mukiau.core.grouping.globs import MAX_GLOB_CHARS, Glob

__all__ = ["MAX_GLOB_CHARS", "OwnershipRule", "Place", "owners_of"]

Place = tuple[str, str, str]
"""Service, environment, path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnershipRule:
    """What is a team's."""

    id: int = 0
    team_id: int
    service: str = ""
    environment: str = ""
    path: str = ""
    """Over the module or file of the in-app frame nearest the crash (`shop.orders`, `src/shop/orders.py`), or over that and the
    function behind it (`shop.orders confirm`); where there is no stack, over the logger or the route."""
    _globs: tuple[Glob, Glob, Glob] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        globs = tuple(Glob(pattern or "**") for pattern in (self.service, self.environment, self.path))
        object.__setattr__(self, "_globs", globs)

    def fits_origin(self, service: str, environment: str) -> bool:
        """Say whether the rule speaks of events of this service in this environment, as far as these say."""
        return self._globs[0].fits(service) and self._globs[1].fits(environment)

    def fits_path(self, path: str) -> bool:
        """Say the same of the place in the code where they failed.

        >>> rule = OwnershipRule(team_id=1, service="order-*", path="shop.orders.**")
        >>> rule.fits_path("shop.orders.cart confirm"), rule.fits_path("shop.points grant")
        (True, False)
        """
        return self._globs[2].fits(path.partition(" ")[0]) or self._globs[2].fits(path)


def owners_of(rules: Sequence[OwnershipRule], places: Iterable[Place]) -> tuple[OwnershipRule | None, ...]:
    """Return the first rule that fits each place; None: nobody owns it. Thousands of issues have some tens of services and environments: those are asked for once."""
    known: dict[tuple[str, str], tuple[OwnershipRule, ...]] = {}
    owners = []
    for service, environment, path in places:
        origin = (service, environment)
        if origin not in known:
            known[origin] = tuple(rule for rule in rules if rule.fits_origin(service, environment))
        owners.append(next((rule for rule in known[origin] if rule.fits_path(path)), None))
    return tuple(owners)
