"""How the machine is: what was accepted, digested, refused and dropped, by reason, room and retention; as `mukiau status`."""

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from mukiau import clock
from mukiau.stores.reader import read_status
from mukiau.stores.upkeep import read_upkeep

SILENT_AFTER_MS = 30_000
"""Digest says every few seconds that it is alive."""


def page(request: HttpRequest) -> HttpResponse:
    status = read_status(Path(settings.MUKIAU.data))
    context = {
        "status": status,
        "is_alive": clock.unix_ms() - status.heartbeat_ms < SILENT_AFTER_MS,
        "refused_total": sum(status.refused.values()),
        "dropped_total": sum(status.dropped.values()),
        "upkeep": read_upkeep(settings.MUKIAU),
    }
    return render(request, "status.html", context)
