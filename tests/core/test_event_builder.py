"""From the wire's order to the typed event."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mukiau.core.event import Event, Level, Origin, Relation
from mukiau.core.event_builder import build_chain, build_event
from mukiau.core.normalize import normalize_payload

RECEIVED_AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def built(raw: dict[str, Any], **origin: Any) -> Event:
    payload = normalize_payload(raw, received_at=RECEIVED_AT).payload
    return build_event(payload, origin=Origin(**origin), received_at=RECEIVED_AT)


def link(type_: str, **mechanism: Any) -> dict[str, Any]:
    return {"type": type_, "value": f"{type_} happened", **({"mechanism": mechanism} if mechanism else {})}


def shape(values: list[Any]) -> list[tuple[str, str, int | None]]:
    return [(entry.type, entry.relation.value, entry.parent) for entry in build_chain(values)]


def test_a_plain_chain_is_turned_outermost_first() -> None:
    assert shape([link("Root"), link("Middle"), link("Raised")]) == [
        ("Raised", "top", None),
        ("Middle", "cause", 0),
        ("Root", "cause", 1),
    ]


def test_sources_tell_cause_from_context_and_suppressed() -> None:
    values = [
        link("Closing", exception_id=3, parent_id=0, source="suppressed[0]"),
        link("Root", exception_id=2, parent_id=1, source="__context__"),
        link("Cause", exception_id=1, parent_id=0, source="__cause__"),
        link("Raised", exception_id=0),
    ]

    assert shape(values) == [
        ("Raised", "top", None),
        ("Cause", "cause", 0),
        ("Root", "context", 1),
        ("Closing", "suppressed", 0),
    ]


@pytest.mark.parametrize(
    ("source", "relation"),
    [("exceptions", "group-member"), ("InnerExceptions", "aggregate-member"), ("aggregate", "aggregate-member"),
     ("errors", "aggregate-member")],
)  # fmt: skip
def test_members_of_a_group_hang_on_the_group_and_keep_their_causes(source: str, relation: str) -> None:
    values = [
        link("Second", exception_id=3, parent_id=0, source=f"{source}[1]"),
        link("FirstsCause", exception_id=2, parent_id=1, source="cause"),
        link("First", exception_id=1, parent_id=0, source=f"{source}[0]"),
        link("Group", exception_id=0, is_exception_group=True),
    ]

    assert shape(values) == [
        ("Group", "top", None),
        ("First", relation, 0),
        ("FirstsCause", "cause", 1),
        ("Second", relation, 0),
    ]


@pytest.mark.parametrize(
    "ids",
    [[(0, 0), (0, 0), (0, None)], [(2, 1), (1, 2), (0, None)], [(2, 2), (1, 0), (0, None)], [(2, 9), (1, 9), (0, None)],
     [(None, None), (1, 0), (0, None)]],
)  # fmt: skip
def test_ids_that_make_no_tree_are_taken_for_a_plain_chain(ids: list[tuple[int | None, int | None]]) -> None:
    values = [link(name, exception_id=own, parent_id=parent) for name, (own, parent) in zip("abc", ids, strict=True)]

    assert [(type_, parent) for type_, _, parent in shape(values)] == [("c", None), ("b", 0), ("a", 1)]


def test_a_parent_listed_before_its_child_is_still_put_first() -> None:
    values = [link("Root", exception_id=0), link("Cause", exception_id=1, parent_id=0)]

    assert shape(values) == [("Root", "top", None), ("Cause", "cause", 0)]


@given(st.lists(st.tuples(st.integers(0, 6) | st.none(), st.integers(-1, 6) | st.none()), max_size=7))
def test_every_chain_has_its_parents_before_their_children(ids: list[tuple[int | None, int | None]]) -> None:
    chain = build_chain([link("E", exception_id=own, parent_id=parent) for own, parent in ids])

    assert len(chain) == len(ids)
    for index, entry in enumerate(chain):
        assert (entry.parent is None) == (index == 0) == (entry.relation is Relation.TOP)
        assert entry.parent is None or entry.parent < index


def test_frames_keep_the_wires_order() -> None:
    frames = [{"function": "main", "lineno": 1}, {"function": "crash", "filename": "a.py", "context_line": "  x()"}]

    (entry,) = built({"exception": [{"type": "E", "stacktrace": {"frames": frames}}]}).exceptions

    assert [frame.function for frame in entry.frames] == ["main", "crash"]
    assert (entry.frames[1].filename, entry.frames[1].abs_path, entry.frames[1].context_line) == (
        "a.py",
        "a.py",
        "  x()",
    )


@pytest.mark.parametrize(
    ("raw", "message", "template"),
    [
        ({"message": "plain"}, "plain", ""),
        ({"logentry": {"message": "a %s", "params": ["b"]}}, "a b", "a %s"),
        ({"logentry": {"message": "same", "formatted": "same"}}, "same", ""),
        ({"exception": [{"type": "Root", "value": "r"}, {"type": "Raised", "value": "top"}]}, "top", ""),
        ({"message": "logged", "exception": [{"type": "E", "value": "v"}]}, "logged", ""),
        ({}, "", ""),
    ],
)
def test_the_message_is_the_log_entrys_else_the_outermost_exceptions(
    raw: dict[str, Any], message: str, template: str
) -> None:
    event = built(raw)

    assert (event.message, event.message_template) == (message, template)


@pytest.mark.parametrize(
    ("raw", "service"),
    [
        ({"tags": {"service": "tagged"}, "contexts": {"resource": {"service.name": "res"}}}, "tagged"),
        ({"contexts": {"resource": {"service.name": "res"}}}, "res"),
        ({"contexts": {"otel": {"resource": {"service.name": "otel"}}}}, "otel"),
        ({"tags": [["service.name", "dotted"]]}, "dotted"),
        ({}, "from-the-key"),
    ],
)
def test_the_service_is_the_payloads_else_the_origins(raw: dict[str, Any], service: str) -> None:
    assert built(raw, service="from-the-key").service == service


def test_the_payloads_environment_beats_the_origins() -> None:
    assert built({"environment": "acme-prod"}, environment="x").environment == "acme-prod"
    assert built({}, environment="x").environment == "x"


def test_the_typed_fields_are_filled() -> None:
    event = built(
        {
            "event_id": "9EC79C33EC9942AB8353589FCB2E04DC",
            "timestamp": "2026-03-01T11:59:00Z",
            "level": "fatal",
            "platform": "node",
            "logger": "shop.cart",
            "release": "shop@1",
            "transaction": "/pay",
            "fingerprint": ["a", 1],
            "tags": [["k", "v"]],
            "exception": {"type": "E", "value": "v", "mechanism": {"type": "wsgi", "handled": False}},
        }
    )

    assert event.event_id == "9ec79c33ec9942ab8353589fcb2e04dc"
    assert event.occurred_at == datetime(2026, 3, 1, 11, 59, tzinfo=UTC)
    assert (event.level, event.platform, event.origin.language) == (Level.FATAL, "node", "javascript")
    assert (event.logger, event.release, event.transaction) == ("shop.cart", "shop@1", "/pay")
    assert (event.client_fingerprint, event.tags) == (("a", "1"), (("k", "v"),))
    assert event.exceptions[0].handled is False


def test_a_message_with_a_stack_says_where_it_was_logged() -> None:
    frames = [
        {"function": "run", "filename": "shop/a.py"},
        {"function": "warn", "filename": "/lib/python3.11/logging.py"},
    ]
    raw = {"message": "m", "platform": "python", "threads": [{"current": True, "stacktrace": {"frames": frames}}]}

    assert built(raw).call_site == "shop/a.py run"
    assert built(raw, call_site="known.py").call_site == "known.py"
