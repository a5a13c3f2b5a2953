"""Layouts of loggers beyond the labelled corpus: what one log call wrote is one entry with its whole chain."""

import json

import pytest

from mukiau.core.event import Level, Relation
from mukiau.core.records.assemble import Assembler
from mukiau.core.records.breadcrumbs import breadcrumb
from mukiau.core.records.entry import LogEntry, entry_to_payload
from mukiau.core.records.record import Record

AT = 1_791_209_701_000


def errors_of(lines: list[str], *, has_time: bool = True) -> list[LogEntry]:
    records = [
        Record(record_id=str(n), message=line, timestamp_ms=AT if has_time else None, log_stream="s")
        for n, line in enumerate(lines)
    ]
    assembler = Assembler()
    return [*assembler.feed(records), *assembler.flush_all()]


def types_of(entry: LogEntry) -> list[str]:
    return [link.type for link in entry.exceptions]


NEST = [
    "[Shop] 1  - 11/05/2026, 09:07:39 PM   ERROR [OrderClient] order 7 not fetched",
    "HttpError: status 503",
    "    at OrderClient.fetch (/app/dist/order.client.js:40:17)",
]
NLOG = [
    "2026-11-02 10:20:01.0044|ERROR|Acme.Export.Uploader|upload of A7 failed|Acme.Net.SshTimeoutException: timed out",
    "   at Acme.Export.Uploader.Put(Stream s) in /src/Uploader.cs:line 33",
]
HRESULT = [
    "[10:20:01 ERR] claim 7 not saved",
    "Acme.DbException: An error occurred. See the inner exception.",
    " ---> Acme.Data.SqlException (0x80131904): Violation of UNIQUE KEY constraint",
    "   at Acme.Data.Command.Run(Task`1 result)",
    "   --- End of inner exception stack trace ---",
    "   at Acme.Store.Save(Claim c) in /src/Store.cs:line 55",
]
ONE_LINE_CONSOLE = [
    (
        "10:20:01 fail: Acme.Jobs.Purge[5] purge of 7 failed Acme.Data.BusyException: connection is busy"
        "    at Acme.Jobs.Purge.Delete(Int32 n) in /app/Purge.cs:line 40    at Acme.Jobs.Host.Tick() in /app/Host.cs:line 10"
    )
]
RAILS = [
    "F, [2026-11-12T14:44:54.957123 #6] FATAL -- : [d57da6ff-4e40-5ee0]   ",
    "[d57da6ff-4e40-5ee0] Shop::NotFound (Couldn't find Booking with 'id'=7):",
    "[d57da6ff-4e40-5ee0]   ",
    "[d57da6ff-4e40-5ee0] app/controllers/bookings_controller.rb:12:in `show'",
]
SIDEKIQ = [
    "2026-11-12T14:44:54.957Z pid=1 tid=ab12 class=SyncJob jid=00ff ERROR: Net::ReadTimeout: Net::ReadTimeout with #<TCP>",
    "/app/app/jobs/sync_job.rb:15:in `perform'",
]
LOGURU = [
    "2026-11-02 10:20:01.004 | ERROR    | fraud.score:evaluate:87 - scoring failed",
    "Traceback (most recent call last):",
    '  File "/opt/fraud/score.py", line 78, in evaluate',
    "    s = model.run(txn)",
    "    │     │   └ 7",
    "    └ <function run at 0x7f0000000050>",
    "KeyError: 'country'",
    "The above exception was the direct cause of the following exception:",
    "Traceback (most recent call last):",
    '> File "/opt/fraud/score.py", line 80, in evaluate',
    "    raise ScoreError(txn) from e",
    "    └ <class 'ScoreError'>",
    "fraud.errors.ScoreError: no score",
]
SYMFONY = [
    (
        '[2026-11-02T10:20:01.004+00:00] request.CRITICAL: Uncaught PHP Exception Acme\\RenderError: "no" at pay.twig line 12 '
        '{"exception":"[object] (Acme\\\\RenderError(code: 0): no at /srv/pay.twig:12)\\n[previous exception] '
        '[object] (Acme\\\\RateMissing(code: 0): missing rate at /srv/src/Rate.php:31)"} []'
    )
]
ELIXIR = [
    "04:32:10.484 [error] GenServer Acme.Tracker terminating",
    "** (MatchError) no match of right hand side value: :enoent",
    "    (acme 0.1.0) lib/acme/disk.ex:9: Acme.Disk.load/1",
    "Last message: :load",
]
ZAP = [
    '2026-11-08T09:07:48.767Z\tERROR\tcache/fetch.go:88\torigin failed\t{"url": "/7.png"}',
    "git.example/edge/cache.(*Fetcher).Get",
    "\t/src/cache/fetch.go:88",
    "2026-11-08T09:07:48.769Z\tINFO\tapi/edge.go:88\thit",
    "git.example/edge/api.(*Edge).ServeHTTP",
    "\t/src/api/edge.go:40",
]
POSTGRES = [
    '2026-11-06 04:49:54.188 UTC [8907] ERROR:  duplicate key value violates unique constraint "orders_ref_key"',
    "2026-11-06 04:49:54.188 UTC [8907] DETAIL:  Key (ref)=(530005) already exists.",
    "2026-11-06 04:49:54.188 UTC [8907] STATEMENT:  insert into orders (ref) values (530005)",
]


