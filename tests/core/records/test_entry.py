"""Log entries as events."""

import pytest

from mukiau.core.event import ExceptionInfo, Frame, Level, Relation
from mukiau.core.records.entry import LogEntry, entry_to_payload, is_error
from mukiau.core.records.wire import chain_to_values

LINK = ExceptionInfo(type="E", message="m", frames=(Frame(function="f"),))
TEXT = ExceptionInfo(type="", message="timeout")


def entry(**changes: object) -> LogEntry:
    return LogEntry(**({"record_ids": ("r1", "r2"), "log_group": "/ecs/acme-prod/orders", "raw": "x"} | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("level", "exceptions", "expected"),
    [
        (Level.ERROR, (), True),
        (Level.FATAL, (), True),
        (Level.WARNING, (), False),
        (Level.WARNING, (LINK,), True),
        (Level.INFO, (LINK,), False),
        (Level.DEBUG, (LINK,), False),
        (None, (LINK,), True),
        (None, (), False),
        (Level.WARNING, (TEXT,), False),
        (None, (TEXT,), False),
        (Level.ERROR, (TEXT,), True),
    ],
)
def test_what_is_an_error(level: Level | None, exceptions: tuple[ExceptionInfo, ...], expected: bool) -> None:
    assert is_error(entry(level=level, exceptions=exceptions)) is expected


def test_the_payload_carries_what_the_log_said() -> None:
    payload, origin, event_id = entry_to_payload(
        entry(
            level=Level.ERROR,
            occurred_ms=1_791_209_701_769,
            logger="shop.Api",
            thread="exec-1",
            trace_id="t1",
            request_id="q1",
            message="order 7 failed",
            template="order {Id} failed",
            language="java",
            exceptions=(LINK,),
            fields=(("order_id", 7),),
            context=(
                "2026-10-05 12:00:00 INFO [main] shop.Api - hello",
                '{"level":30,"msg":"hi","time":1791209701769}',
            ),
            call_site="shop/api.py",
        ),
        project_id=3,
        source_id=4,
    )

    assert payload["event_id"] == event_id
    assert payload["timestamp"] == 1_791_209_701.769
    assert (payload["level"], payload["platform"], payload["logger"]) == ("error", "java", "shop.Api")
    assert payload["logentry"] == {"message": "order {Id} failed", "formatted": "order 7 failed"}
    assert payload["tags"] == {"thread": "exec-1", "trace_id": "t1", "request_id": "q1"}
    assert payload["extra"] == {"order_id": 7}
    assert payload["contexts"] == {"trace": {"trace_id": "t1"}}
    assert [(crumb["message"], crumb["level"]) for crumb in payload["breadcrumbs"]["values"]] == [
        ("hello", "info"),
        ("hi", "info"),
    ]
    assert (origin.service, origin.environment) == ("orders", "acme-prod")
    assert (origin.project_id, origin.source_id, origin.record_ids) == (3, 4, ("r1", "r2"))
    assert origin.call_site == "shop/api.py"


def test_the_event_id_comes_from_project_stream_and_first_record() -> None:
    def id_of(project_id: int = 1, **changes: object) -> str:
        return entry_to_payload(entry(**changes), project_id=project_id, source_id=1)[2]

    assert id_of() == id_of(record_ids=("r1", "r2", "r3"), level=Level.FATAL)
    assert len({id_of(), id_of(record_ids=("r2",)), id_of(log_stream="b"), id_of(account="1"), id_of(2)}) == 5
    assert len(id_of()) == 32


def test_only_a_service_the_log_names_itself_is_a_tag() -> None:
    named = entry_to_payload(entry(service="billing"), project_id=1, source_id=1)
    unnamed = entry_to_payload(entry(), project_id=1, source_id=1)

    assert named[0]["tags"] == {"service": "billing"}
    assert unnamed[0]["tags"] == {}


def test_a_chain_is_written_oldest_cause_first_with_its_relations() -> None:
    frame = Frame(function="run", filename="a.py", lineno=3, in_app=True)
    chain = (
        ExceptionInfo(type="Group", message="g", frames=(frame,)),
        ExceptionInfo(type="A", relation=Relation.GROUP_MEMBER, parent=0),
        ExceptionInfo(type="B", relation=Relation.GROUP_MEMBER, parent=0),
        ExceptionInfo(type="C", relation=Relation.CAUSE, parent=2),
    )

    values = chain_to_values(chain)

    assert [value["type"] for value in values] == ["C", "B", "A", "Group"]
    assert [value["mechanism"].get("source") for value in values] == [
        "__cause__",
        "exceptions[1]",
        "exceptions[0]",
        None,
    ]
    assert [value["mechanism"].get("parent_id") for value in values] == [2, 0, 0, None]
    assert values[-1]["mechanism"]["is_exception_group"] is True
    assert values[-1]["stacktrace"]["frames"] == [
        {"function": "run", "in_app": True, "filename": "a.py", "lineno": 3},
    ]
