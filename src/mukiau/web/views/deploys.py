"""Deploys: what runs where since when, and a form to tell one."""

from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from mukiau import clock
from mukiau.stores.queries.rows import own_connection
from mukiau.stores.queries.scope import scope_choices
from mukiau.stores.work.deploys import PAGE_DEPLOYS, Deployed, DeployFilter, list_deploys
from mukiau.web.accounts.roles import Right, needs
from mukiau.web.audit import actor_of
from mukiau.web.deploys import MAX_NAME_CHARS, is_possible, take_back, tell
from mukiau.web.numbers import parse_number
from mukiau.web.scope import project_scope


class DeployForm(forms.Form):
    """What runs where since when."""

    service = forms.CharField(label=_("Service"), max_length=MAX_NAME_CHARS, required=False)
    environment = forms.CharField(label=_("Environment"), max_length=MAX_NAME_CHARS)
    release = forms.CharField(label=_("Release"), max_length=MAX_NAME_CHARS)
    at = forms.DateTimeField(
        label=_("Runs since"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["service"].widget.attrs["list"] = "services"
        self.fields["environment"].widget.attrs["list"] = "environments"

    def clean_at(self) -> datetime | None:
        """Refuse what cannot have been; a time without a zone is of the viewer's."""
        at: datetime | None = self.cleaned_data["at"]
        if at is not None and not is_possible(int(at.timestamp() * 1000)):
            raise forms.ValidationError(gettext("This is in the future, or before the year 2000."))
        return at


def page(request: HttpRequest) -> HttpResponse:
    """List deploys, the latest first; `service`, `environment` and `release` narrow them."""
    return _show(request, DeployForm())


@require_POST
@needs(Right.DEPLOYS)
def add(request: HttpRequest) -> HttpResponse:
    """Tell a deploy; without a time it is of now."""
    scope, form = project_scope(request.POST), DeployForm(request.POST)
    if not form.is_valid() or not scope.project_id:
        return _show(request, form)
    at, given = form.cleaned_data["at"], form.cleaned_data
    told = Deployed(
        project_id=scope.project_id,
        service=given["service"],
        environment=given["environment"],
        release=given["release"],
        at_ms=int(at.timestamp() * 1000) if at else clock.unix_ms(),
    )
    _deploy, is_new = tell(actor_of(request), told)
    messages.success(
        request, gettext("The deploy is recorded.") if is_new else gettext("This deploy was recorded before.")
    )
    return redirect(f"{reverse('deploys')}?project={scope.project_id}")


@require_POST
@needs(Right.DEPLOYS)
def remove(request: HttpRequest, deploy_id: int) -> HttpResponse:
    """Take back a deploy that was told by mistake."""
    deploy = take_back(actor_of(request), deploy_id)
    if deploy is None:
        raise Http404
    messages.success(request, gettext("The deploy is removed."))
    return redirect(f"{reverse('deploys')}?project={deploy.project_id}")


def _show(request: HttpRequest, form: DeployForm) -> HttpResponse:
    scope = project_scope(request.GET)
    wanted = {
        name: request.GET.get(name, "").strip()[:MAX_NAME_CHARS] for name in ("service", "environment", "release")
    }
    at_ms, last_id = (parse_number(request.GET.get(name, "")) for name in ("before", "before_id"))
    found = list_deploys(
        own_connection(),
        DeployFilter(project_id=scope.project_id, **wanted),
        before=None if at_ms is None or last_id is None else (at_ms, last_id),
        limit=PAGE_DEPLOYS + 1,
    )
    stay = request.GET.copy()
    for name in ("before", "before_id"):
        stay.pop(name, None)
    context = {
        "scope": scope,
        "wanted": wanted,
        "deploys": found[:PAGE_DEPLOYS],
        "last": found[PAGE_DEPLOYS - 1] if len(found) > PAGE_DEPLOYS else None,
        "choices": scope_choices(scope.project_id),
        "form": form,
        "has_filter": any(wanted.values()),
        "stay": stay.urlencode(),
    }
    return render(request, "deploys/page.html", context)
