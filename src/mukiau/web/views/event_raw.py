"""An event as text: the stored JSON to read, to download, and a Markdown summary to paste into a ticket."""

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from mukiau.web.event.chain import chain_of
from mukiau.web.event.detail import message_of
from mukiau.web.event.markdown import markdown_of
from mukiau.web.event.shapes import mapping
from mukiau.web.views.issue import get_event, get_issue


def page(request: HttpRequest, issue_id: int, event_pk: int) -> HttpResponse:
    """Show the stored document, indented."""
    issue, event = get_issue(issue_id), get_event(issue_id, event_pk)
    return render(request, "issue/raw.html", {"issue": issue, "event": event, "text": _indented(event.document)})


def as_json(request: HttpRequest, issue_id: int, event_pk: int) -> HttpResponse:
    """Answer the stored document as JSON."""
    event = get_event(issue_id, event_pk)
    return HttpResponse(_indented(event.document), content_type="application/json; charset=utf-8")


def as_markdown(request: HttpRequest, issue_id: int, event_pk: int) -> HttpResponse:
    """Answer a summary as Markdown text."""
    issue, event = get_issue(issue_id), get_event(issue_id, event_pk)
    payload = mapping(event.document.get("payload"))
    text = markdown_of(
        issue,
        event,
        links=chain_of(payload, {}),
        message=message_of(payload)[0],
        url=request.build_absolute_uri(reverse("event", args=(issue.id, event.pk))),
    )
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def _indented(document: object) -> str:
    # A surrogate of a broken payload cannot be sent as UTF-8.
    text = json.dumps(document, ensure_ascii=False, indent=2, default=str)
    return text.encode("utf-8", "replace").decode()
