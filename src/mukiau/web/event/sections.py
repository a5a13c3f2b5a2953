"""All sections of an event's page, in the order in which they claim room on it, and what the address asks of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mukiau.core.event import JSONObject
from mukiau.web.event.breadcrumbs import LEVELS, NO_FILTER, CrumbFilter, Kind, Timeline, timeline_of
from mukiau.web.event.chain import Chain, chain_of
from mukiau.web.event.facts import Facts, MessageView, facts_of, message_of
from mukiau.web.event.frames import FrameRun
from mukiau.web.event.log_text import LogPlace, LogText, log_place_of, log_text_of
from mukiau.web.event.problems import Problems, problems_of
from mukiau.web.event.remarks import Remarks
from mukiau.web.event.request import RequestView, request_of
from mukiau.web.event.shapes import mapping
from mukiau.web.event.sheet import MAX_EVENT_BYTES, Pairs, Sheet
from mukiau.web.event.surroundings import (
    Contexts,
    Modules,
    UserView,
    contexts_of,
    extra_of,
    modules_of,
    rest_of,
    user_of,
)
from mukiau.web.event.threads import Threads, lone_stack_of, threads_of

MAX_SEARCH_CHARS = 100
_ANCHOR = re.compile(r"[bfqrstx](?:-\d{1,5}){1,2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the page's address asks for; anything unknown counts as not asked."""

    is_whole: bool = False
    """Everything, however large."""
    opened: str = ""
    """The anchor to unfold: `f-2-5`."""
    crumbs: CrumbFilter = NO_FILTER
    modules: str = ""
    wants_raw_log: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sections:
    """What the page shows of an event."""

    facts: Facts
    chain: Chain
    message: MessageView
    threads: Threads
    stack: tuple[FrameRun, ...]
    log_text: LogText | None
    log_place: LogPlace
    timeline: Timeline
    request: RequestView | None
    user: UserView | None
    contexts: Contexts
    extra: Pairs
    problems: Problems
    rest: Pairs
    modules: Modules
    is_full: bool
    """There was no room for everything."""


def parse_wish(given: Mapping[str, str]) -> Wish:
    """Read an address's parameters."""
    kind, level, opened = given.get("crumb", ""), given.get("level", ""), given.get("at", "")
    return Wish(
        is_whole=given.get("all") == "1",
        opened=opened if _ANCHOR.fullmatch(opened) else "",
        crumbs=CrumbFilter(
            kind=kind if kind in set(Kind) else "",
            level=level if level in LEVELS else "",
            is_whole=given.get("crumbs") == "all" or given.get("all") == "1",
        ),
        modules=given.get("modules", "").strip()[:MAX_SEARCH_CHARS],
        wants_raw_log=given.get("log") == "raw",
    )


def sections_of(document: JSONObject, *, tree: JSONObject, occurred_ms: int, wish: Wish) -> Sections:
    """Return every section; those first in this list have the first claim to room."""
    payload = mapping(document.get("payload"))
    sheet = Sheet(Remarks(payload), max_bytes=float("inf") if wish.is_whole else MAX_EVENT_BYTES)
    opened = wish.opened
    return Sections(
        facts=facts_of(payload, sheet),
        chain=chain_of(payload, tree, sheet, opened=opened),
        message=message_of(payload, sheet),
        threads=threads_of(payload, sheet, opened=opened),
        stack=lone_stack_of(payload, sheet, opened=opened),
        log_text=log_text_of(document, sheet, wants_raw=wish.wants_raw_log),
        log_place=log_place_of(document, occurred_ms=occurred_ms),
        timeline=timeline_of(payload, sheet, event_ms=occurred_ms, chosen=wish.crumbs, opened=opened),
        request=request_of(payload, sheet),
        user=user_of(payload, sheet),
        contexts=contexts_of(payload, sheet),
        extra=extra_of(payload, sheet),
        problems=problems_of(document, sheet),
        rest=rest_of(payload, sheet),
        modules=modules_of(payload, sheet, search=wish.modules),
        is_full=sheet.is_short,
    )
