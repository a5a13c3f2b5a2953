"""Items that could not be digested, with the reason; digest tries them again after every update of the program."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from mukiau.stores.queries.digesting import read_set_aside


def page(request: HttpRequest) -> HttpResponse:
    return render(request, "set_aside.html", {"items": read_set_aside()})
