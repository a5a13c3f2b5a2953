"""The form of a route."""

import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mukiau import clock
from mukiau.notify.answers import Reason
from mukiau.notify.cause import CauseKind
from mukiau.notify.channels.plan import Means
from mukiau.notify.channels.registry import CHANNELS
from mukiau.notify.route import Address, Route
from mukiau.stores.notify.routes import SUMMARY, StoredRoute
from mukiau.stores.work.teams import list_teams
from mukiau.web.notify.words import CHANNEL_NAMES, KIND_NAMES, PURPOSE_NAMES, reason_words
from mukiau.work.purposes import Purpose

MAX_ADDRESS_CHARS = 2_000
USUAL_KINDS = (CauseKind.NEW.value, CauseKind.REGRESSED.value, SUMMARY)
"""What a new route tells unless something else is chosen."""
_ZONES = zoneinfo.available_timezones()


def means() -> Means:
    """Return what this server sends messages with."""
    return Means.of(settings.MUKIAU, now_ms=clock.unix_ms())


class RouteForm(forms.Form):
    """Who is told of what, and where. Of a stored route the address is not shown; left empty, it stays."""

    name = forms.CharField(label=_("Name"), max_length=100)
    channel = forms.ChoiceField(label=_("Channel"), choices=list(CHANNEL_NAMES.items()))
    to = forms.CharField(
        label=_("Address"),
        max_length=MAX_ADDRESS_CHARS,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    kinds = forms.MultipleChoiceField(
        label=_("Tell of"),
        choices=list(KIND_NAMES.items()),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "check"}),
    )
    purposes = forms.MultipleChoiceField(
        label=_("Environments"),
        choices=list(PURPOSE_NAMES.items()),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "check"}),
        required=False,
    )
    teams = forms.TypedMultipleChoiceField(
        label=_("Teams"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "check"}),
        required=False,
    )
    services = forms.CharField(
        label=_("Services, one a line; none: all"),
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.CharField(label=_("Time zone"), max_length=64)

    def __init__(self, data: Any = None, *, stored: StoredRoute | None = None) -> None:
        super().__init__(data, initial=_initial(stored))
        self._stored = stored
        offered = [(team.id, team.name) for team in list_teams() if not team.is_closed or _has(stored, team.id)]
        self.fields["teams"].choices = offered  # type: ignore[attr-defined]
        if stored is not None:
            self.fields["to"].required = False

    def clean_time_zone(self) -> str:
        name: str = self.cleaned_data["time_zone"]
        if name not in _ZONES:
            raise ValidationError(gettext("There is no such time zone; Asia/Tokyo is one."))
        return name

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        channel, to = given.get("channel"), given.get("to")
        if self._stored is not None and not to and channel != self._stored.route.channel:
            self.add_error("to", gettext("Another channel needs an address of its own."))
        elif channel and to and (mistake := CHANNELS[channel].find_mistake(to, means())) is not Reason.NONE:
            self.add_error("to", reason_words(mistake, ""))
        return given

    def route(self, *, secret: str) -> Route:
        """Return the route as it was filled in; it signs with `secret`."""
        given, stored = self.cleaned_data, self._stored
        kinds = set(given["kinds"])
        return Route(
            id=stored.id if stored else 0,
            channel=given["channel"],
            address=Address(to=given["to"] or (stored.route.address.to if stored else ""), secret=secret),
            kinds=frozenset(CauseKind(kind) for kind in kinds - {SUMMARY}),
            tells_summary=SUMMARY in kinds,
            purposes=frozenset(given["purposes"]),
            services=frozenset(line.strip() for line in given["services"].splitlines() if line.strip()),
            team_ids=frozenset(given["teams"]),
            language=given["language"],
            time_zone=given["time_zone"],
        )


def _has(stored: StoredRoute | None, team_id: int) -> bool:
    return stored is not None and team_id in stored.route.team_ids


def _initial(stored: StoredRoute | None) -> dict[str, Any]:
    if stored is None:
        return {
            "kinds": list(USUAL_KINDS),
            "purposes": [Purpose.PRODUCTION],
            "language": translation.get_language(),
            "time_zone": timezone.get_current_timezone_name(),
        }
    route = stored.route
    return {
        "name": stored.name,
        "channel": route.channel,
        "kinds": [*route.kinds, *([SUMMARY] if route.tells_summary else [])],
        "purposes": list(route.purposes),
        "teams": list(route.team_ids),
        "services": "\n".join(sorted(route.services)),
        "language": route.language,
        "time_zone": route.time_zone,
    }
