"""The protocol's cases, one by one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mukiau.core.normalize import Normalized, normalize_payload

RECEIVED_AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
RECEIVED = "2026-03-01T12:00:00Z"


def normalized(raw: object, sent_at: datetime | None = None) -> Normalized:
    return normalize_payload(raw, received_at=RECEIVED_AT, sent_at=sent_at)


def payload_of(raw: object) -> dict[str, Any]:
    return normalized(raw).payload


def kinds(raw: object) -> list[tuple[str, str]]:
    return [(problem.kind, problem.path) for problem in normalized(raw).problems]


# --- The whole ----------------------------------------------------------------------------------------------------


def test_an_empty_event_is_an_event() -> None:
    assert payload_of({}) == {"level": "error", "platform": "other", "timestamp": RECEIVED}
    assert normalized({}).problems == ()


@pytest.mark.parametrize(("raw", "message"), [("boom", "boom"), (7, "7"), ([1, 2], "[1,2]"), (True, "true")])
def test_what_is_no_object_becomes_a_message(raw: object, message: str) -> None:
    assert payload_of(raw)["logentry"] == {"formatted": message}
    assert ("wrong_type", "") in kinds(raw)


def test_aliases_of_old_clients_are_understood() -> None:
    payload = payload_of(
        {
            "sentry.interfaces.Exception": [{"type": "E", "value": "v"}],
            "sentry.interfaces.Http": {"url": "http://a/"},
            "sentry.interfaces.User": {"id": 7},
            "sentry.interfaces.Message": {"message": "m %s", "params": ["x"]},
            "sentry.interfaces.Breadcrumbs": [{"message": "b"}],
        }
    )

    assert payload["exception"]["values"][0]["type"] == "E"
    assert payload["request"] == {"url": "http://a/"}
    assert payload["user"] == {"id": "7"}
    assert payload["logentry"] == {"message": "m %s", "formatted": "m x", "params": ["x"]}
    assert payload["breadcrumbs"] == {"values": [{"message": "b"}]}


def test_fields_nobody_knows_are_kept_apart() -> None:
    assert payload_of({"hologram": {"a": 1}})["_unknown"] == {"hologram": {"a": 1}}
    assert kinds({"hologram": {"a": 1}}) == [("unknown_field", "hologram")]


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("a\x00b", "a\ufffdb"),
        ("half \ud83d", "half \ufffd"),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        (10**40, str(10**40)),
        pytest.param(10**5000, "<integer of 16610 bits>", id="bottomless"),
        (b"\xffa", "\ufffda"),
        ((1, 2), [1, 2]),
        ({1: 2}, {"1": 2}),
    ],
)
def test_values_no_store_can_keep_are_made_safe(value: object, kept: object) -> None:
    assert payload_of({"extra": {"v": value}})["extra"] == {"v": kept}


def test_a_bottomless_value_becomes_text() -> None:
    deep: Any = "bottom"
    for _ in range(5_000):
        deep = [deep]

    result = normalized({"extra": {"v": deep}})

    assert ("too_deep" in {problem.kind for problem in result.problems}) is True


def test_an_ordinary_event_keeps_its_large_data_and_a_huge_one_is_cut() -> None:
    ordinary = {"extra": {"list": ["x" * 100] * 300}}
    huge = {"extra": {f"k{index}": "x" * 16_000 for index in range(100)}}

    assert payload_of(ordinary)["extra"] == ordinary["extra"]
    assert len(str(payload_of(huge)["extra"])) < 270_000
    assert kinds(huge) == [("truncated", "extra")]


# --- Identity -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "level"),
    [("debug", "debug"), ("log", "info"), ("warning", "warning"), ("critical", "fatal"), ("fatal", "fatal"), (50, "fatal"),
     ("30", "warning"), (20, "info"), ("WARN", "warning"), (None, "error"), ("loud", "error"), ({}, "error"), (True, "error")],
)  # fmt: skip
def test_levels(given: object, level: str) -> None:
    assert payload_of({"level": given})["level"] == level


@pytest.mark.parametrize(
    ("given", "platform"), [("Python ", "python"), ("cobol", "other"), (7, "other"), (None, "other")]
)
def test_platforms(given: object, platform: str) -> None:
    assert payload_of({"platform": given})["platform"] == platform


def test_an_event_id_gets_its_one_form_or_is_left_out() -> None:
    assert (
        payload_of({"event_id": "9EC79C33-EC99-42AB-8353-589FCB2E04DC"})["event_id"]
        == "9ec79c33ec9942ab8353589fcb2e04dc"
    )
    assert "event_id" not in payload_of({"event_id": "nope"})
    assert kinds({"event_id": "nope"}) == [("invalid_value", "event_id")]


# --- Time ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2026-03-01T11:00:00Z", "2026-03-01T11:00:00Z"),
        ("2026-03-01T11:00:00", "2026-03-01T11:00:00Z"),
        ("2026-03-01T20:00:00+09:00", "2026-03-01T11:00:00Z"),
        ("2026-03-01 11:00:00.5", "2026-03-01T11:00:00.500000Z"),
        (1772362800, "2026-03-01T11:00:00Z"),
        (1772362800.25, "2026-03-01T11:00:00.250000Z"),
        ("1772362800", "2026-03-01T11:00:00Z"),
        (1772362800000, "2026-03-01T11:00:00Z"),
        (RECEIVED_AT.timestamp() + 59, "2026-03-01T12:00:59Z"),
        (None, RECEIVED),
    ],
)
def test_times_of_all_kinds_are_understood(given: object, kept: str) -> None:
    assert payload_of({"timestamp": given})["timestamp"] == kept
    assert kinds({"timestamp": given}) == []


@pytest.mark.parametrize("given", ["yesterday", "", True, {}, [], -1e300, 10**40, "2026-13-01", "9" * 60])
def test_a_time_nobody_can_read_is_the_time_of_arrival(given: object) -> None:
    assert payload_of({"timestamp": given})["timestamp"] == RECEIVED
    assert ("invalid_value", "timestamp") in kinds({"timestamp": given})


def test_a_time_in_the_future_is_the_time_of_arrival() -> None:
    assert payload_of({"timestamp": "2026-03-01T12:01:01Z"})["timestamp"] == RECEIVED
    assert kinds({"timestamp": "2026-03-01T12:01:01Z"}) == [("clock", "timestamp")]


@pytest.mark.parametrize("wrong_by", [timedelta(hours=2), timedelta(hours=-2)])
def test_the_times_of_a_wrong_clock_are_moved(wrong_by: timedelta) -> None:
    sent_at = RECEIVED_AT + wrong_by
    raw = {
        "timestamp": (sent_at - timedelta(minutes=5)).isoformat(),
        "breadcrumbs": [{"timestamp": (sent_at - timedelta(minutes=6)).timestamp()}],
    }

    result = normalized(raw, sent_at)

    assert result.payload["timestamp"] == "2026-03-01T11:55:00Z"
    assert result.payload["breadcrumbs"]["values"][0]["timestamp"] == "2026-03-01T11:54:00Z"
    assert [problem.kind for problem in result.problems] == ["clock"]


def test_a_clock_a_little_off_is_left_alone() -> None:
    result = normalized({"timestamp": "2026-03-01T11:00:00Z"}, RECEIVED_AT - timedelta(seconds=59))

    assert result.payload["timestamp"] == "2026-03-01T11:00:00Z"


# --- Log entry ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "entry"),
    [
        ({"message": "m"}, {"formatted": "m"}),
        ({"message": {"message": "m %d", "params": [3]}}, {"message": "m %d", "formatted": "m 3", "params": [3]}),
        ({"logentry": "m"}, {"formatted": "m"}),
        ({"logentry": {"formatted": "f", "message": "t"}, "message": "other"}, {"formatted": "f", "message": "t"}),
        ({"logentry": {"message": "%(a)s!", "params": {"a": "x"}}},
         {"message": "%(a)s!", "formatted": "x!", "params": {"a": "x"}}),
        ({"logentry": {"message": "{} {a} {1}", "params": ["x", "y"]}},
         {"message": "{} {a} {1}", "formatted": "x {a} y", "params": ["x", "y"]}),
        ({"logentry": {"message": "m", "formatted": "m"}}, {"formatted": "m"}),
        ({"logentry": {"message": "no params"}}, {"formatted": "no params"}),
        ({"logentry": {"message": 7}}, {"formatted": "7"}),
        ({"logentry": {"message": "%999999999d", "params": [1]}},
         {"formatted": "%999999999d", "params": [1]}),
        ({"logentry": {}}, None),
        ({"logentry": None, "message": None}, None),
    ],
)  # fmt: skip
def test_log_entries(raw: dict[str, Any], entry: dict[str, Any] | None) -> None:
    assert payload_of(raw).get("logentry") == entry


def test_a_long_message_is_cut_but_one_a_little_too_long_is_not() -> None:
    assert len(payload_of({"message": "x" * 8_392})["logentry"]["formatted"]) == 8_392
    cut = payload_of({"message": "x" * 8_393})["logentry"]["formatted"]
    assert len(cut) == 8_192
    assert cut.endswith("x...")


# --- Exceptions and stacks ----------------------------------------------------------------------------------------

E = {"type": "E", "value": "v"}


@pytest.mark.parametrize("given", [{"values": [E]}, [E], E, {"values": E}, {"values": [None, E, None]}, [None, E]])
def test_exceptions_come_as_values_list_or_single_object(given: object) -> None:
    assert payload_of({"exception": given})["exception"] == {"values": [E]}


@pytest.mark.parametrize("given", [None, [], {"values": []}, {"values": None}, [None], [{}], [{"type": None}], {}])
def test_an_exception_of_nothing_is_none(given: object) -> None:
    assert "exception" not in payload_of({"exception": given})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"type": "E", "value": {"a": 1}}, {"type": "E", "value": '{"a":1}'}),
        ({"type": "E", "value": 7}, {"type": "E", "value": "7"}),
        ({"value": "TypeError: x is not a function"}, {"type": "TypeError", "value": "x is not a function"}),
        ({"type": "", "value": "two words: no type"}, {"type": "", "value": "two words: no type"}),
        ("just text", {"value": "just text"}),
        ({"type": "E", "module": None, "mechanism": None}, {"type": "E"}),
        ({"type": "E", "mechanism": "generic"}, {"type": "E", "mechanism": {"type": "generic"}}),
        ({"type": "E", "mechanism": {"handled": "false", "exception_id": "3"}},
         {"type": "E", "mechanism": {"handled": False, "exception_id": 3}}),
        ({"type": "E", "stacktrace": []}, {"type": "E"}),
        ({"type": "E", "stacktrace": {"frames": []}}, {"type": "E"}),
    ],
)  # fmt: skip
def test_exceptions_of_odd_shape(given: object, kept: dict[str, Any]) -> None:
    assert payload_of({"exception": [given]})["exception"]["values"] == [kept]


def frame_of(frame: object, platform: str = "javascript") -> dict[str, Any]:
    raw = {"platform": platform, "exception": [{"type": "E", "stacktrace": {"frames": [frame]}}]}
    (kept,) = payload_of(raw)["exception"]["values"][0]["stacktrace"]["frames"]
    return dict(kept)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"filename": "a.js"}, {"filename": "a.js", "abs_path": "a.js"}),
        ({"abs_path": "https://x.example/js/a.js?v=1"},
         {"abs_path": "https://x.example/js/a.js?v=1", "filename": "/js/a.js"}),
        ({"filename": "a.js", "abs_path": "/srv/a.js", "function": "?"}, {"filename": "a.js", "abs_path": "/srv/a.js"}),
        ({"filename": "a.js", "abs_path": "b", "lineno": "12", "colno": 3.0},
         {"filename": "a.js", "abs_path": "b", "lineno": 12, "colno": 3}),
        ({"filename": "a.js", "abs_path": "b", "lineno": -1, "colno": 10**15}, {"filename": "a.js", "abs_path": "b"}),
        ({"filename": "a.js", "abs_path": "b", "pre_context": ["x", None, 7], "vars": [1]},
         {"filename": "a.js", "abs_path": "b", "pre_context": ["x", "", "7"], "vars": {"value": [1]}}),
    ],
)  # fmt: skip
def test_frames_of_odd_shape(given: dict[str, Any], kept: dict[str, Any]) -> None:
    assert frame_of(given) == {**kept, "in_app": True}


@pytest.mark.parametrize(
    ("platform", "frame", "in_app"),
    [
        ("python", {"abs_path": "/app/shop/a.py"}, True),
        ("python", {"abs_path": "/usr/lib/python3.11/json/decoder.py"}, False),
        ("python", {"abs_path": "/srv/.venv/lib/python3.11/site-packages/flask/app.py"}, False),
        ("java", {"module": "com.acme.shop.Cart"}, True),
        ("java", {"module": "org.springframework.web.Filter"}, False),
        ("node", {"filename": "node:internal/timers"}, False),
        ("node", {"filename": "/app/node_modules/express/index.js"}, False),
        ("node", {"filename": "/app/src/cart.js"}, True),
        ("csharp", {"module": "System.Threading.Tasks.Task"}, False),
        ("csharp", {"module": "Acme.Shop.Cart"}, True),
        ("go", {"abs_path": "/usr/local/go/src/net/http/server.go"}, False),
        ("ruby", {"abs_path": "/usr/local/bundle/gems/rack-3.0/lib/rack.rb"}, False),
        ("python", {"abs_path": "/usr/lib/python3.11/x.py", "in_app": True}, True),
        ("python", {}, False),
    ],
)
def test_an_open_in_app_is_decided_by_the_platform(platform: str, frame: dict[str, Any], in_app: bool) -> None:
    assert frame_of(frame, platform)["in_app"] is in_app


def test_of_a_long_stack_the_oldest_and_the_newest_frames_are_kept() -> None:
    frames = [{"function": f"f{index}", "in_app": True} for index in range(400)]
    raw = {"exception": [{"type": "RecursionError", "stacktrace": {"frames": frames}}]}

    kept = payload_of(raw)["exception"]["values"][0]["stacktrace"]["frames"]

    assert [frame["function"] for frame in kept] == [f"f{n}" for n in (*range(50), *range(200, 400))]
    assert kinds(raw) == [("truncated", "exception.values.0.stacktrace.frames")]


def test_a_stack_beside_one_exception_belongs_to_it() -> None:
    stack = {"frames": [{"function": "f", "filename": "a", "abs_path": "a", "in_app": True}]}

    alone = payload_of({"exception": [E], "stacktrace": stack})
    two = payload_of({"exception": [E, E], "stacktrace": stack})

    assert alone["exception"]["values"][0]["stacktrace"] == stack
    assert "stacktrace" not in alone
    assert two["stacktrace"] == stack


@pytest.mark.parametrize("given", [[{"id": 1}], {"values": [{"id": 1}, None]}, {"id": 1}])
def test_threads_come_in_the_same_forms(given: object) -> None:
    assert payload_of({"threads": given})["threads"] == {"values": [{"id": 1}]}


# --- Names --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"a": "b"}, {"a": "b"}),
        ([["a", "b"], ["a", "later"]], {"a": "b"}),
        ([["a", 1], None, ["b", True], ["c", None], ["d", ""]], {"a": "1", "b": "true"}),
        ([{"key": "a", "value": "b"}], {"a": "b"}),
        ({"my key": "two\nlines"}, {"my-key": "two lines"}),
        ({"ä/ö": "b"}, {"___": "b"}),
        ({"release": "x", "user": "y", "a": "b"}, {"a": "b"}),
        ({"a": "x" * 201}, {"a": "x" * 197 + "..."}),
    ],
)
def test_tags(given: object, kept: dict[str, str]) -> None:
    assert payload_of({"tags": given})["tags"] == kept


def test_names_that_are_tags_and_tags_that_are_names_change_places() -> None:
    payload = payload_of({"server_name": "web-1", "site": "eu", "tags": {"environment": "acme-prod", "a": "b"}})

    assert payload["tags"] == {"server_name": "web-1", "site": "eu", "a": "b"}
    assert payload["environment"] == "acme-prod"


@pytest.mark.parametrize(
    ("given", "kept"),
    [(["a", 1, None, 1.5, True], ["a", "1", "1.5", "true"]), ("a", ["a"]), ([], None), (None, None), ({"a": 1}, None)],
)
def test_fingerprints(given: object, kept: list[str] | None) -> None:
    assert payload_of({"fingerprint": given}).get("fingerprint") == kept


@pytest.mark.parametrize(
    ("field", "given", "kept"),
    [
        ("release", "shop@1.0", "shop@1.0"),
        ("release", "..", None),
        ("release", "x" * 201, "x" * 197 + "..."),
        ("dist", "a-1.2_b", "a-1.2_b"),
        ("dist", "no spaces", None),
        ("environment", " acme-prod\n", "acme-prod"),
        ("logger", "a\nb", "a b"),
        ("transaction", 7, "7"),
        ("modules", {"django": "5.2", "x": None, "y": 1}, {"django": "5.2", "y": "1"}),
    ],
)
def test_names(field: str, given: object, kept: object) -> None:
    assert payload_of({field: given}).get(field) == kept


# --- Around -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"headers": [["Host", "a"], ["X", ["1", "2"]], ["Host", "b"]]}, {"headers": {"Host": "a", "X": "1, 2"}}),
        ({"cookies": "a=1; b=2"}, {"cookies": {"a": "1", "b": "2"}}),
        ({"query_string": {"a": "1", "b": "x y"}}, {"query_string": "a=1&b=x+y"}),
        ({"query_string": [["a", "1"], ["b", "2"]]}, {"query_string": "a=1&b=2"}),
        ({"url": None, "method": "GET"}, {"method": "GET"}),
        ({}, None),
    ],
)
def test_requests(given: object, kept: dict[str, Any] | None) -> None:
    assert payload_of({"request": given}).get("request") == kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"id": 7, "plan": "gold"}, {"id": "7", "data": {"plan": "gold"}}),
        ({"ip_address": "{{auto}}"}, None),
        ("ann", {"id": "ann"}),
    ],
)
def test_users(given: object, kept: dict[str, Any] | None) -> None:
    assert payload_of({"user": given}).get("user") == kept


def test_contexts_are_objects() -> None:
    assert payload_of({"contexts": {"a": {"b": 1}, "c": None, "d": 7}})["contexts"] == {
        "a": {"b": 1},
        "d": {"value": 7},
    }


def test_breadcrumbs_that_are_all_in_shape_are_shared_and_one_that_is_not_is_mended() -> None:
    fine = {"type": "default", "category": "query", "message": "x", "level": "info", "data": {}, "timestamp": RECEIVED}

    values = [
        [fine, fine],
        [fine, {**fine, "level": "WARN"}],
        [fine, {**fine, "message": 5}],
        [fine, {**fine, "level": []}],
    ]
    kept = [payload_of({"breadcrumbs": {"values": given}})["breadcrumbs"]["values"] for given in values]

    assert kept[0] is values[0]
    assert [one[0] is fine for one in kept] == [True] * 4
    assert [one[1] for one in kept[1:]] == [
        {**fine, "level": "warning"}, {**fine, "message": "5"}, {**fine, "level": "info"}
    ]  # fmt: skip


def test_times_of_a_wrong_clock_are_moved_by_whole_seconds_and_keep_their_fractions() -> None:
    sent_at = RECEIVED_AT - timedelta(seconds=90.4)
    raw = {"timestamp": "2026-03-01T11:58:20.25Z", "breadcrumbs": [{"timestamp": "2026-03-01T11:58:19.123456Z"}]}

    payload = normalize_payload(raw, received_at=RECEIVED_AT, sent_at=sent_at).payload

    assert payload["_clock_drift_seconds"] == 90
    assert payload["timestamp"] == "2026-03-01T11:59:50.250000Z"
    assert payload["breadcrumbs"]["values"] == [{"timestamp": "2026-03-01T11:59:49.123456Z"}]


def test_the_newest_breadcrumbs_are_kept() -> None:
    raw = {"breadcrumbs": [{"message": str(index), "level": "WARN"} for index in range(150)]}

    kept = payload_of(raw)["breadcrumbs"]["values"]

    assert [crumb["message"] for crumb in kept] == [str(index) for index in range(50, 150)]
    assert kept[0]["level"] == "warning"
    assert kinds(raw) == [("truncated", "breadcrumbs")]


def test_parts_in_shape_are_shared_with_the_input() -> None:
    raw = {"exception": {"values": [E]}, "extra": {"a": 1}, "user": {"id": "1"}}

    payload = payload_of(raw)

    assert all(payload[name] is raw[name] for name in raw)
