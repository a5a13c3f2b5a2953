"""JSON log lines of real loggers (tests/data/records/loggers) and shapes written by hand."""

import json
from pathlib import Path

import pytest

from mukiau.core.event import Level, Relation
from mukiau.core.records.formats import read_fields
from mukiau.core.records.json_fields import Fields
from mukiau.core.records.json_repair import close_json
from mukiau.core.records.quiet import is_quiet_json

LOGGERS = sorted((Path(__file__).parents[2] / "data" / "records" / "loggers").glob("*.jsonl"))
# The cause is not in what these write, or the exception's message and stack are lost (an error under a custom key).
TYPES_WRITTEN = {
    "bunyan": ["OrderError"],
    "loguru_serialize": ["OrderError", "KeyError"],
    "pino": ["OrderError", "TypeError"],
    "pino_ecs": ["OrderError"],
    "powertools_py": ["OrderError", "KeyError"],
    "powertools_ts": ["OrderError", "TypeError"],
    "py_ecs_logging": ["OrderError"],
    "python_json_logger": ["OrderError", "KeyError"],
    "structlog_dict_tracebacks": ["OrderError", "KeyError"],
    "structlog_format_exc": ["OrderError", "KeyError"],
    "winston": ["OrderError"],
    "winston_ecs": ["OrderError", "TypeError"],
}


def fields_of(record: object) -> Fields:
    return read_fields([json.dumps(record)])


@pytest.mark.parametrize("path", LOGGERS, ids=lambda path: path.stem)
def test_the_first_error_of_a_logger_has_its_chain(path: Path) -> None:
    fields = read_fields([path.read_text().split("\n")[0]])

    assert fields.level is Level.ERROR
    assert [link.type for link in fields.exceptions] == TYPES_WRITTEN[path.stem]
    assert fields.exceptions[0].message == "order 42 failed"
    assert fields.exceptions[0].frames
    assert fields.occurred_ms is not None
    assert fields.message


@pytest.mark.parametrize("path", LOGGERS, ids=lambda path: path.stem)
def test_other_lines_of_a_logger_have_level_and_message_and_no_chain(path: Path) -> None:
    lines = [read_fields([line]) for line in path.read_text().splitlines()]

    plain = [fields for fields in lines if fields.message.startswith(("plain", "ok"))]
    assert plain
    for fields in plain:
        assert fields.level is (Level.INFO if fields.message == "ok" else Level.ERROR)
        assert fields.exceptions == ()


def test_serilog_gives_template_and_exception() -> None:
    fields = fields_of(
        {
            "@t": "2026-10-05T12:00:00Z",
            "@mt": "Order {Id} failed",
            "@l": "Error",
            "@x": "System.InvalidOperationException: no\n   at Shop.Orders.Run() in /src/Orders.cs:line 3",
            "SourceContext": "Shop.Orders",
            "Id": 3,
        }
    )

    assert fields.template == "Order {Id} failed"
    assert fields.logger == "Shop.Orders"
    assert [link.type for link in fields.exceptions] == ["System.InvalidOperationException"]
    assert ("Id", 3) in fields.extra


def test_a_template_without_a_level_is_information() -> None:
    assert fields_of({"@t": "2026-10-05T12:00:00Z", "@mt": "Order {Id}"}).level is Level.INFO


def test_the_event_of_structlog_is_its_template() -> None:
    assert fields_of({"event": "order failed", "level": "error"}).template == "order failed"
    assert fields_of({"event": "x", "level": "error", "message": "y"}).template == ""


def test_lambda_gives_type_message_and_stack() -> None:
    fields = fields_of(
        {
            "level": "ERROR",
            "message": "Unhandled",
            "errorType": "KeyError",
            "errorMessage": "'sku'",
            "stackTrace": ['  File "/var/task/app.py", line 3, in handler\n    run()\n'],
            "requestId": "r-1",
        }
    )

    assert [(link.type, link.message, len(link.frames)) for link in fields.exceptions] == [("KeyError", "'sku'", 1)]
    assert fields.request_id == "r-1"


