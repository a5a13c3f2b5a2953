"""Values as text and small pictures: times in the viewer's zone, counts, levels, icons, bars."""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache, lru_cache

from django import template
from django.templatetags.static import static
from django.utils import timezone, translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy, ngettext

from mukiau import clock
from mukiau.core.grouping.wording import matches
from mukiau.core.templates import template_of
from mukiau.web.accounts.roles import ROLE_NAMES, Role
from mukiau.web.purpose_names import PURPOSE_NAMES
from mukiau.work.purposes import Purpose

register = template.Library()

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
_PLACEHOLDER = re.compile(r"(<[a-z]{2,8}(?: [^<>]{0,80})?>|\{words?\})")
_LEVEL_NAMES = {
    "fatal": gettext_lazy("Fatal"),
    "error": gettext_lazy("Error"),
    "warning": gettext_lazy("Warning"),
    "info": gettext_lazy("Info"),
    "debug": gettext_lazy("Debug"),
}
# A size and a colour of its own wherever a style names none: without them a picture fills its line, in black.
_SIGN = '<svg width="10" height="10" fill="currentColor" aria-hidden="true"><use href="{}#{}"/></svg>'
_LEVEL_SHAPES = {"fatal": "upup", "error": "dot", "warning": "warn"}
SPARK_WIDTH, SPARK_HEIGHT = 98, 30
NEW_FOR_MS = DAY


def local(ms: int) -> datetime:
    """Return a moment in the viewer's zone; times no calendar holds become 1970."""
    zone = timezone.get_current_timezone()
    try:
        return datetime.fromtimestamp(ms / 1000, zone)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, zone)


@register.filter
def moment(ms: int) -> str:
    """`2026-10-14 10:51:08`, in the viewer's zone."""
    return f"{local(ms):%Y-%m-%d %H:%M:%S}"


@register.filter
def moment_exact(ms: int) -> str:
    """`2026-10-14 10:51:08.123 JST`."""
    return _exact(local(ms))


def _exact(at: datetime) -> str:
    return f"{at.isoformat(' ', 'milliseconds')[:23]} {at.tzname()}"


@register.filter
def role_name(role: str) -> str:
    """`Developer`: a role as people read it."""
    return str(ROLE_NAMES[Role(role)])


@register.filter
def purpose_name(purpose: Purpose) -> str:
    """`Production`: a purpose as people read it."""
    return str(PURPOSE_NAMES[purpose])


@register.filter
def time_near(ms: int, event_ms: int) -> str:
    """`10:51:08.123` on the day of the event, `10-13 23:59:58` on another."""
    at = local(ms)
    return f"{at:%H:%M:%S}.{ms % 1000:03d}" if at.date() == local(event_ms).date() else f"{at:%m-%d %H:%M:%S}"


@register.filter
@lru_cache(maxsize=1_000)  # the issues that are seen again and again; a title is a few hundred bytes
def heading(title: str, template: str = "") -> SafeString:
    """An issue's title with placeholders for what differs from event to event; as it stands where nothing else is left
    of what the exception says (`KeyError: 'sku'`).

    The issue's template tells of words that differ by its grouping policy (`Failed password for {word}`).
    """
    parts = _PLACEHOLDER.split(template) if _is_wording_of(template, title) else _general(title)
    return format_html_join("", "{}", (((_placeholder(part) if i % 2 else part),) for i, part in enumerate(parts)))


def _is_wording_of(template: str, title: str) -> bool:
    return "{word" in template and matches(template, template_of(title))


def general_title(title: str) -> str:
    """Return an issue's title in plain text for all its events: what differs is left out (`order … not saved`)."""
    return "".join("…" if i % 2 else part for i, part in enumerate(_general(title)))


def _general(title: str) -> list[str]:
    """Return words and placeholders turn about."""
    parts = _PLACEHOLDER.split(template_of(title))
    kind, colon, said = "".join(parts[::2]).partition(": ")
    return parts if any(char.isalnum() for char in (said if colon else kind)) else [title]


def _placeholder(mark: str) -> SafeString:
    return format_html('<span class="ph">{}</span>', mark.strip("<>{}"))


@register.filter
def iso(ms: int) -> str:
    """`2026-10-14T10:51:08.123000+09:00`: for programs."""
    return local(ms).isoformat()


@register.simple_tag
def ago(ms: int) -> SafeString:
    """How long ago, with the exact moment behind it."""
    at = local(ms)
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), _exact(at), _distance(ms, at))


