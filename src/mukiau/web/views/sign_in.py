"""Signing in and out. Failed attempts are counted per name and per address; too many have to wait."""

from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from mukiau.web import attempts


@login_not_required
@never_cache
@sensitive_post_parameters("password")
def page(request: HttpRequest) -> HttpResponse:
    """Show the form; with the right password lead on to where the person wanted to go."""
    target = _target(request)
    if request.user.is_authenticated:
        return HttpResponseRedirect(target)
    form = AuthenticationForm(request, data=request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        who = attempts.keys_of(request, request.POST.get("username", ""))
        if attempts.too_many(who):
            form.errors.clear()
            form.add_error(None, gettext("Too many attempts. Wait five minutes and try again."))
            status = 429
        elif form.is_valid():
            attempts.forget(who)
            auth.login(request, form.get_user())
            return HttpResponseRedirect(target)
        else:
            attempts.count(who)
    return render(request, "account/sign_in.html", {"form": form, "next": target}, status=status)


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    auth.logout(request)
    return redirect("sign-in")


def _target(request: HttpRequest) -> str:
    asked = request.POST.get("next") or request.GET.get("next", "")
    return asked if url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else resolve_url("issues")
