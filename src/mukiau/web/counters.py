"""Counters by name as groups for the status page, the lossy ones last and marked."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mukiau.stores.queries.digesting import Counter

_NAMES: dict[str, tuple[str | Promise, str | Promise, bool]] = {
    "accepted": (_("Accepted"), _("Requests that were written to disk before they were answered."), False),
    "accepted_records": (_("Accepted log lines"), _("Log lines in those requests."), False),
    "duplicate": (_("Duplicates"), _("Sent again with an id that was there already; nothing changes."), False),
    "records": (_("Digested log lines"), _("Log lines that were read from the spool."), False),
    "refused": (_("Refused"), _("Requests that were answered with an error; the sender was told why."), True),
    "rejected_records": (_("Rejected log lines"), _("Lines of an accepted batch that could not be read."), True),
    "dropped": (_("Left out"), _("Parts of accepted requests that are not errors, such as traces or sessions."), True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterGroup:
    """All reasons of one name."""

    label: str | Promise
    help: str | Promise
    is_loss: bool
    total: int
    counters: tuple[Counter, ...]

    @property
    def has_reasons(self) -> bool:
        """There is more to say than the total."""
        return any(counter.reason for counter in self.counters)


def described(counters: tuple[Counter, ...]) -> tuple[CounterGroup, ...]:
    """Group counters; names nobody has described yet stand at the end as they are."""
    names = [*_NAMES, *sorted({counter.name for counter in counters} - set(_NAMES))]
    groups = []
    for name in names:
        found = tuple(counter for counter in counters if counter.name == name)
        label, help_text, is_loss = _NAMES.get(name, (name, "", True))
        total = sum(counter.count for counter in found)
        groups.append(CounterGroup(label=label, help=help_text, is_loss=is_loss, total=total, counters=found))
    return tuple(groups)
