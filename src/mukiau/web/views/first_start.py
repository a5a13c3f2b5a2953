"""The page behind the one-time link: makes the first administrator."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from mukiau.stores.queries.scope import list_projects
from mukiau.web.accounts import first_start
from mukiau.web.accounts.forms import NewAccountForm
from mukiau.web.accounts.people import create_admin
from mukiau.web.accounts.sign_in import sign_in
from mukiau.web.audit import Action, record


@login_not_required
@never_cache
@sensitive_post_parameters()
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for a name and a password while the token is good; it is spent when the account is made."""
    if not first_start.is_good(token):
        return render(request, "account/first_start_spent.html", status=410)
    form = NewAccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not first_start.spend(token):
            raise Http404
        made = create_admin(form.cleaned_data["name"], form.cleaned_data["password"])
        record(request, Action.ACCOUNT_MADE, target=made.get_username(), after={"role": "admin"}, user=made)
        sign_in(request, made)
        return redirect("issues" if list_projects() else "sources")
    return render(request, "account/first_start.html", {"form": form})
