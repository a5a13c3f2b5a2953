"""What the form of a decision says."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils import timezone

from mukiau.web.numbers import parse_number
from mukiau.work.decisions import DEFAULT_SCOPE, Choice, Decision, Period
from mukiau.work.purposes import Purpose
from mukiau.work.watching import Watch

MAX_ISSUES = 500
"""Issues of one act; more take longer than anybody waits for."""
MAX_REASON_CHARS = 1_000
MAX_KEY_CHARS = 200


def parse_choice(given: QueryDict) -> Choice | None:
    """Return what somebody decides; None where the form names no decision."""
    decision = given.get("decision", "")
    if decision not in set(Decision) or decision == Decision.NONE_YET:
        return None
    purposes = frozenset(Purpose(one) for one in given.getlist("purpose") if one in set(Purpose))
    return Choice(
        decision=Decision(decision),
        scope=purposes if "scoped" in given else DEFAULT_SCOPE,
        key=given.get("key", "").strip()[:MAX_KEY_CHARS],
        period=Period.HOUR if given.get("period") == Period.HOUR else Period.DAY,
        watch=_watch(given) if decision == Decision.WATCH else None,
        review_ms=_day_ms(given.get("review", "")),
        reason=given.get("reason", "").strip()[:MAX_REASON_CHARS],
    )


def parse_issues(given: QueryDict) -> list[int]:
    """Return the issues that are named, each once."""
    numbers = [parse_number(text) for text in given.getlist("issue")[:MAX_ISSUES]]
    return list(dict.fromkeys(number for number in numbers if number is not None))


def _watch(given: QueryDict) -> Watch:
    return Watch(
        per_hour=_number(given, "per_hour"),
        per_day=_number(given, "per_day"),
        until_ms=_day_ms(given.get("until", "")),
        release=given.get("release", "").strip()[:MAX_KEY_CHARS],
        customers=_number(given, "customers"),
    )


def _number(given: QueryDict, name: str) -> int:
    return min(parse_number(given.get(name, "").strip()) or 0, 10**9)


def _day_ms(text: str) -> int:
    """Return the beginning of a day (`2026-12-24`) in the viewer's time zone; 0 where it is none."""
    try:
        day = datetime.strptime(text.strip(), "%Y-%m-%d").date()  # noqa: DTZ007 - the zone follows
    except ValueError:
        return 0
    zone = ZoneInfo(timezone.get_current_timezone_name())
    return int(datetime.combine(day, time(), zone).timestamp() * 1000)
