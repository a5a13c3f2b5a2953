"""Writing a runbook: the editor with its preview, the rule builder, and saving without overwriting anybody."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from mukiau import clock
from mukiau.core.grouping.globs import MAX_GLOB_CHARS
from mukiau.stores.queries.issue import IssueHead, find_issue
from mukiau.stores.queries.runbooks import RunbookHead, find_version, list_answered
from mukiau.stores.work.rule_preview import preview_rules
from mukiau.stores.work.runbooks import EditConflict, RunbookRefused, Saved, suggest_prefix
from mukiau.web.accounts.roles import Right, needs
from mukiau.web.audit import actor_of
from mukiau.web.grouping.drafts import diff_of
from mukiau.web.numbers import parse_number
from mukiau.web.runbooks import acts
from mukiau.web.runbooks.drafting import new_text, without_prompts
from mukiau.web.runbooks.filled import values_of_issue
from mukiau.web.runbooks.words import ASPECTS, refusal_words, shown_problems
from mukiau.web.views.runbooks import DAY_MS, DAYS_LOOKED_AT, get_runbook, get_version
from mukiau.work.runbooks.front_matter import MAX_TEXT_CHARS, add_rule, parse_runbook
from mukiau.work.runbooks.rendering import check_runbook, render_runbook
from mukiau.work.runbooks.rules import Aspect, MatchRule, rule_of

BUILDER_ASPECTS = {
    Aspect.SERVICE: "order-api",
    Aspect.TYPE: "*TimeoutException",
    Aspect.CODE: "ORD-10*",
    Aspect.MESSAGE: "*could not be saved*",
    Aspect.LOGGER: "com.acme.orders.**",
    Aspect.FINGERPRINT: "",
}
"""What the builder asks for, with an example of each."""
MAX_PREFIX_CHARS = 10


@needs(Right.RUNBOOKS)
def new(request: HttpRequest) -> HttpResponse:
    """Begin a runbook, for the issue named (`issue`) with a rule that matches it; keep it as a draft."""
    given = request.POST if request.method == "POST" else request.GET
    issue = _issue(given.get("issue", ""))
    if request.method != "POST":
        return _editor(request, None, {"text": new_text(issue), "issue": issue})
    return _written(request, None, issue)


@needs(Right.RUNBOOKS)
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change a runbook: a new version of its latest text."""
    runbook = get_runbook(code)
    if request.method != "POST":
        text = get_version(runbook, runbook.number).text
        return _editor(request, runbook, {"text": text, "expected": runbook.number})
    return _written(request, runbook, None)


@require_POST
@needs(Right.RUNBOOKS)
def preview(request: HttpRequest) -> HttpResponse:
    """Answer how a text reads and what is wrong with it, without keeping anything."""
    text, issue = _text(request.POST), _issue(request.POST.get("issue", ""))
    return render(request, "runbooks/preview.html", _previewed(text, issue))


@require_POST
@needs(Right.RUNBOOKS)
def rules(request: HttpRequest) -> HttpResponse:
    """Answer what the rules of a text, and the one being built, match."""
    runbook_id = parse_number(request.POST.get("runbook", "")) or 0
    return render(request, "runbooks/rules.html", _matched(_text(request.POST), _built(request.POST), runbook_id))


def _written(request: HttpRequest, runbook: RunbookHead | None, issue: IssueHead | None) -> HttpResponse:
    text, wish = _text(request.POST), request.POST.get("wish", "save")
    draft: dict[str, Any] = {
        "text": text,
        "note": request.POST.get("note", "")[:1_000],
        "prefix": request.POST.get("prefix", "").strip().upper()[:MAX_PREFIX_CHARS],
        "expected": parse_number(request.POST.get("expected", "")) or 0,
        "built": _given(request.POST),
        "issue": issue,
    }
    if wish == "rule" and (built := _built(request.POST)) is not None:
        return _editor(request, runbook, {**draft, "text": add_rule(text, built), "built": {}})
    if wish not in {"save", "publish"}:
        return _editor(request, runbook, draft)
    if wish == "publish":
        draft["text"] = without_prompts(text)
    try:
        saved = _save(request, runbook, draft)
    except RunbookRefused as refusal:
        return _editor(request, runbook, {**draft, **_refused(runbook, refusal, text)})
    if wish == "publish":
        return _published(request, saved)
    messages.success(request, gettext("Saved as version %(number)s.") % {"number": saved.number})
    return redirect("runbook-version", saved.code, saved.number)


