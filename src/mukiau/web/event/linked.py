"""What else went wrong in the same request: its other events, and the issues that share requests with this one."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mukiau.core.linking import Bond
from mukiau.stores.queries.linked import Trace, TracedEvent

BOND_NAMES: dict[Bond, str | Promise] = {
    Bond.SAME_FAILURE: _("the same failure, logged at another place"),
    Bond.REPEATED: _("the same failure, once more"),
    Bond.CAUSE: _("probably the cause of this one"),
    Bond.EFFECT: _("probably a consequence of this one"),
    Bond.SAME_REQUEST: _("in the same request"),
}
ISSUE_BOND_NAMES: dict[Bond, str | Promise] = {
    **BOND_NAMES,
    Bond.CAUSE: _("probably the cause of this issue"),
    Bond.EFFECT: _("probably a consequence of this issue"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceLine:
    """One event of the request."""

    event: TracedEvent
    before_ms: int
    """How long before the event of the page."""
    relation: str | Promise
    is_this: bool
    is_root: bool
    """Where it likely began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceView:
    """The events of a request in order of time."""

    lines: tuple[TraceLine, ...] = ()
    is_cause: bool = False
    """The likely root is known to have caused others; else it is merely the first."""
    hidden: int = 0
    is_shared: bool = False

    @property
    def count(self) -> int:
        """Events beside the one of the page."""
        return max(0, len(self.lines) - 1) + self.hidden


def trace_of(trace: Trace, event_pk: int) -> TraceView:
    """Return the events of a trace as one of them sees them."""
    here = next((event.occurred_ms for event in trace.events if event.pk == event_pk), 0)
    lines = tuple(
        TraceLine(
            event=event,
            before_ms=here - event.occurred_ms,
            relation="" if event.pk == event_pk else BOND_NAMES[trace.linking.bonds[event_pk, event.pk]],
            is_this=event.pk == event_pk,
            is_root=event.pk == trace.linking.root,
        )
        for event in trace.events
    )
    return TraceView(lines=lines, is_cause=trace.linking.is_cause, hidden=trace.hidden, is_shared=trace.is_shared)
