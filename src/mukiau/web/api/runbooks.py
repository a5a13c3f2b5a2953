"""Runbooks: read with `read`; writing, publishing and commenting needs `work:write` and the right of the token's owner."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.http import HttpRequest
from django.urls import reverse

from mukiau.stores.queries.runbooks import (
    RunbookComment,
    RunbookHead,
    RunbookVersion,
    find_runbook,
    find_version,
    list_comments,
    list_runbooks,
    list_versions,
)
from mukiau.stores.work.runbooks import (
    CommentKind,
    EditConflict,
    NotPublishable,
    RunbookRefused,
    RunbookState,
    UnknownRunbook,
    suggest_prefix,
)
from mukiau.web.accounts.roles import Right
from mukiau.web.address import absolute_url
from mukiau.web.api.bodies import body_of
from mukiau.web.api.door import ApiError, Caller, caller_needs
from mukiau.web.api.issues import time_text
from mukiau.web.api.paging import choice_of, cursor_of, next_page
from mukiau.web.runbooks import acts
from mukiau.work.runbooks.front_matter import MAX_TEXT_CHARS, has_halves, parse_runbook
from mukiau.work.runbooks.rendering import check_runbook

PAGE_RUNBOOKS = 50

T = TypeVar("T")


def list_all(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Return one page of runbooks, the latest changed first."""
    state = choice_of(request, "state", tuple(RunbookState), "")
    words, after = request.GET.get("q", "")[:200], cursor_of(request, (int, int))
    place = (after[0], after[1]) if after else None
    found = list_runbooks(words=words, state=state, after=place, limit=PAGE_RUNBOOKS + 1)
    shown = found[:PAGE_RUNBOOKS]
    last = (shown[-1].updated_ms, shown[-1].id) if len(found) > PAGE_RUNBOOKS else None
    return {"items": [_row(request, one) for one in shown], "next": next_page(request, last)}


def show(request: HttpRequest, caller: Caller, code: str) -> dict[str, Any]:
    """Return one runbook with its latest text, that in force, its versions and comments."""
    return _whole(request, _get(code))


@caller_needs(Right.RUNBOOKS)
def create(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Make a runbook of a text, as a draft."""
    body = body_of(request)
    text, prefix = _text(body, "text", is_needed=True), _text(body, "prefix").strip().upper()
    with_prefix = prefix or suggest_prefix(parse_runbook(text).front)
    saved = _done(lambda: acts.create(caller.actor, text, prefix=with_prefix))
    return _whole(request, _get(saved.code))


@caller_needs(Right.RUNBOOKS)
def save(request: HttpRequest, caller: Caller, code: str) -> dict[str, Any]:
    """Keep a new version of the text; it is in force only when it is published."""
    body, runbook = body_of(request), _get(code)
    text, note, expected = _text(body, "text", is_needed=True), _text(body, "note"), _version(body)
    _done(lambda: acts.save(caller.actor, runbook.id, text, expected=expected, note=note))
    return _whole(request, _get(code))


@caller_needs(Right.RUNBOOKS)
def publish(request: HttpRequest, caller: Caller, code: str) -> dict[str, Any]:
    """Put a version in force; its rules hold from now on."""
    body, runbook = body_of(request), _get(code)
    number = _version(body)
    _done(lambda: acts.publish(caller.actor, runbook.id, runbook.code, number=number))
    return _whole(request, _get(code))


@caller_needs(Right.RUNBOOKS)
def comment(request: HttpRequest, caller: Caller, code: str) -> dict[str, Any]:
    """Say something about a version, or that it did not help."""
    body, runbook = body_of(request), _get(code)
    text, number = _text(body, "text", is_needed=True).strip(), _version(body)
    kind = body.get("kind", CommentKind.COMMENT.value)
    if not text or not isinstance(kind, str) or kind not in set(CommentKind):
        raise ApiError(400, "bad_body", f"Send a text, and as `kind` one of {', '.join(CommentKind)}.")
    made = _done(
        lambda: acts.comment(caller.actor, runbook.id, runbook.code, text, number=number, kind=CommentKind(kind))
    )
    return next(_comment(one) for one in list_comments(runbook.id) if one.id == made)


def _get(code: str) -> RunbookHead:
    found = find_runbook(code)
    if found is None:
        raise ApiError(404, "not_found", f"There is no runbook {code[:24]}.")
    return found


def _done(act: Callable[[], T]) -> T:
    try:
        return act()
    except UnknownRunbook as refusal:
        raise ApiError(404, "not_found", str(refusal)) from refusal
    except EditConflict as refusal:
        raise ApiError(409, "conflict", str(refusal)) from refusal
    except NotPublishable as refusal:
        raise ApiError(409, "mistakes", str(refusal)) from refusal
    except RunbookRefused as refusal:
        raise ApiError(409, "refused", str(refusal)) from refusal


def _row(request: HttpRequest, one: RunbookHead) -> dict[str, Any]:
    return {
        "code": one.code,
        "title": one.title,
        "state": one.state,
        "services": one.services,
        "owner": one.owner,
        "proposes": one.proposes,
        "key": one.key,
        "minutes": one.minutes,
        "review_by": one.review_by or None,
        "version": one.number,
        "version_in_force": one.published_number if one.state == RunbookState.PUBLISHED else None,
        "issues": one.answers,
        "updated_at": time_text(one.updated_ms),
        "url": absolute_url(request, reverse("runbook", args=(one.code,))),
    }


def _whole(request: HttpRequest, one: RunbookHead) -> dict[str, Any]:
    latest = find_version(one.id, one.number)
    text = latest.text if latest else ""
    return {
        **_row(request, one),
        "text": text,
        "mistakes": [{"line": found.line, "kind": found.kind, "given": found.given} for found in check_runbook(text)],
        "versions": [_version_row(version) for version in list_versions(one.id)],
        "comments": [_comment(said) for said in list_comments(one.id)],
    }


def _version_row(one: RunbookVersion) -> dict[str, Any]:
    return {
        "version": one.number,
        "title": one.title,
        "author": one.author,
        "at": time_text(one.at_ms),
        "note": one.note,
        "review": one.review or None,
        "reviewer": one.reviewer,
    }


def _comment(one: RunbookComment) -> dict[str, Any]:
    return {
        "id": one.id,
        "version": one.number,
        "kind": one.kind,
        "step": one.step,
        "text": one.text,
        "author": one.author,
        "at": time_text(one.at_ms),
    }


def _text(body: Mapping[str, Any], name: str, *, is_needed: bool = False) -> str:
    given = body.get(name, None if is_needed else "")
    if not isinstance(given, str) or len(given) > MAX_TEXT_CHARS or has_halves(given):
        raise ApiError(400, "bad_body", f"`{name}` has to be a text of at most {MAX_TEXT_CHARS:,} characters.")
    return given


def _version(body: Mapping[str, Any]) -> int:
    given = body.get("version")
    if type(given) is not int or not 0 < given < 2**31:
        raise ApiError(400, "bad_body", "Send as `version` the number of the version that you read.")
    return given
