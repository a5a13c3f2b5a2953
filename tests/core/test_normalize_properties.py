"""Whatever comes in: normalising never raises, keeps the event, and is done after one pass."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mukiau import codec
from mukiau.core.event import Origin
from mukiau.core.event_builder import build_event
from mukiau.core.normalize import normalize_payload
from mukiau.core.normalizing.sound import ORDINARY_CHARS, ORDINARY_LEVELS, measure

RECEIVED_AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

TEXTS = st.text(st.characters(), max_size=30) | st.sampled_from(
    ["", "?", "error", "warn", "1767323045", "2026-03-01T12:00:00Z", "2999-01-01", "%s of %(a)s", "{} {a}", "a: b",
     "https://example.com/a.js?x=1", "/app/main.py", "\x00", "\ud800", "a=b; c", "long " * 3000]
)  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.integers(10**30, 10**40)
KEYS = st.sampled_from(
    """event_id level logentry message formatted params exception values type value module mechanism stacktrace frames
    function filename abs_path lineno colno in_app vars pre_context context_line threads breadcrumbs timestamp category
    data request url headers cookies query_string user id email contexts tags extra fingerprint modules platform release
    environment server_name dist logger transaction sdk _unknown sentry.interfaces.Exception sentry.interfaces.Http name
    exception_id parent_id received strange received_at""".split()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | TEXTS, inner, max_size=5),
    max_leaves=25,
)
SENT = st.none() | st.integers(-(10**6), 10**6).map(lambda seconds: RECEIVED_AT + timedelta(seconds=seconds))


@st.composite
def payloads(draw: st.DrawFn) -> Any:
    """Objects with the names of the protocol at their places, and anything inside."""
    frame = st.dictionaries(KEYS, VALUES, max_size=6)
    link = st.fixed_dictionaries({}, optional={
        "type": SCALARS, "value": VALUES, "mechanism": VALUES, "stacktrace": VALUES | st.fixed_dictionaries({"frames": st.lists(frame | VALUES, max_size=3)}),
    })  # fmt: skip
    many = st.lists(link | VALUES, max_size=3)
    exception = many | st.fixed_dictionaries({"values": many}) | link
    payload = draw(st.dictionaries(KEYS, VALUES, max_size=8))
    if draw(st.booleans()):
        payload["exception"] = draw(exception)
    return payload


@settings(max_examples=400)
@given(raw=payloads() | VALUES, sent_at=SENT)
def test_normalizing_twice_changes_nothing_and_notes_nothing(raw: Any, sent_at: datetime | None) -> None:
    once = normalize_payload(raw, received_at=RECEIVED_AT, sent_at=sent_at)

    twice = normalize_payload(once.payload, received_at=RECEIVED_AT, sent_at=sent_at)

    assert twice.payload == once.payload
    assert twice.problems == ()


@settings(max_examples=400)
@given(raw=payloads() | VALUES, sent_at=SENT)
def test_a_normalized_payload_can_be_stored_and_built(raw: Any, sent_at: datetime | None) -> None:
    normalized = normalize_payload(raw, received_at=RECEIVED_AT, sent_at=sent_at)

    event = build_event(normalized.payload, origin=Origin(service="shop"), received_at=RECEIVED_AT)

    assert json.dumps(normalized.payload, allow_nan=False, ensure_ascii=False).encode("utf-8")
    assert "\\u0000" not in json.dumps(normalized.payload)
    assert event.occurred_at <= RECEIVED_AT + timedelta(seconds=60)
    assert len(normalized.problems) <= 50


@given(raw=payloads())
def test_normalizing_leaves_its_input_alone(raw: Any) -> None:
    before = repr(raw)

    normalize_payload(raw, received_at=RECEIVED_AT)

    assert repr(raw) == before


@settings(max_examples=400)
@given(raw=payloads() | VALUES, sent_at=SENT, wrapped=st.integers(0, 14))
def test_what_the_decoder_finds_ordinary_is_normalised_as_if_it_had_not_looked(
    raw: Any, sent_at: datetime | None, wrapped: int
) -> None:
    deep = raw
    for _ in range(wrapped):
        deep = {"extra": deep}
    text = json.dumps(deep).encode("utf-8", "surrogatepass")
    try:
        value = codec.loads_ordinary(text)
    except ValueError:
        return

    quick = normalize_payload(value, received_at=RECEIVED_AT, sent_at=sent_at, is_ordinary=True)

    assert quick == normalize_payload(codec.loads(text), received_at=RECEIVED_AT, sent_at=sent_at)
    found = measure([value])
    assert found.is_sound
    assert (found.chars <= ORDINARY_CHARS, found.depth <= ORDINARY_LEVELS + 1) == (True, True)