def test_go_gives_the_error_text_and_the_callers_frames_but_no_invented_types() -> None:
    stack = "main.handle\n\t/go/src/shop/main.go:112\nmain.main\n\t/go/src/shop/main.go:68"
    fields = fields_of(
        {"level": "error", "caller": "shop/main.go:112", "msg": "failed", "error": "a: b: c", "stacktrace": stack}
    )

    assert [(link.type, link.message) for link in fields.exceptions] == [("", "a: b: c")]
    assert len(fields.exceptions[0].frames) == 2
    assert fields.call_site == "shop/main.go"


def test_the_stack_of_a_log_call_is_no_exception() -> None:
    fields = fields_of({"level": "error", "msg": "late", "stacktrace": "main.run\n\t/go/src/shop/main.go:9"})

    assert fields.exceptions == ()


def test_a_trace_deep_in_nested_objects_is_found() -> None:
    trace = 'Traceback (most recent call last):\n  File "/a.py", line 3, in f\n    x()\nValueError: bad'
    fields = fields_of({"severityText": "ERROR", "body": "boom", "a": {"b": {"exception.stacktrace": trace}}})

    assert [link.type for link in fields.exceptions] == ["ValueError"]
    assert fields.level is Level.ERROR
    assert fields.message == "boom"


def test_a_cause_written_as_an_object_joins_the_chain() -> None:
    cause = {"name": "TypeError", "message": "null", "stack": "TypeError: null\n    at f (/a.js:1:2)"}
    error = {"name": "OrderError", "message": "no", "stack": "OrderError: no\n    at g (/a.js:3:4)", "cause": cause}
    fields = fields_of({"level": "error", "message": "x", "error": error})

    assert [(link.type, link.relation, len(link.frames)) for link in fields.exceptions] == [
        ("OrderError", Relation.TOP, 1),
        ("TypeError", Relation.CAUSE, 1),
    ]


def test_an_object_behind_a_text_header_is_read() -> None:
    line = '2026-10-05T12:00:00.000Z\tabc\tERROR\tInvoke Error\t{"errorType":"TypeError","errorMessage":"no","stack":["TypeError: no","    at f (/var/task/a.js:1:2)"]}'

    fields = read_fields([line])

    assert fields.level is Level.ERROR
    assert [link.type for link in fields.exceptions] == ["TypeError"]


def test_a_pretty_printed_object_is_read_whole() -> None:
    text = json.dumps({"level": "error", "msg": "boom", "code": 3}, indent=2)

    assert read_fields(text.split("\n")).message == "boom"


@pytest.mark.parametrize("cut", range(2, 90, 7))
def test_a_cut_object_is_read_as_far_as_it_goes(cut: int) -> None:
    whole = '{"level":"error","msg":"say \\"hi\\" \\u3042","ctx":{"a":[1,{"b":"c"}]},"stack":"x\\n  at y"}'

    value = json.loads(close_json(whole[:cut]))

    assert isinstance(value, dict)
    if cut > 20:
        assert value["level"] == "error"


@pytest.mark.parametrize(
    ("line", "quiet"),
    [
        ('{"level":30,"msg":"x"}', True),
        ('{"level": "info", "msg": "ERROR"}', True),
        ('{"msg":"{\\"level\\":30}","level":50}', False),
        ('{"ctx":{"level":"info"},"level":"error"}', False),
        ('{"level":"warn","msg":"slow"}', True),
        ('{"level":"warn","err":{"stack":"x"}}', False),
        ('{"level":300}', False),
        ('{"level":"info"', False),
        ('{"level":"info"}\r\n', True),
        ('{"level":"info"}\r', True),
    ],
)
def test_a_glance_skips_only_what_surely_is_no_error(line: str, quiet: bool) -> None:
    assert is_quiet_json(line) is quiet


@pytest.mark.parametrize("value", [None, 0, True, [], {}, "", [None], {"a": None}])
def test_odd_values_under_known_keys_do_no_harm(value: object) -> None:
    keys = ("level", "message", "error", "stack", "exception", "time", "logger", "trace_id", "service", "caller", "log")
    for key in keys:
        fields_of({key: value, "msg": "x"})
    fields_of(dict.fromkeys(keys, value) | {"x": 1})
