"""What an entry of the audit log says was changed, in people's words; its file for a spreadsheet keeps the stored ones."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from mukiau.web.accounts.roles import ROLE_NAMES
from mukiau.web.api.door import SCOPE_NAMES
from mukiau.web.handlings.words import STATE_NAMES as HANDLING_STATES
from mukiau.web.purpose_names import PURPOSE_NAMES
from mukiau.web.requests.words import KIND_NAMES, STATE_NAMES

FACT_NAMES: dict[str, Promise] = {
    "role": _("Role"),
    "by": _("Method"),
    "invited_by": _("Invited by"),
    "reason": _("Reason"),
    "token": _("API token"),
    "tokens": _("API tokens"),
    "scopes": _("What it may do"),
    "days": _("Valid for"),
    "sessions": _("Sessions"),
    "label": _("What it is for"),
    "service": _("Service"),
    "environment": _("Environment"),
    "change": _("Change"),
    "issues": _("Issues"),
    "fingerprints": _("Fingerprints moved"),
    "why": _("Reason"),
    "run": _("Run"),
    "version": _("Version"),
    "verdict": _("Review"),
    "name": _("Name"),
    "time_zone": _("Time zone"),
    "language": _("Language"),
    "author": _("Author"),
    "person": _("Person"),
    "team_role": _("Role in the team"),
    "path": _("Path"),
    "first": _("First day"),
    "last": _("Last day"),
    "week": _("Week"),
    "people": _("People"),
    "display_name": _("Display name"),
    "customer": _("Customer"),
    "purpose": _("Purpose"),
    "area": _("Area"),
    "release": _("Release"),
    "at": _("Runs since"),
    "entries": _("Entries"),
    "channel": _("Channel"),
    "place": _("Address"),
    "answer": _("Answer"),
    "by_mail": _("By e-mail"),
    "slack": _("Slack member ID"),
    "kind": _("Kind"),
    "state": _("State"),
    "handling_state": _("State"),
    "minutes": _("Minutes"),
    "handlings": _("Handlings"),
    "tick": _("Step ticked"),
    "untick": _("Tick taken away"),
}
VALUE_NAMES: dict[str, dict[str, Promise]] = {
    "role": {role.value: name for role, name in ROLE_NAMES.items()},
    "team_role": {role.value: name for role, name in ROLE_NAMES.items()},
    "by": {
        "password": _("password"),
        "mfa": _("authenticator"),
        "socialaccount": _("company account"),
    },
    "reason": {
        "unverified": _("address not verified"),
        "domain": _("not an allowed domain, not invited"),
        "invited_other": _("another address was invited"),
        "taken": _("account of that name exists"),
        "cancelled": _("cancelled"),
        "failed": _("unusable answer of the provider"),
    },
    "verdict": {"approved": _("Reviewed"), "changes_wanted": _("Changes wanted")},
    "handling_state": {state.value: name for state, name in HANDLING_STATES.items()},
    "scopes": {scope.value: name for scope, name in SCOPE_NAMES.items()},
    "purpose": {purpose.value: name for purpose, name in PURPOSE_NAMES.items()},
    "kind": {kind.value: name for kind, name in KIND_NAMES.items()},
    "state": {state.value: name for state, name in STATE_NAMES.items()},
}
"""Of what is not listed, or was written by a later version, the stored words are shown."""
_SEVERAL = {"by": ", ", "scopes": " "}
"""Facts that are stored as several words, with what stands between them."""


def read_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield name and value of each fact, in the language of the page; what is empty is left out.

    >>> list(read_changes({"role": "viewer"}, {"role": "admin", "service": ""}))
    [('Role', 'Viewer → Administrator')]
    """
    for name in {**before, **after}:
        said = [_say(name, side[name]) for side in (before, after) if side.get(name)]
        if said:
            yield str(FACT_NAMES.get(name, name)), " → ".join(said)


def _say(name: str, value: Any) -> str:
    if name == "days" and isinstance(value, int):
        return ngettext("%(days)s day", "%(days)s days", value) % {"days": value}
    words = str(value).split(_SEVERAL[name]) if name in _SEVERAL else [str(value)]
    known = VALUE_NAMES.get(name, {})
    return gettext(", ").join(str(known.get(word, word)) for word in words)
