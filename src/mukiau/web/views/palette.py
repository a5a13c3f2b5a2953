"""The palette's options, as a part of a page; asked for at every key."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from mukiau.stores.queries.scope import list_projects
from mukiau.web import palette
from mukiau.web.accounts.roles import rights_of

MAX_TYPED_CHARS = 200


def options(request: HttpRequest) -> HttpResponse:
    """Offer what fits `q` in the project the page at hand is about, else in the first."""
    ids = [project.id for project in list_projects()] or [0]
    asked = request.GET.get("project", "")
    project_id = int(asked) if asked in map(str, ids) else ids[0]
    typed = request.GET.get("q", "").strip()[:MAX_TYPED_CHARS]
    groups = palette.offer(typed, project_id=project_id, rights=rights_of(request.user))
    return render(request, "palette/options.html", {"groups": groups, "typed": typed})
