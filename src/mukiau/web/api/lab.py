"""The grouping lab: versions and runs are read with `read`; trying, applying, undoing and stopping needs `grouping:write`."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from mukiau.core.grouping.policy_mistakes import render_mistake
from mukiau.core.grouping.policy_text import parse_policy
from mukiau.stores.audit import Actor
from mukiau.stores.lab.runs import Run, RunRefused, UnknownRun
from mukiau.stores.queries.scope import list_projects
from mukiau.web.address import absolute_url
from mukiau.web.api.bodies import body_of
from mukiau.web.api.door import ApiError, Caller
from mukiau.web.api.issues import time_text
from mukiau.web.grouping import lab


def list_versions(request: HttpRequest, caller: Caller, project_id: int) -> dict[str, Any]:
    """Return the versions of a project's policy, latest first."""
    state = lab.read_lab(_known(project_id))
    return {
        "in_force": state.in_force.version,
        "policies": [
            {
                "version": one.version,
                "text": one.text,
                "by": one.author,
                "reason": one.reason,
                "at": time_text(one.created_ms) if one.created_ms else None,
            }
            for one in state.versions
        ],
    }


def list_all(request: HttpRequest, caller: Caller, project_id: int) -> dict[str, Any]:
    """Return a project's runs, latest first."""
    return {"runs": [_run(request, run) for run in lab.read_lab(_known(project_id)).runs]}


def try_text(request: HttpRequest, caller: Caller, project_id: int) -> dict[str, Any]:
    """Keep a text as a version and try it."""
    project, body = _known(project_id), body_of(request)
    text, reason = body.get("text"), body.get("reason", "")
    if not isinstance(text, str) or not isinstance(reason, str):
        raise ApiError(400, "bad_body", 'Send the policy as {"text": "defaults = 1\\n…", "reason": ""}.')
    if mistakes := parse_policy(text).mistakes:
        raise ApiError(400, "bad_policy", " ".join(render_mistake(one) for one in mistakes))
    return _answer(request, lambda: lab.try_text(caller.actor, project, text, reason=reason))


def show(request: HttpRequest, caller: Caller, run_id: int) -> dict[str, Any]:
    """Return a run, and what would change while it is ready."""
    try:
        found = lab.read_run(run_id)
    except UnknownRun as unknown:
        raise ApiError(404, "not_found", str(unknown)) from unknown
    preview = None if found.preview is None else asdict(found.preview)
    return {**_run(request, found.run), "can_be_undone": found.can_undo, "preview": preview}


def apply(request: HttpRequest, caller: Caller, run_id: int) -> dict[str, Any]:
    """Ask for a run's version to be put in force."""
    return _ask(request, caller, run_id, lab.apply)


def undo(request: HttpRequest, caller: Caller, run_id: int) -> dict[str, Any]:
    """Ask for the version before a run to be put in force again."""
    return _ask(request, caller, run_id, lab.undo)


def stop(request: HttpRequest, caller: Caller, run_id: int) -> dict[str, Any]:
    """Stop a run."""
    return _ask(request, caller, run_id, lab.stop)


def _ask(request: HttpRequest, caller: Caller, run_id: int, act: Callable[[Actor, int], Run]) -> dict[str, Any]:
    return _answer(request, lambda: act(caller.actor, run_id))


def _answer(request: HttpRequest, act: Callable[[], Run]) -> dict[str, Any]:
    try:
        return _run(request, act())
    except UnknownRun as unknown:
        raise ApiError(404, "not_found", str(unknown)) from unknown
    except RunRefused as refusal:
        raise ApiError(409, "refused", str(refusal)) from refusal


def _known(project_id: int) -> int:
    if project_id not in {one.id for one in list_projects()}:
        raise ApiError(404, "not_found", f"There is no project {project_id}.")
    return project_id


def _run(request: HttpRequest, run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "project": run.project_id,
        "version": run.version,
        "base_version": run.base_version,
        "state": run.state.value,
        "step": run.step.value,
        "done": run.done,
        "total": run.total,
        "by": run.author,
        "at": time_text(run.created_ms),
        "changed_at": time_text(run.updated_ms),
        "error": run.error,
        "url": absolute_url(request, reverse("lab-run", args=(run.id,))),
    }
