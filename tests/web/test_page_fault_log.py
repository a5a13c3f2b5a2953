"""A fault in a page is one line of the log, with the request's id and the whole traceback."""

import json
import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from mukiau import logs


def broken(request: HttpRequest) -> HttpResponse:
    try:
        raise LookupError("there is no such row")
    except LookupError as missing:
        raise RuntimeError(f"the page of {request.path} cannot be drawn") from missing


urlpatterns = [path("broken/", broken)]
handler500: Callable[[HttpRequest], HttpResponse] = lambda _request: HttpResponse("sorry", status=500)  # noqa: E731


@override_settings(ROOT_URLCONF=__name__)
def test_a_fault_in_a_page_is_one_line_with_id_and_traceback(alice: Client) -> None:
    alice.raise_request_exception = False
    lines: list[str] = []
    handler = logging.Handler()
    handler.setFormatter(logs.JSONFormatter("web"))
    handler.emit = lambda record: lines.append(handler.format(record))  # type: ignore[method-assign]
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    try:
        answer = alice.get("/broken/?token=planted", headers={"X-Request-Id": "4bf92f3577b34da6"})
    finally:
        logger.removeHandler(handler)

    (line,) = [json.loads(line) for line in lines]
    assert answer.status_code == 500
    assert (line["level"], line["request_id"]) == ("ERROR", "4bf92f3577b34da6")
    assert line["exception"].count("Traceback") == 2
    assert "the page of /broken/ cannot be drawn" in line["exception"]
    assert "planted" not in lines[0]
