"""A test error, sent through the public door like any other, and the page that waits for it."""

import json
import uuid
from datetime import UTC, datetime

import httpx
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from mukiau import clock
from mukiau.core.event import JSONObject
from mukiau.stores.queries.event import find_issue_of
from mukiau.stores.queries.sources import SourceKey, find_source
from mukiau.web.audit import Action, record

TIMEOUT_SECONDS = 5.0


@require_POST
def send(request: HttpRequest, source_id: int) -> HttpResponse:
    """Send a test error with a key, then wait for it on its own page."""
    key = _get_key(source_id)
    event_id = uuid.uuid4().hex
    problem = post_event(key, test_event(event_id, who=request.user.get_username(), now=clock.utc_now()))
    if problem:
        messages.error(request, gettext("The test error was not accepted: %(problem)s") % {"problem": problem})
        response = redirect("sources")
        response["Location"] += f"?key={source_id}"
        return response
    record(request, Action.TEST_ERROR_SENT, target=key.label or key.public_key[:8])
    return redirect("test-error-sent", source_id=source_id, event_id=event_id)


def page(request: HttpRequest, source_id: int, event_id: str) -> HttpResponse:
    """Say whether the test error has arrived; asks again by itself until it has."""
    key = _get_key(source_id)
    place = find_issue_of(key.project_id, event_id)
    context = {"key": key, "event_id": event_id, "place": place}
    is_fragment = request.headers.get("HX-Target") == "arrival"
    return render(request, "sources/arrival.html" if is_fragment else "sources/test_error.html", context)


def post_event(key: SourceKey, event: JSONObject) -> str:
    """Post an envelope to the door; return what went wrong in one line, empty when it was accepted.

    It goes past every proxy: their certificates and names may mean nothing on this machine.
    """
    header = {"event_id": event["event_id"], "sent_at": event["timestamp"]}
    body = "\n".join(json.dumps(part) for part in (header, {"type": "event"}, event)) + "\n"
    url = f"{settings.LOCAL_URL}/api/{key.project_id}/envelope/"
    auth = f"Sentry sentry_version=7, sentry_key={key.public_key}, sentry_client=mukiau-test/1"
    try:
        answer = httpx.post(
            url, content=body, headers={"X-Sentry-Auth": auth}, timeout=TIMEOUT_SECONDS, trust_env=False
        )
    except httpx.HTTPError as error:
        return f"{url}: {error}"
    return "" if answer.is_success else f"{answer.status_code} {answer.text[:200]}"


def test_event(event_id: str, *, who: str, now: datetime) -> JSONObject:
    """Return a small event with a chain of two, so that its page shows what a real one shows."""
    frames = [
        {"module": "mukiau.test", "function": "main", "filename": "mukiau/test.py", "lineno": 21, "in_app": True},
        {
            "module": "mukiau.test",
            "function": "send_test_error",
            "filename": "mukiau/test.py",
            "lineno": 12,
            "in_app": True,
            "pre_context": ["    try:", "        read_settings()"],
            "context_line": "    except KeyError as missing:",
            "post_context": ['        raise TestError("This is a test") from missing'],
            "vars": {"asked_by": repr(who)},
        },
    ]
    cause = {"type": "KeyError", "value": "'nothing-is-wrong'", "stacktrace": {"frames": frames[1:]}}
    raised = {"type": "TestError", "value": "This is a test: mukiau received it", "stacktrace": {"frames": frames}}
    return {
        "event_id": event_id,
        "timestamp": now.astimezone(UTC).isoformat(),
        "platform": "python",
        "level": "error",
        "logger": "mukiau.test",
        "environment": "test",
        "tags": {"service": "mukiau-test"},
        "exception": {"values": [cause, raised]},
        "breadcrumbs": {"values": [{"level": "info", "category": "mukiau.test", "message": "Sending a test error"}]},
    }


def _get_key(source_id: int) -> SourceKey:
    key = find_source(source_id)
    if key is None:
        raise Http404
    return key