def _save(request: HttpRequest, runbook: RunbookHead | None, draft: Mapping[str, Any]) -> Saved:
    who, text = actor_of(request), draft["text"]
    if runbook is None:
        prefix = draft["prefix"] or suggest_prefix(parse_runbook(text).front)
        return acts.create(who, text, prefix=prefix)
    return acts.save(who, runbook.id, text, expected=draft["expected"], note=draft["note"])


def _published(request: HttpRequest, saved: Saved) -> HttpResponse:
    try:
        acts.publish(actor_of(request), saved.id, saved.code, number=saved.number)
    except RunbookRefused as refusal:
        messages.error(request, refusal_words(refusal))
        return redirect("runbook-edit", saved.code)
    messages.success(request, gettext("Version %(number)s is in force.") % {"number": saved.number})
    return redirect("runbook", saved.code)


def _refused(runbook: RunbookHead | None, refusal: RunbookRefused, text: str) -> dict[str, Any]:
    """Of a conflict the page shows what the other person changed, and saves on top of that the next time."""
    told: dict[str, Any] = {"refusal": refusal_words(refusal)}
    if isinstance(refusal, EditConflict) and runbook is not None:
        theirs = find_version(runbook.id, refusal.number)
        told |= {"expected": refusal.number, "theirs": theirs, "diff": diff_of(text, theirs.text) if theirs else ()}
    return told


def _editor(request: HttpRequest, runbook: RunbookHead | None, draft: dict[str, Any]) -> HttpResponse:
    built = draft.get("built", {})
    issue = draft.get("issue") or _answered(runbook)
    context = {
        "runbook": runbook,
        "builder": [
            (aspect.value, ASPECTS[aspect], built.get(aspect.value, ""), example)
            for aspect, example in BUILDER_ASPECTS.items()
        ],
        **draft,
        "issue": issue,
        **_previewed(draft["text"], issue),
        **_matched(draft["text"], _rule(built), runbook.id if runbook else 0),
    }
    return render(request, "runbooks/editor.html", context)


def _previewed(text: str, issue: IssueHead | None) -> dict[str, Any]:
    values = values_of_issue(issue)
    return {
        "rendered": render_runbook(text, values),
        "problems": shown_problems(text, check_runbook(text)),
        "values": sorted(values.items())[:100],
        "is_draft": True,
    }


def _matched(text: str, built: MatchRule | None, runbook_id: int) -> dict[str, Any]:
    """Return what the rules of a text match, and what one more would."""
    since_ms = clock.unix_ms() - DAYS_LOOKED_AT * DAY_MS
    kept = parse_runbook(text).front.rules
    with acts.reading() as connection:
        matched = preview_rules(connection, kept, since_ms=since_ms, runbook_id=runbook_id) if kept else None
        one_more = preview_rules(connection, [built], since_ms=since_ms, runbook_id=runbook_id) if built else None
    return {
        "matched": matched,
        "rules": list(zip(kept, matched.by_rule, strict=True)) if matched else [],
        "one_more": one_more,
        "days": DAYS_LOOKED_AT,
    }


def _given(given: QueryDict) -> dict[str, str]:
    texts = {aspect.value: given.get(f"rule_{aspect.value}", "").strip()[:MAX_GLOB_CHARS] for aspect in BUILDER_ASPECTS}
    return {name: text for name, text in texts.items() if text}


def _built(given: QueryDict) -> MatchRule | None:
    return _rule(_given(given))


def _rule(built: Mapping[str, str]) -> MatchRule | None:
    """Return the rule of the builder; None while it says nothing."""
    rule = rule_of(**built)
    return rule if rule.conditions and not rule.is_wide else None


def _answered(runbook: RunbookHead | None) -> IssueHead | None:
    """Return an issue to fill the preview in from."""
    answered = list_answered(runbook.id, since_ms=clock.unix_ms()) if runbook else ()
    return find_issue(answered[0].id) if answered else None


def _issue(text: str) -> IssueHead | None:
    number = parse_number(text)
    return find_issue(number) if number else None


def _text(given: QueryDict) -> str:
    """One character more than may be kept: the mistake is told, and no more is read."""
    return given.get("text", "").replace("\r\n", "\n")[: MAX_TEXT_CHARS + 1]
