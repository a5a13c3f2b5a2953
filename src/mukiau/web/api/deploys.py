"""Deploys: read by everybody, told by whoever may (`work:write`)."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest

from mukiau import clock
from mukiau.stores.queries.rows import own_connection
from mukiau.stores.queries.scope import list_projects
from mukiau.stores.work.deploys import PAGE_DEPLOYS, Deploy, Deployed, DeployFilter, list_deploys
from mukiau.web.accounts.roles import Right
from mukiau.web.api.bodies import body_of
from mukiau.web.api.door import ApiError, Caller, caller_needs
from mukiau.web.api.issues import project_of, time_text
from mukiau.web.api.paging import cursor_of, next_page
from mukiau.web.deploys import MAX_NAME_CHARS, is_possible, tell


def list_all(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Return one page of deploys, the latest first."""
    names = {name: request.GET.get(name, "") for name in ("service", "environment", "release")}
    wanted = DeployFilter(project_id=project_of(request), **names)
    before = cursor_of(request, (int, int))
    found = list_deploys(
        own_connection(), wanted, before=(before[0], before[1]) if before else None, limit=PAGE_DEPLOYS + 1
    )
    shown = found[:PAGE_DEPLOYS]
    following = (shown[-1].at_ms, shown[-1].id) if len(found) > PAGE_DEPLOYS else None
    return {"items": [_deploy(deploy) for deploy in shown], "next": next_page(request, following)}


@caller_needs(Right.DEPLOYS)
def add(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Tell a deploy; told again, it is the same one."""
    body = body_of(request)
    environment, release, service = (_name(body, name) for name in ("environment", "release", "service"))
    if not environment or not release:
        raise ApiError(400, "bad_body", "Send at least environment and release.")
    told = Deployed(
        project_id=_project(body), service=service, environment=environment, release=release, at_ms=_moment(body)
    )
    deploy, is_new = tell(caller.actor, told)
    return {**_deploy(deploy), "is_new": is_new}


def _project(body: dict[str, Any]) -> int:
    """Return the project that is named; with one project it need not be."""
    ids = [project.id for project in list_projects()]
    given = body.get("project", ids[0] if len(ids) == 1 else None)
    if given not in ids or isinstance(given, bool):
        raise ApiError(400, "bad_body", "Say which project (its id, see /api/v1/projects).")
    return int(given)


def _name(body: dict[str, Any], name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str) or len(value.strip()) > MAX_NAME_CHARS:
        raise ApiError(400, "bad_body", f"{name} has to be a text of at most {MAX_NAME_CHARS} characters.")
    return value.strip()


def _moment(body: dict[str, Any]) -> int:
    if "at" not in body:
        return clock.unix_ms()
    try:
        at = datetime.fromisoformat(body["at"])
    except (TypeError, ValueError) as error:
        raise ApiError(400, "bad_body", "at has to be a time such as 2026-11-24T09:10:32+09:00.") from error
    if at.tzinfo is None or not is_possible(int(at.timestamp() * 1000)):
        raise ApiError(400, "bad_body", "at needs a zone (Z or +09:00), and may not be in the future.")
    return int(at.timestamp() * 1000)


def _deploy(deploy: Deploy) -> dict[str, Any]:
    return {
        "id": deploy.id,
        "project": deploy.project_id,
        "service": deploy.service,
        "environment": deploy.environment,
        "release": deploy.release,
        "at": time_text(deploy.at_ms),
        "told_by": deploy.actor,
    }
