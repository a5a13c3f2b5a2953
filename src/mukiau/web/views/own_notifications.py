"""How somebody wants to be told what concerns them alone: part of their own account."""

from pathlib import Path

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from mukiau import clock
from mukiau.notify.channels.slack import MEMBER_ID
from mukiau.stores.notify import own, routes
from mukiau.stores.notify.own import OwnWish
from mukiau.web.audit import Action, record


class OwnForm(forms.Form):
    """What somebody wants."""

    by_mail = forms.BooleanField(label=_("By e-mail"), required=False)
    slack_id = forms.CharField(label=_("Slack member ID"), max_length=32, required=False)

    def clean_slack_id(self) -> str:
        given: str = self.cleaned_data["slack_id"].strip()
        if given and not MEMBER_ID.fullmatch(given):
            raise ValidationError(gettext("A member ID looks like U012ABCDEF; Slack shows it in your profile's menu."))
        return given


def own_context(user: User) -> dict[str, object]:
    """Return what the page of an account shows of it."""
    with routes.reading(_folder()) as connection:
        wish = own.find_wish(connection, user.pk)
    return {"wish": wish, "has_mail_server": bool(settings.MUKIAU.smtp_host)}


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep what somebody wants; mails come in the language and time zone they look at the page in."""
    user, form = request.user, OwnForm(request.POST)
    assert isinstance(user, User)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("account")
    wish = OwnWish(by_mail=form.cleaned_data["by_mail"] and bool(user.email), slack_id=form.cleaned_data["slack_id"])
    with routes.changing(_folder()) as connection:
        own.save_wish(
            connection,
            user.pk,
            wish,
            name=user.get_username(),
            language=translation.get_language() or "en",
            time_zone=timezone.get_current_timezone_name(),
            now_ms=clock.unix_ms(),
        )
    after = {"by_mail": wish.by_mail, "slack": wish.slack_id}
    record(request, Action.OWN_NOTIFICATIONS_CHANGED, target=user.get_username(), after=after)
    messages.success(request, gettext("Saved. You are told this way from now on."))
    return redirect("account")


def _folder() -> Path:
    return Path(settings.MUKIAU.data)
