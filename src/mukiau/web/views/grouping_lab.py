"""The grouping lab: the policy in force and its versions, a draft, what it would change, and putting it in force."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from mukiau.core.grouping.policy import DEFAULT, Policy
from mukiau.core.grouping.policy_text import MAX_POLICY_CHARS, parse_policy
from mukiau.core.grouping.policy_writing import with_rule
from mukiau.stores.audit import Actor
from mukiau.stores.lab.preview import Preview
from mukiau.stores.lab.runs import AT_WORK, Run, RunRefused, RunState, UnknownRun
from mukiau.stores.queries.scope import ProjectChoice, list_projects
from mukiau.web.accounts.roles import Right, may, needs
from mukiau.web.audit import actor_of
from mukiau.web.grouping import lab
from mukiau.web.grouping.drafts import diff_of, find_mistakes
from mukiau.web.grouping.lab import LabState, RunShown, read_lab, read_run
from mukiau.web.grouping.lab_words import OBJECTIONS, SIGNS, STATES, STEPS, refusal_words
from mukiau.web.grouping.planned import shown
from mukiau.web.numbers import parse_number

PAGE_CHANGES = 20
MAX_REASON_CHARS = 1_000


def page(request: HttpRequest) -> HttpResponse:
    """Show what is in force, versions, runs, and a draft that begins with a version (`version`) or a rule (`rule`)."""
    project = _project(request.GET.get("project", ""))
    found = read_lab(project.id)
    start = found.find(parse_number(request.GET.get("version", ""))) or found.in_force
    rule = request.GET.get("rule", "").strip()[:MAX_POLICY_CHARS]
    text = with_rule(start.text, rule) if rule else start.text
    return _show(request, project, found, {"text": text, "has_rule": bool(rule)})


@require_POST
@needs(Right.GROUPING)
def try_draft(request: HttpRequest) -> HttpResponse:
    """Keep the draft as a version and ask for its replay; with mistakes, show them and keep nothing."""
    project = _project(request.POST.get("project", ""))
    text = request.POST.get("text", "").replace("\r\n", "\n")
    reason = request.POST.get("reason", "")[:MAX_REASON_CHARS]
    draft: dict[str, Any] = {"text": text, "reason": reason, "mistakes": find_mistakes(text)}
    if not draft["mistakes"]:
        try:
            run = lab.try_text(actor_of(request), project.id, text, reason=reason)
        except RunRefused as refusal:
            draft["refusal"] = refusal_words(refusal)
        else:
            return redirect("lab-run", run.id)
    return _show(request, project, read_lab(project.id), draft)


def version_page(request: HttpRequest, project_id: int, version: int) -> HttpResponse:
    """Show a version's text, and how it differs from another (`against`; else the one before)."""
    found = read_lab(_project(str(project_id)).id)
    one = found.find(version)
    if one is None:
        raise Http404
    other = found.find(parse_number(request.GET.get("against", ""))) or found.find(version - 1)
    context = {
        "project_id": project_id,
        "state": found,
        "version": one,
        "other": other,
        "other_numbers": [known.version for known in found.versions if known.version != version],
        "diff": diff_of(other.text, one.text) if other else (),
    }
    return render(request, "lab/version.html", context)


def run_page(request: HttpRequest, run_id: int) -> HttpResponse:
    """Show how far a run has come, or what would come of it; `page` turns over the changes."""
    try:
        found = read_run(run_id)
    except UnknownRun as unknown:
        raise Http404 from unknown
    state = read_lab(found.run.project_id)
    context: dict[str, Any] = {
        "shown": found,
        "run": found.run,
        "state": state,
        "version": state.find(found.run.version),
        "says": STATES[found.run.state],
        "sign": SIGNS.get(found.run.state, "clock"),
        "patterns": state.patterns_of(found.run),
        "objection": OBJECTIONS.get(found.run.error, ""),
        "is_at_work": found.run.state in AT_WORK,
        "can_stop": found.run.state in AT_WORK and found.run.state is not RunState.UNDOING,
        "may_change": may(request.user, Right.GROUPING),
        **_progress(found.run),
    }
    if found.preview is not None:
        context |= _changes(found, found.preview, state, parse_number(request.GET.get("page", "")) or 1)
    return render(request, "lab/run.html", context)


@require_POST
@needs(Right.GROUPING)
def apply(request: HttpRequest, run_id: int) -> HttpResponse:
    """Ask for the run's version to be put in force."""
    return _act(request, run_id, lab.apply)


@require_POST
@needs(Right.GROUPING)
def undo(request: HttpRequest, run_id: int) -> HttpResponse:
    """Ask for the version before the run to be put in force again."""
    return _act(request, run_id, lab.undo)


@require_POST
@needs(Right.GROUPING)
def stop(request: HttpRequest, run_id: int) -> HttpResponse:
    """Stop the run."""
    return _act(request, run_id, lab.stop)


def _act(request: HttpRequest, run_id: int, act: Callable[[Actor, int], Run]) -> HttpResponse:
    try:
        act(actor_of(request), run_id)
    except UnknownRun as refusal:
        messages.error(request, refusal_words(refusal))
        return redirect("lab")
    except RunRefused as refusal:
        messages.error(request, refusal_words(refusal))
    return redirect("lab-run", run_id)


def _show(request: HttpRequest, project: ProjectChoice, state: LabState, draft: dict[str, Any]) -> HttpResponse:
    context = {
        "project": project,
        "projects": list_projects(),
        "state": state,
        "runs": [
            (run, STATES[run.state], SIGNS.get(run.state, "clock"), state.find_learned(run.version))
            for run in state.runs
        ],
        "may_change": may(request.user, Right.GROUPING),
        **draft,
    }
    return render(request, "lab/page.html", context)


def _project(asked: str) -> ProjectChoice:
    """Return the project asked for, else the first; 404 where there is none."""
    known = list_projects()
    found = next((one for one in known if str(one.id) == asked), known[0] if known else None)
    if found is None:
        raise Http404(gettext("There is no project yet."))
    return found


def _progress(run: Run) -> dict[str, Any]:
    """A replay's progress is told by ids, so that events of other projects and deleted ones do not stop it short."""
    part, whole = (run.done, run.total) if run.state is RunState.APPLYING else (run.cursor, run.until)
    is_told = bool(whole) and run.state in (RunState.REPLAYING, RunState.APPLYING)
    return {"step": STEPS[run.step], "percent": min(100, 100 * part // whole) if is_told else None}


def _changes(found: RunShown, preview: Preview, state: LabState, number: int) -> dict[str, Any]:
    base, draft = (_policy(state, version) for version in (found.run.base_version, found.run.version))
    pages = max(1, -(-len(preview.changes) // PAGE_CHANGES))
    number = min(number, pages)
    chosen = preview.changes[(number - 1) * PAGE_CHANGES : number * PAGE_CHANGES]
    return {
        "preview": preview,
        "changes": [shown(change, base=base, draft=draft) for change in chosen],
        "number": number,
        "pages": pages,
        "is_bounded": len(preview.changes) == lab.MAX_CHANGES,
    }


def _policy(state: LabState, version: int) -> Policy:
    known = state.find(version)
    return (parse_policy(known.text, version=version).policy if known else None) or DEFAULT