def elapsed(ms: int) -> str:
    """`52 min`, `3 hours`, `12 days`: how long something has lasted."""
    if ms < HOUR:
        return ngettext("%(n)s min", "%(n)s min", ms // MINUTE) % {"n": ms // MINUTE}
    if ms < 2 * DAY:
        return ngettext("%(n)s hour", "%(n)s hours", ms // HOUR) % {"n": ms // HOUR}
    return ngettext("%(days)s day", "%(days)s days", ms // DAY) % {"days": ms // DAY}


def _distance(ms: int, at: datetime) -> str:
    past = clock.unix_ms() - ms
    if past < MINUTE:
        return gettext("just now") if past > -MINUTE else f"{at:%Y-%m-%d}"
    if past < HOUR:
        return ngettext("%(n)s min ago", "%(n)s min ago", past // MINUTE) % {"n": past // MINUTE}
    if past < DAY:
        return ngettext("%(n)s hour ago", "%(n)s hours ago", past // HOUR) % {"n": past // HOUR}
    if past < 30 * DAY:
        return ngettext("%(n)s day ago", "%(n)s days ago", past // DAY) % {"n": past // DAY}
    return f"{at:%Y-%m-%d}"


@register.filter
def events_word(number: int) -> str:
    """`events`: the word behind a number."""
    return ngettext("event", "events", number)


@register.filter
def is_new(first_seen_ms: int) -> bool:
    """First seen within the last 24 hours."""
    return clock.unix_ms() - first_seen_ms < NEW_FOR_MS


@register.filter
def last_part(name: str) -> str:
    """`OrderService` of `com.example.OrderService`: what tells loggers apart at a glance."""
    return name.rstrip(".").rpartition(".")[2] or name


@register.filter
def short_place(culprit: str) -> str:
    """`OrderService confirm` of `com.example.OrderService confirm`: the last part of the place, with the function."""
    place, space, function = culprit.partition(" ")
    if culprit.startswith(("/", "http:", "https:")):  # a route: all of it
        return culprit
    mark = next((mark for mark in "/\\" if mark in place), ".")
    return f"{place.rpartition(mark)[2] or place}{space}{function}"


@register.filter
def count(number: int) -> str:
    """`12,345`."""
    return f"{number:,}"


@register.filter
def as_lines(texts: Sequence[str]) -> str:
    """Each on a line of its own, as text for `pre`."""
    return "\n".join(texts)


@register.filter
def percent(part: int, whole: int) -> str:
    return f"{round(100 * part / whole)}%" if whole else "0%"


@register.simple_tag
def share(part: int, whole: int) -> str:
    """A length of 0 to 100 for a bar; what is there at all can be seen."""
    return f"{max(1.0, 100 * part / whole):.1f}" if whole else "0"


# Both depend on nothing but the name, and a page of a list has hundreds of them.
@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """A picture of the sprite; words beside it say what it means."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', _sprite(), name)


@register.simple_tag
@cache
def sign(name: str) -> SafeString:
    """A small filled sign of the sprite, for badges."""
    return format_html(_SIGN, _sprite(), name)


def _sprite() -> str:
    return static("mukiau/icons.svg")


@register.simple_tag
def spark(counts: Sequence[int]) -> SafeString:
    """Bars of days (today last), or of the last 24 hours; the words for it carry the numbers."""
    by_hour = len(counts) == 24
    sums = {"n": len(counts), "total": count(sum(counts)), "last": count(counts[-1] if counts else 0)}
    words = (
        gettext("Events in the last 24 hours: %(total)s, this hour %(last)s") % sums
        if by_hour
        else gettext("Events in the last %(n)s days: %(total)s, today %(last)s") % sums
    )
    return format_html(
        '<svg class="spark" width="{w}" height="{h}" viewBox="0 0 {w} {h}" preserveAspectRatio="none" role="img" '
        'aria-label="{words}"><title>{words}</title><path class="rest" d="M0 {base}h{w}"/>'
        '<path class="bar" d="{path}"/></svg>',
        w=SPARK_WIDTH,
        h=SPARK_HEIGHT,
        base=SPARK_HEIGHT - 0.5,
        words=words,
        path=bars(counts, width=SPARK_WIDTH, height=SPARK_HEIGHT, gap=2 if len(counts) <= 14 else 1),
    )


def bars(counts: Sequence[int], *, width: float, height: float, gap: float) -> str:
    """Return the path of a bar chart; any count above 0 is at least 2 high."""
    highest, step = max(counts, default=0), width / max(1, len(counts))
    parts = []
    for index, value in enumerate(counts):
        if value > 0:
            tall = max(2.0, (height - 1) * value / highest)
            parts.append(f"M{index * step + gap / 2:.1f} {height:g}v{-tall:.1f}h{step - gap:.1f}V{height:g}z")
    return "".join(parts)


@register.simple_tag
def day_label(ms: int) -> str:
    """`10/14` in Japanese, `14 Oct` elsewhere."""
    at = local(ms)
    if translation.get_language() == "ja":
        return f"{at.month}/{at.day}"
    return f"{at.day} {at:%b}"


@register.filter
def level_name(level: str) -> str:
    """The level in the reader's words; unknown ones as they are."""
    name = _LEVEL_NAMES.get(level)
    return level if name is None else str(name)


@register.simple_tag
def level_sign(level: str) -> SafeString:
    """The level as a sign that says its name."""
    return _named_sign(level, level_name(level))


@lru_cache(maxsize=64)
def _named_sign(level: str, name: str) -> SafeString:
    shape = sign(_LEVEL_SHAPES.get(level, "ring"))
    return format_html(
        '<span class="sign {}" role="img" aria-label="{}" title="{}">{}</span>', level, name, name, shape
    )
