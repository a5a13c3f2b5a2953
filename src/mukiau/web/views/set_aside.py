"""Items that could not be digested, with the reason, and the button that has them tried again."""

from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from mukiau.stores.queries.set_aside import read_set_aside
from mukiau.stores.reader import request_replay
from mukiau.web.accounts.roles import Right, may, needs
from mukiau.web.audit import Action, record


def page(request: HttpRequest) -> HttpResponse:
    return render(request, "set_aside.html", {"items": read_set_aside(), "may_change": may(request.user, Right.REPLAY)})


@require_POST
@needs(Right.REPLAY)
def replay(request: HttpRequest) -> HttpResponse:
    """Ask digest to try one item (`item`) or all of them again."""
    item = request.POST.get("item", "")
    request_replay(Path(settings.MUKIAU.data), (int(item),) if item.isdecimal() else None)
    record(request, Action.REPLAY_ASKED, target=item if item.isdecimal() else "")
    messages.success(request, gettext("Trying again now. What can be digested disappears from this list."))
    return redirect("set-aside")
