"""Projects and keys: read by everybody, made and switched with `sources:write`."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from mukiau import clock
from mukiau.stores.audit import record_line
from mukiau.stores.projects import create_project, create_source, dsn_at, switch_source
from mukiau.stores.queries.sources import ProjectSources, SourceKey, find_source, read_sources
from mukiau.web.address import base_url
from mukiau.web.api.bodies import body_of, valid
from mukiau.web.api.door import ApiError, Caller
from mukiau.web.audit import Action
from mukiau.web.views.sources import KeyForm, ProjectForm


def list_all(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Return all projects with their keys, oldest first."""
    return {"items": [_project(request, project) for project in read_sources()], "next": None}


def make_project(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Make a project with a first key; a name that is taken gives the project of that name."""
    form = valid(ProjectForm(body_of(request)))
    made = create_project(_folder(), form.cleaned_data["name"], now_ms=clock.unix_ms())
    record_line(caller.actor, Action.PROJECT_MADE, at_ms=clock.unix_ms(), target=made.name)
    return _project(request, next(project for project in read_sources() if project.id == made.id))


def make_key(request: HttpRequest, caller: Caller, project_id: int) -> dict[str, Any]:
    """Make another key of a project."""
    if project_id not in {project.id for project in read_sources()}:
        raise ApiError(404, "not_found", f"There is no project {project_id}.")
    form = valid(KeyForm(body_of(request)))
    made = create_source(_folder(), project_id, now_ms=clock.unix_ms(), **form.cleaned_data)
    record_line(caller.actor, Action.KEY_MADE, at_ms=clock.unix_ms(), target=made.label, after=form.cleaned_data)
    return _key(request, _get_key(made.id))


def switch_key(request: HttpRequest, caller: Caller, source_id: int) -> dict[str, Any]:
    """Switch a key off or on again."""
    is_active = body_of(request).get("active")
    if not isinstance(is_active, bool):
        raise ApiError(400, "bad_body", 'Send {"active": true} or {"active": false}.')
    key = _get_key(source_id)
    switch_source(_folder(), source_id, is_active=is_active)
    action = Action.KEY_SWITCHED_ON if is_active else Action.KEY_SWITCHED_OFF
    record_line(caller.actor, action, at_ms=clock.unix_ms(), target=key.label or key.public_key[:8])
    return _key(request, _get_key(source_id))


def _get_key(source_id: int) -> SourceKey:
    key = find_source(source_id)
    if key is None:
        raise ApiError(404, "not_found", f"There is no key {source_id}.")
    return key


def _project(request: HttpRequest, project: ProjectSources) -> dict[str, Any]:
    keys = [_key(request, key) for key in project.sources]
    return {"id": project.id, "slug": project.slug, "name": project.name, "keys": keys}


def _key(request: HttpRequest, key: SourceKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "project": key.project_id,
        "label": key.label,
        "public_key": key.public_key,
        "dsn": dsn_at(base_url(request), key.project_id, key.public_key).render(),
        "service": key.service,
        "environment": key.environment,
        "active": key.is_active,
    }


def _folder() -> Path:
    return Path(settings.MUKIAU.data)
