"""The runbooks as this process knows them, and what it finds among them."""

from collections.abc import Collection
from functools import lru_cache

from django.conf import settings

from mukiau.stores.queries.rows import own_connection
from mukiau.stores.work.known_runbooks import Hit, KnownRunbooks
from mukiau.stores.work.suggestions import suggestions_for


@lru_cache(maxsize=1)
def _known(folder: str) -> KnownRunbooks:
    """Of one data folder: the server has one, tests have many."""
    return KnownRunbooks()


def find_in_text(text: str) -> tuple[Hit, ...]:
    """Return the runbooks for a pasted text, the best first."""
    return _known(str(settings.MUKIAU.data)).find_in_text(own_connection(), text) if text.strip() else ()


def suggested_for(issue_ids: Collection[int]) -> dict[int, tuple[Hit, ...]]:
    """Return what is suggested for issues, the best first; nothing for those that a runbook answers."""
    return suggestions_for(own_connection(), issue_ids, known=_known(str(settings.MUKIAU.data)))


def find_suggestion(issue_id: int, runbook_id: int) -> Hit | None:
    """Return the suggestion of one runbook for an issue; None when it is none (any more)."""
    hits = suggested_for([issue_id]).get(issue_id, ())
    return next((hit for hit in hits if hit.runbook.id == runbook_id), None)
