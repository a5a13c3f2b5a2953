"""Framing of envelopes, by the table of the protocol."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mukiau.core.envelope import (
    BAD_HEADER,
    BAD_ITEM_HEADER,
    EMPTY_BODY,
    EVENT_TOO_LARGE,
    MISSING_NEWLINE,
    TOO_MANY_ITEMS,
    TWO_EVENTS,
    UNEXPECTED_END,
    Envelope,
    choose_event_id,
    parse_envelope,
    parse_envelope_header,
    parse_event_id,
)
from mukiau.core.limits import MAX_EVENT_BYTES
from mukiau.core.refusal import Refused

ID = "9ec79c33ec9942ab8353589fcb2e04dc"


def framed(body: bytes) -> Envelope:
    envelope = parse_envelope(body)
    assert isinstance(envelope, Envelope)
    return envelope


@pytest.mark.parametrize(
    ("body", "items"),
    [
        (b"{}", []),
        (b"{}\n", []),
        (b"{}\n\n\n", []),
        (b'{}\n{"type":"event","length":2}\n{}', [("event", b"{}")]),
        (b'{}\n{"type":"event","length":2}\n{}\n', [("event", b"{}")]),
        (b'{}\n{"type":"event"}\n{"a":1}\n', [("event", b'{"a":1}')]),
        (b'{}\n{"type":"event"}\n{"a":1}\r\n', [("event", b'{"a":1}\r')]),
        (b'{}\n{"type":"event","length":null}\n{}', [("event", b"{}")]),
        (b'{}\n{"type":"attachment","length":0}\n', [("attachment", b"")]),
        (b'{}\n{"type":"attachment","length":0}', [("attachment", b"")]),
        (b'{}\n{"type":"attachment"}', [("attachment", b"")]),
        (b'{}\n{"type":"attachment","length":3}\na\nb\n{"type":"event"}\n{}\n', [("attachment", b"a\nb"), ("event", b"{}")]),
        (b'{}\n{"type":"session"}\n{}\n\n{"type":"event"}\n{}\n\n', [("session", b"{}"), ("event", b"{}")]),
        (b'{}\n{"type":"attachment","length":0}\n\n{"type":"event"}\n{}', [("attachment", b""), ("event", b"{}")]),
        (b'{"a":\n1}\n{"type":\n"event"}\n{}', [("event", b"{}")]),
        (b'{"dsn":"\xe3\x81\x82",\n"a":1}\n{"type":"event"}\n{}', [("event", b"{}")]),
    ],
)  # fmt: skip
def test_well_framed_envelopes_give_their_items(body: bytes, items: list[tuple[str, bytes]]) -> None:
    assert [(item.type, item.payload) for item in framed(body).items] == items


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (b"", EMPTY_BODY),
        (b"\n", EMPTY_BODY),
        (b"nonsense", BAD_HEADER),
        (b"[]\n", BAD_HEADER),
        (b'{"a":', BAD_HEADER),
        (b"\xff\xfe{}", BAD_HEADER),
        (b"{}x\n", MISSING_NEWLINE),
        (b'{} {"type":"event"}\n{}', MISSING_NEWLINE),
        (b'{}\n{"type":"event","length":2}\n{}x', MISSING_NEWLINE),
        (b'{}\n{"type":"event","length":20}\n{}', UNEXPECTED_END),
        (b'{}\n{"type":"event","length":1}', UNEXPECTED_END),
        (b"{}\nnonsense\n", BAD_ITEM_HEADER),
        (b'{}\n{"length":2}\n{}', BAD_ITEM_HEADER),
        (b'{}\n{"type":7}\n{}', BAD_ITEM_HEADER),
        (b'{}\n{"type":"event","length":-1}\n{}', BAD_ITEM_HEADER),
        (b'{}\n{"type":"event","length":"2"}\n{}', BAD_ITEM_HEADER),
        (b'{}\n{"type":"event"}\n{}\n{"type":"event"}\n{}', TWO_EVENTS),
        (b"{}\n" + b'{"type":"x"}\n\n' * 1_001, TOO_MANY_ITEMS),
        (b'{}\n{"type":"event"}\n' + b"x" * (MAX_EVENT_BYTES + 1), EVENT_TOO_LARGE),
        (b"[" * 100_000, BAD_HEADER),
        (b"{}\n" + b"[" * 10_000, BAD_ITEM_HEADER),
    ],
)
def test_a_malformed_envelope_is_refused_with_its_reason(body: bytes, refusal: Refused) -> None:
    assert parse_envelope(body) == refusal


def test_unknown_items_are_kept_marked_and_noted() -> None:
    envelope = framed(b'{}\n{"type":"hologram"}\nx\n{"type":"event"}\n{}\n')

    assert [item.is_known for item in envelope.items] == [False, True]
    assert [problem.given for problem in envelope.problems] == ["hologram"]
    assert envelope.event_item is envelope.items[1]


def test_the_header_alone_can_be_read() -> None:
    assert parse_envelope_header(b'{"dsn":"x"}\nnonsense') == {"dsn": "x"}
    assert parse_envelope_header(b"nonsense") == BAD_HEADER


@pytest.mark.parametrize("text", [ID, ID.upper(), "9ec79c33-ec99-42ab-8353-589fcb2e04dc", f" {ID} "])
def test_an_event_id_has_one_form(text: str) -> None:
    assert parse_event_id(text) == ID


@pytest.mark.parametrize("value", [None, 7, "", "short", "g" * 32, ID + "0", "-" * 40, {}])
def test_what_is_no_event_id_is_empty(value: object) -> None:
    assert parse_event_id(value) == ""


def test_the_envelopes_id_beats_the_payloads_and_a_new_one_serves_last() -> None:
    assert choose_event_id(ID, "a" * 32, new_id="b" * 32) == ID
    assert choose_event_id("bad", "a" * 32, new_id="b" * 32) == "a" * 32
    assert choose_event_id(None, None, new_id="b" * 32) == "b" * 32


@given(st.binary(max_size=200) | st.text(alphabet='{}[]":,\n type event length 123\\', max_size=80).map(str.encode))
def test_no_body_raises(body: bytes) -> None:
    for start in (b"", b"{}\n", b'{}\n{"type":"event"}\n'):
        assert isinstance(parse_envelope(start + body), Envelope | Refused)


@given(st.lists(st.tuples(st.sampled_from(["event_x", "session", "attachment"]), st.binary(max_size=50)), max_size=8))
def test_items_with_lengths_come_back_byte_for_byte(items: list[tuple[str, bytes]]) -> None:
    body = b"{}\n" + b"".join(
        json.dumps({"type": kind, "length": len(payload)}).encode() + b"\n" + payload + b"\n" for kind, payload in items
    )

    assert [(item.type, item.payload) for item in framed(body).items] == items
