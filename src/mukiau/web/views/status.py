"""How the machine is: what was accepted, digested, refused and dropped, by reason."""

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from mukiau import clock
from mukiau.stores.queries.digesting import read_counters, read_progress
from mukiau.web.counters import described

SILENT_AFTER_MS = 30_000
"""Digest says every few seconds that it is alive."""


def page(request: HttpRequest) -> HttpResponse:
    folder = Path(settings.MUKIAU.data)
    progress = read_progress(folder)
    context = {
        "progress": progress,
        "is_alive": clock.unix_ms() - progress.heartbeat_ms < SILENT_AFTER_MS,
        "groups": described(read_counters(folder)),
    }
    return render(request, "status.html", context)
