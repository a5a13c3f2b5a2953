"""Sources: projects, their keys, and what to paste where so that errors arrive."""

from pathlib import Path
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from mukiau import clock
from mukiau.stores.projects import create_project, create_source, dsn_at, switch_source
from mukiau.stores.queries.sources import ProjectSources, SourceKey, find_source, read_sources
from mukiau.web.accounts.roles import Right, may, needs
from mukiau.web.address import base_url
from mukiau.web.audit import Action, record


class KeyForm(forms.Form):
    """What a new key is for."""

    label = forms.CharField(label=_("What it is for"), max_length=200)
    service = forms.CharField(label=_("Service"), max_length=200, required=False)
    environment = forms.CharField(label=_("Environment"), max_length=200, required=False)


class ProjectForm(forms.Form):
    """A new project."""

    name = forms.CharField(label=_("Name of the project"), max_length=200)


def page(request: HttpRequest) -> HttpResponse:
    """Show all keys, and the set-up for the chosen one (`?key=ID`, else the first active one)."""
    projects = read_sources()
    chosen = _chosen(projects, request.GET.get("key", ""))
    base = base_url(request)
    context = {
        "projects": projects,
        "chosen": chosen,
        "dsn": dsn_at(base, chosen.project_id, chosen.public_key).render() if chosen else "",
        "base": base,
        "base_parts": urlsplit(base),
        "now_ms": clock.unix_ms(),
        "key_form": KeyForm(),
        "project_form": ProjectForm(),
        "may_change": may(request.user, Right.SOURCES),
    }
    return render(request, "sources/page.html", context)


@require_POST
@needs(Right.SOURCES)
def add_project(request: HttpRequest) -> HttpResponse:
    """Make a project with a first key."""
    form = ProjectForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("A project needs a name."))
        return redirect("sources")
    made = create_project(_folder(), form.cleaned_data["name"], now_ms=clock.unix_ms())
    record(request, Action.PROJECT_MADE, target=made.name)
    return _to_key(made.sources[0].id)


@require_POST
@needs(Right.SOURCES)
def add_key(request: HttpRequest, project_id: int) -> HttpResponse:
    """Make another key of a project."""
    if project_id not in {project.id for project in read_sources()}:
        raise Http404
    form = KeyForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Say in a word or two what the key is for."))
        return redirect("sources")
    made = create_source(_folder(), project_id, now_ms=clock.unix_ms(), **form.cleaned_data)
    record(request, Action.KEY_MADE, target=made.label, after=form.cleaned_data)
    messages.success(request, gettext("The key %(label)s works from now on.") % {"label": made.label})
    return _to_key(made.id)


@require_POST
@needs(Right.SOURCES)
def switch_key(request: HttpRequest, source_id: int) -> HttpResponse:
    """Switch a key off or on again."""
    is_active = request.POST.get("active") == "1"
    source = find_source(source_id)
    if source is None or not switch_source(_folder(), source_id, is_active=is_active):
        raise Http404
    action = Action.KEY_SWITCHED_ON if is_active else Action.KEY_SWITCHED_OFF
    record(request, action, target=source.label or source.public_key[:8])
    said = (
        gettext("The key works again.")
        if is_active
        else gettext("The key is switched off; what comes with it is refused.")
    )
    messages.success(request, said)
    return _to_key(source_id)


def _chosen(projects: tuple[ProjectSources, ...], asked: str) -> SourceKey | None:
    keys = [source for project in projects for source in project.sources]
    usual = next((key for key in keys if key.is_active), keys[0] if keys else None)
    return next((key for key in keys if str(key.id) == asked), usual)


def _to_key(source_id: int) -> HttpResponse:
    response = redirect("sources")
    response["Location"] += f"?key={source_id}"
    return response


def _folder() -> Path:
    return Path(settings.MUKIAU.data)
