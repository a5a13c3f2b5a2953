"""Parts of an event's page that stand on it by the thousand, written without a template each: values and their names."""

from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from mukiau.core.linking import Bond
from mukiau.web.event.breadcrumbs import Crumb
from mukiau.web.event.frames import CodeLine, FrameView
from mukiau.web.event.linked import ISSUE_BOND_NAMES
from mukiau.web.event.sheet import Pairs, Value
from mukiau.web.templatetags.show import iso, moment_exact

register = template.Library()

SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000

_KINDS: dict[str, tuple[str, str | Promise]] = {
    "log": ("line", _("Log line")),
    "http": ("arrows", _("HTTP call")),
    "query": ("store", _("Query")),
    "navigation": ("way", _("Navigation")),
    "user": ("hand", _("User action")),
    "error": ("warn", _("Error")),
}
"""Sign and word of each kind of breadcrumb."""


@register.simple_tag
def put(value: Value) -> SafeString:
    """Write a value: the rest of a long one folded, and what is missing or was done to it."""
    parts = [format_html("{}", value.text)]
    if value.more:
        words = ngettext("%(n)s more character", "%(n)s more characters", len(value.more)) % {
            "n": f"{len(value.more):,}"
        }
        parts.append(format_html('<details class="more"><summary>… {}</summary>{}</details>', words, value.more))
    if value.left_out:
        words = ngettext("… %(n)s character not shown", "… %(n)s characters not shown", value.left_out)
        parts.append(format_html(' <span class="gone">{}</span>', words % {"n": f"{value.left_out:,}"}))
    if value.remark:
        words = gettext("by the sender: %(words)s") % {"words": value.remark}
        parts.append(format_html(' <span class="remark">{}</span>', words))
    return SafeString("".join(parts))


@register.simple_tag
def entries(pairs: Pairs) -> SafeString:
    """Write named values for a definition list."""
    rows = format_html_join("", "<dt>{}</dt><dd>{}</dd>", ((name, put(value)) for name, value in pairs.entries))
    return format_html('{}<dt class="gone">{}</dt>', rows, _hidden(pairs)) if pairs.hidden else rows


@register.simple_tag
def inline_entries(pairs: Pairs) -> SafeString:
    """Write named values one after the other, `name=value`."""
    rows = format_html_join(
        "", '<span><span class="dim">{}=</span>{} </span>', ((name, put(value)) for name, value in pairs.entries)
    )
    return format_html('{}<span class="gone">{}</span>', rows, _hidden(pairs)) if pairs.hidden else rows


def _hidden(pairs: Pairs) -> str:
    words = ngettext("… %(n)s more entry not shown", "… %(n)s more entries not shown", pairs.hidden)
    return words % {"n": f"{pairs.hidden:,}"}


@register.simple_tag
def code_lines(frame: FrameView) -> SafeString:
    """Write a frame's source; each line with a number is an address of its own."""
    return format_html_join("", "<span{}>{}{}</span>", (_code_line(frame.anchor, line) for line in frame.code))


def _code_line(anchor: str, line: CodeLine) -> tuple[SafeString, SafeString, str]:
    hit = SafeString(' class="hit"' if line.is_hit else "")
    if line.number is None:
        return hit, SafeString("<i></i>"), line.text
    place = f"{anchor}-L{line.number}"
    return hit, format_html('<a id="{}" href="#{}" tabindex="-1">{}</a>', place, place, line.number), line.text


@register.simple_tag
def distance(crumb: Crumb) -> SafeString | str:
    """Write how long before the event something happened, with the exact moment behind it."""
    if crumb.at_ms is None or crumb.before_ms is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', iso(crumb.at_ms), moment_exact(crumb.at_ms), before(crumb.before_ms)
    )


@register.filter
def issue_bond(bond: Bond) -> str:
    """What an issue is to the one of the page, in words."""
    return str(ISSUE_BOND_NAMES[bond])


@register.filter
def before(ms: int) -> str:
    """How long before the event: `−2.3 s`, `−340 ms`, `−4 min 10 s`; `+` after it."""
    sign, size = ("+" if ms < 0 else "−"), abs(ms)
    if size < SECOND:
        return f"{sign}{size} ms"
    if size < MINUTE:
        return f"{sign}{size / SECOND:.1f} s"
    if size < HOUR:
        return sign + gettext("%(m)s min %(s)s s") % {"m": size // MINUTE, "s": size % MINUTE // SECOND}
    return sign + gettext("%(h)s h %(m)s min") % {"h": size // HOUR, "m": size % HOUR // MINUTE}


@register.filter
def kind_name(kind: str) -> str | Promise:
    """What a breadcrumb is about, in the reader's words."""
    return _KINDS[kind][1] if kind in _KINDS else kind


@register.filter
def kind_sign(kind: str) -> str:
    return _KINDS[kind][0] if kind in _KINDS else "dot"


@register.simple_tag
def tag_address(issue_id: int, key: str, value: str) -> str:
    """The events of an issue that have a value in a tag."""
    return f"{reverse('issue-events', args=(issue_id,))}?{urlencode({'tag': key, 'value': value})}"
