"""Requests in people's words: kinds, sides, states with their badges, what was done."""

import re

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from mukiau import clock
from mukiau.stores.work.request_rows import FoundRequest
from mukiau.web.address import base_url
from mukiau.web.requests.words import FIELD_NAMES, KIND_NAMES, PAST, SIDE_NAMES, STATE_NAMES, STATE_SIGNS
from mukiau.web.templatetags.show import local, sign
from mukiau.work.requests import Kind, Side, State

register = template.Library()


@register.simple_tag(takes_context=True)
def own_links(context: template.RequestContext, text: str) -> SafeString:
    """A text in which the addresses of this mukiau lead there. Others do not: of an error's message anybody can write some."""
    ours = re.compile("(" + re.escape(base_url(context["request"])) + r"/[\w/?&=%#.~+:-]*[\w/])", re.ASCII)
    parts = enumerate(ours.split(text))
    return format_html_join(
        "", "{}", ((format_html('<a href="{0}">{0}</a>', part) if at % 2 else part,) for at, part in parts)
    )


@register.filter
def request_kind(kind: Kind) -> str:
    """`Data correction`."""
    return str(KIND_NAMES[kind])


@register.filter
def request_side(side: str) -> str:
    """`Operators`."""
    return str(SIDE_NAMES[Side(side)])


@register.filter
def request_act(act: str) -> str:
    """`approved it`; of an act that a later version wrote its own name."""
    return str(PAST.get(act, act))


@register.filter
def request_field(name: str) -> str:
    """How a field of a request is called."""
    return str(FIELD_NAMES.get(name, name))


@register.simple_tag
def request_state(state: State) -> SafeString:
    """The badge of a state: shape, words, and colour where it is somebody's turn."""
    shape, colour = STATE_SIGNS[state]
    return format_html('<span class="badge {}">{}{}</span>', colour, sign(shape), STATE_NAMES[state])


@register.filter
def request_day(ms: int) -> str:
    """`2026-12-04`, in the viewer's zone."""
    return f"{local(ms):%Y-%m-%d}"


@register.filter
def request_is_overdue(found: FoundRequest) -> bool:
    """Its day has passed and it is not closed."""
    return found.due_ms is not None and not found.is_closed and found.due_ms < clock.unix_ms()