@pytest.mark.parametrize(
    ("lines", "types"),
    [
        (NEST, ["HttpError"]),
        (NLOG, ["Acme.Net.SshTimeoutException"]),
        (HRESULT, ["Acme.DbException", "Acme.Data.SqlException"]),
        (ONE_LINE_CONSOLE, ["Acme.Data.BusyException"]),
        (RAILS, ["Shop::NotFound"]),
        (SIDEKIQ, ["Net::ReadTimeout"]),
        (LOGURU, ["fraud.errors.ScoreError", "KeyError"]),
        (SYMFONY, ["Acme\\RenderError", "Acme\\RateMissing"]),
        (ELIXIR, ["MatchError"]),
        (POSTGRES, []),
    ],
    ids=["nest", "nlog", "hresult", "one-line", "rails", "sidekiq", "loguru", "symfony", "elixir", "postgres"],
)
def test_one_log_call_is_one_entry_with_its_chain(lines: list[str], types: list[str]) -> None:
    (entry,) = errors_of(lines)

    assert types_of(entry) == types
    assert len(entry.record_ids) == len(lines)


def test_a_go_stack_without_arguments_goes_on_after_another_threads_line() -> None:
    (entry,) = errors_of(ZAP)

    assert entry.record_ids == ("0", "1", "2", "4", "5")


def test_what_a_database_says_further_is_no_part_of_the_message() -> None:
    (entry,) = errors_of(POSTGRES)

    assert entry.message == 'duplicate key value violates unique constraint "orders_ref_key"'


def test_a_class_in_brackets_is_the_logger_where_no_other_is() -> None:
    (entry,) = errors_of(NEST)

    assert (entry.logger, entry.message, entry.level) == ("OrderClient", "order 7 not fetched", Level.ERROR)


@pytest.mark.parametrize("word", ["Notice", "Warning", "Deprecated"])
def test_phps_notes_are_no_errors(word: str) -> None:
    line = f"[05-Nov-2026 18:07:12 UTC] PHP {word}:  Undefined index: ref in /srv/Ref.php on line 3"

    assert errors_of([line]) == []


def test_a_timed_out_function_is_an_error() -> None:
    line = "2026-11-07T12:12:31.428Z 15bc6291-def7-1b54-fc31-e28f7fdad47f Task timed out after 30.06 seconds"

    assert len(errors_of([line])) == 1


