"""The environments and services that events name: what their names say, and what people say instead."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from mukiau import clock
from mukiau.stores.queries.registry import (
    EnvironmentEntry,
    ServiceEntry,
    customers_of,
    find_change,
    read_changes,
    read_environments,
    read_services,
)
from mukiau.stores.registry import Renamed, Restored, save_names, undo_change
from mukiau.web.accounts.roles import Right, needs
from mukiau.web.audit import Action, record
from mukiau.web.numbers import parse_number
from mukiau.web.purpose_names import PURPOSE_NAMES
from mukiau.web.registry_history import history_of
from mukiau.web.scope import ProjectScope, project_scope

MAX_SHOWN = 500
"""Rows of a page; events can name any number of environments, and a filter finds the others."""
UNKNOWN = "unknown"
"""Value of the filter by purpose for what has no customer or no purpose."""
_PURPOSES = [("", _("as its name says")), *((purpose.value, name) for purpose, name in PURPOSE_NAMES.items())]


class EnvironmentForm(forms.Form):
    """What people may say about environments."""

    display_name = forms.CharField(label=_("Display name"), max_length=200, required=False)
    customer = forms.CharField(label=_("Customer"), max_length=200, required=False)
    purpose = forms.ChoiceField(label=_("Purpose"), choices=_PURPOSES, required=False)


class ServiceForm(forms.Form):
    """What people may say about services."""

    display_name = forms.CharField(label=_("Display name"), max_length=200, required=False)
    area = forms.CharField(label=_("Area"), max_length=200, required=False)


FORMS: dict[str, type[forms.Form]] = {"environment": EnvironmentForm, "service": ServiceForm}
PAGES = {"environment": "environments", "service": "services"}
ACTIONS = {"environment": Action.ENVIRONMENTS_NAMED, "service": Action.SERVICES_NAMED}


def environments(request: HttpRequest) -> HttpResponse:
    """Show the environments of a project; `customer`, `purpose` and `q` narrow them, `entry` opens one."""
    scope, wanted = project_scope(request.GET), _wanted(request, "q", "customer", "purpose")
    entries = read_environments(scope.project_id)
    shown = [entry for entry in entries if _fits_environment(entry, **wanted)]
    context = {
        "customers": customers_of(entries),
        "purposes": PURPOSE_NAMES.items(),
        "purpose_choices": _PURPOSES,
        "unknown_count": sum(_is_unknown(entry) for entry in entries),
        **_common(request, scope, "environment", entries, shown),
    }
    return render(request, "registry/environments.html", {**context, "wanted": wanted})


def services(request: HttpRequest) -> HttpResponse:
    """Show the services of a project; `area` and `q` narrow them, `entry` opens one."""
    scope, wanted = project_scope(request.GET), _wanted(request, "q", "area")
    entries = read_services(scope.project_id)
    shown = [entry for entry in entries if _fits_service(entry, **wanted)]
    areas = sorted({entry.area for entry in entries} - {""})
    context = {"areas": areas, **_common(request, scope, "service", entries, shown)}
    return render(request, "registry/services.html", {**context, "wanted": wanted})


@require_POST
@needs(Right.REGISTRY)
def name_environments(request: HttpRequest) -> HttpResponse:
    """Say the same about the environments named (`id`, several times): `set` says which field, or `all`."""
    return _name(request, "environment")


@require_POST
@needs(Right.REGISTRY)
def name_services(request: HttpRequest) -> HttpResponse:
    """Say the same about the services named."""
    return _name(request, "service")


@require_POST
@needs(Right.REGISTRY)
def undo(request: HttpRequest, change_id: int) -> HttpResponse:
    """Take back what a change said."""
    change = find_change(change_id)
    if change is None:
        raise Http404
    restored = undo_change(change_id, actor=request.user.get_username(), now_ms=clock.unix_ms())
    if restored is None:
        messages.error(request, gettext("The change was undone before."))
    else:
        record(request, Action.REGISTRY_UNDONE, target=f"#{change_id}", after={"entries": restored.entries})
        messages.success(request, _restored_words(restored))
    return redirect(f"{reverse(PAGES[change.kind])}?project={change.project_id}")


def _wanted(request: HttpRequest, *names: str) -> dict[str, str]:
    return {name: request.GET.get(name, "").strip()[:200] for name in names}


def _common(
    request: HttpRequest, scope: ProjectScope, kind: str, entries: Sequence[Any], shown: Sequence[Any]
) -> dict[str, Any]:
    """Return what both pages show: the rows, the entry that is open with its form, the changes."""
    asked = parse_number(request.GET.get("entry", ""))
    chosen = next((entry for entry in entries if entry.id == asked), None)
    stay = request.GET.copy()
    stay.pop("entry", None)
    return {
        "at": PAGES[kind],
        "save": f"{PAGES[kind]}-name",
        "row": f"registry/{kind}_row.html",
        "scope": scope,
        "entries": shown[:MAX_SHOWN],
        "total": len(entries),
        "left_out": max(0, len(shown) - MAX_SHOWN),
        "chosen": chosen,
        "form": None if chosen is None else FORMS[kind](initial=_said(chosen), auto_id="one_%s"),
        "history": history_of(read_changes(scope.project_id, kind), {entry.id: entry.name for entry in entries}),
        "stay": stay.urlencode(),
    }


def _said(entry: EnvironmentEntry | ServiceEntry) -> dict[str, str]:
    if isinstance(entry, EnvironmentEntry):
        return {"display_name": entry.display_name, "customer": entry.said_customer, "purpose": entry.said_purpose}
    return {"display_name": entry.display_name, "area": entry.area}


def _is_unknown(entry: EnvironmentEntry) -> bool:
    return entry.purpose is None or not entry.customer


def _fits_environment(entry: EnvironmentEntry, *, q: str, customer: str, purpose: str) -> bool:
    if customer and entry.customer != customer:
        return False
    if purpose == UNKNOWN and not _is_unknown(entry):
        return False
    if purpose not in {"", UNKNOWN, entry.purpose}:
        return False
    return _has(q, entry.name, entry.display_name, entry.customer)


def _fits_service(entry: ServiceEntry, *, q: str, area: str) -> bool:
    return (not area or entry.area == area) and _has(q, entry.name, entry.display_name, entry.area)


def _has(typed: str, *texts: str) -> bool:
    return not typed or any(typed.casefold() in text.casefold() for text in texts)


def _name(request: HttpRequest, kind: str) -> HttpResponse:
    scope, form = project_scope(request.POST), FORMS[kind](request.POST)
    field, stay = request.POST.get("set", ""), QueryDict(request.POST.get("stay", "")[:2_000]).urlencode()
    ids = [pk for pk in map(parse_number, request.POST.getlist("id")) if pk is not None]
    back = f"{reverse(PAGES[kind])}?{stay}"
    if not form.is_valid() or field not in {"all", *form.fields} or not ids:
        messages.error(request, gettext("Nothing was changed: choose entries, and names of at most 200 characters."))
        return redirect(back)
    # One line, single spaces: a name that looks like another one is not another one.
    said = {name: " ".join(value.split()) for name, value in form.cleaned_data.items() if field in {"all", name}}
    by = request.user.get_username()
    _tell(request, kind, save_names(kind, scope.project_id, ids, said, actor=by, now_ms=clock.unix_ms()))
    return redirect(back)


def _tell(request: HttpRequest, kind: str, renamed: Renamed | None) -> None:
    if renamed is None:
        messages.info(request, gettext("Nothing was changed: it says so already."))
        return
    before = next(iter(renamed.before.values())) if renamed.entries == 1 else {}
    after = {**next(iter(renamed.after.values())), "entries": renamed.entries}
    record(request, ACTIONS[kind], target=f"#{renamed.change_id}", before=before, after=after)
    said = ngettext("Saved for %(n)s entry.", "Saved for %(n)s entries.", renamed.entries) % {"n": renamed.entries}
    messages.success(request, said)


def _restored_words(restored: Restored) -> str:
    said = ngettext("Undone for %(n)s entry.", "Undone for %(n)s entries.", restored.entries) % {"n": restored.entries}
    if restored.left:
        left = ngettext(
            "%(n)s was changed since and stays as it is.",
            "%(n)s were changed since and stay as they are.",
            restored.left,
        ) % {"n": restored.left}
        said = f"{said} {left}"
    return said