def test_an_error_named_in_a_line_without_level_makes_it_an_error() -> None:
    line = {"method": "GET", "status": 500, "error": "Shop::PoolTimeout: no connection within 5 s"}

    (entry,) = errors_of([json.dumps(line)])

    assert (types_of(entry), errors_of([json.dumps({"method": "GET", "status": 200})])) == (["Shop::PoolTimeout"], [])


def test_log4j_objects_are_read_crash_first() -> None:
    def thrown(name: str, **more: object) -> dict[str, object]:
        frames = [("java.util.Optional", "get"), ("acme.Reader", "read"), ("acme.Job", "run")]
        stack = [{"class": c, "method": m, "file": "A.java", "line": 7} for c, m in frames]
        return {"name": name, "message": "no", "extendedStackTrace": stack, **more}

    line = {
        "level": "ERROR",
        "message": "import failed",
        "thrown": thrown("acme.Broken", cause=thrown("acme.NoColumn")),
    }

    (entry,) = errors_of([json.dumps(line)])

    assert types_of(entry) == ["acme.Broken", "acme.NoColumn"]
    assert [(frame.function, frame.in_app) for frame in entry.exceptions[1].frames] == [
        ("run", True),
        ("read", True),
        ("get", False),
    ]


@pytest.mark.parametrize("key", ["aggregateErrors", "errors"])
def test_members_of_an_aggregate_hang_on_it(key: str) -> None:
    stack = "\n    at run (/app/a.js:1:2)\n    at main (/app/a.js:9:2)"
    members = [
        {"type": "TypeError", "message": "a", "stack": f"TypeError: a{stack}"},
        {"type": "Error", "message": "b", "stack": f"Error: b{stack}", "cause": {"type": "RangeError", "message": "c"}},
    ]
    error = {"type": "AggregateError", "message": "both", "stack": f"AggregateError: both{stack}", key: members}

    (entry,) = errors_of([json.dumps({"level": 50, "msg": "x", "err": error})])

    assert [(link.type, link.relation, link.parent) for link in entry.exceptions] == [
        ("AggregateError", Relation.TOP, None),
        ("TypeError", Relation.AGGREGATE_MEMBER, 0),
        ("Error", Relation.AGGREGATE_MEMBER, 0),
        ("RangeError", Relation.CAUSE, 2),
    ]


def test_a_consoles_message_below_its_header_is_kept_in_the_breadcrumb() -> None:
    lines = ["info: Acme.Export[0]", "      7 reports written", "fail: Acme.Export[0]", "      disk is full"]

    (entry,) = errors_of(lines)

    payload, _, _ = entry_to_payload(entry, project_id=1, source_id=1)
    assert payload["breadcrumbs"]["values"][0] == breadcrumb("info: Acme.Export[0]\n7 reports written")
    assert payload["breadcrumbs"]["values"][0]["message"] == "7 reports written"


@pytest.mark.parametrize(
    ("line", "errors"),
    [('\topen failed\t{"valve": 3, "error": "timeout"}', ["timeout"]), ("\topen failed", [])],
)
@pytest.mark.parametrize("name", ["", "dam.gate"])
def test_zaps_console_is_read_into_logger_call_site_message_and_error(line: str, errors: list[str], name: str) -> None:
    head = "\t".join(filter(None, ("2026-11-20T07:21:00.123Z", "ERROR", name, "valve/valve.go:22")))

    (entry,) = errors_of([head + line])

    assert (entry.message, entry.logger, entry.call_site) == ("open failed", name, "valve/valve.go")
    assert [link.message for link in entry.exceptions] == errors


def test_fields_of_zaps_console_above_a_stack_give_the_trace() -> None:
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    head = f'2026-11-20T07:21:00.123Z\tERROR\tvalve/valve.go:22\topen failed\t{{"trace_id": "{trace_id}"}}'

    (entry,) = errors_of([head, "example.org/dam/valve.(*Valve).Open", "\t/src/dam/valve/valve.go:22"])

    assert (entry.message, entry.trace_id) == ("open failed", trace_id)
    assert [link.message for link in entry.exceptions] == ["open failed"]
