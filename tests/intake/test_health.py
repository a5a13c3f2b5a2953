"""The paths for what watches over a server: right answers, no secrets, nothing read twice in a second."""

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from mukiau.intake.condition import Condition, ProcessUse
from mukiau.intake.health import HealthDesk
from mukiau.intake.meter import Meter
from mukiau.intake.metrics import MAX_REASONS, METRICS, render_metrics

NOW_MS = 1_790_000_000_000
WELL = Condition(heartbeat_ms=NOW_MS - 900, spool_bytes=4096)
LABEL = r'[a-z]+="(\\.|[^"\\\n])*"'
SAMPLE = re.compile(rf"[a-z_]+(\{{{LABEL}(,{LABEL})*\}})? (\d+(\.\d+)?|\+Inf)")


@dataclass(frozen=True, slots=True)
class Counted:
    accepted: int = 5
    accepted_records: int = 12
    digested: int = 4
    pending: int = 1
    issues: int = 2
    events: int = 3
    duplicates: int = 0
    deleted: dict[str, int] = field(default_factory=dict)
    set_aside: int = 0
    open_entries: int = 0
    oldest_waiting_ms: int = NOW_MS - 2_500
    dropped: dict[str, int] = field(default_factory=lambda: {"unsupported:session": 7})
    refused: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class FakeVitals:
    condition: Condition = WELL
    figures: Counted | None = field(default_factory=Counted)
    reads: int = 0

    def read_condition(self) -> Condition:
        self.reads += 1
        return self.condition

    def read_figures(self) -> Counted | None:
        return self.figures


Ask = Callable[..., tuple[int, str]]


@pytest.fixture
def vitals() -> FakeVitals:
    return FakeVitals()


@pytest.fixture
def ask(make_house, vitals: FakeVitals) -> Ask:
    def ask(path: str, method: str = "GET") -> tuple[int, str]:
        house = make_house()
        house.web = HealthDesk(vitals, house.web, meter=Meter(), now_ms=lambda: NOW_MS)
        response = house.send(path, headers={}, method=method)
        return response.status, response.body.decode()

    return ask


def test_intake_says_that_it_lives_whatever_else_is_wrong(ask: Ask, vitals: FakeVitals) -> None:
    vitals.condition, vitals.figures = Condition(spool_obstacle="gone", schema_obstacle="gone"), None

    assert ask("/healthz") == (200, "ok\n")
    assert vitals.reads == 0


def test_a_server_that_is_well_is_ready(ask: Ask) -> None:
    status, body = ask("/readyz")

    assert status == 200
    assert json.loads(body) == {
        "ready": True,
        "missing": [],
        "checks": {"spool": "ok", "digest": "ok", "schema": "ok"},
    }


@pytest.mark.parametrize(
    ("condition", "missing"),
    [
        (Condition(heartbeat_ms=NOW_MS, spool_obstacle="the disk is full"), ["spool"]),
        (Condition(heartbeat_ms=NOW_MS - 10_000), ["digest"]),
        (Condition(heartbeat_ms=NOW_MS + 10_000), ["digest"]),
        (Condition(heartbeat_ms=0), ["digest"]),
        (Condition(schema_obstacle="schema 0"), ["schema"]),
        (Condition(spool_obstacle="the spool has failed", schema_obstacle="schema 0"), ["spool", "schema"]),
    ],
)
def test_what_is_not_ready_is_named(ask: Ask, vitals: FakeVitals, condition: Condition, missing: list[str]) -> None:
    vitals.condition = condition

    status, body = ask("/readyz")

    assert (status, json.loads(body)["missing"]) == (503, missing)


def test_a_heartbeat_just_young_enough_is_well(ask: Ask, vitals: FakeVitals) -> None:
    vitals.condition = Condition(heartbeat_ms=NOW_MS - 9_999)

    assert ask("/readyz")[0] == 200


def test_metrics_are_lines_that_prometheus_reads(ask: Ask) -> None:
    status, text = ask("/metrics")

    lines = text.splitlines()
    assert status == 200
    assert text.endswith("\n")
    assert [line for line in lines if not line.startswith("#") and not SAMPLE.fullmatch(line)] == []
    assert [line.split()[2] for line in lines if line.startswith("# TYPE ")] == [name for name, _, _ in METRICS]
    assert "mukiau_accepted_total 5" in lines
    assert 'mukiau_dropped_total{reason="unsupported:session"} 7' in lines
    assert "mukiau_digest_heartbeat_age_seconds 0.900" in lines
    assert "mukiau_digest_lag_seconds 2.500" in lines


def test_requests_are_counted_by_door_and_status_and_timed_in_buckets() -> None:
    meter = Meter()
    for status, seconds in ((200, 0.0009), (200, 0.003), (200, 0.0025), (503, 100.0), (0, 0.2)):
        meter.note("store", status, seconds)

    lines = render_metrics(WELL, Counted(), meter, NOW_MS).splitlines()

    assert [line for line in lines if not line.startswith("#") and not SAMPLE.fullmatch(line)] == []
    assert 'mukiau_http_requests_total{door="store",status="200"} 3' in lines
    assert 'mukiau_http_requests_total{door="store",status="503"} 1' in lines
    assert 'mukiau_http_requests_total{door="store",status="none"} 1' in lines
    buckets = [line.rpartition(" ")[2] for line in lines if line.startswith("mukiau_http_request_seconds_bucket")]
    assert buckets[:4] == ["1", "2", "3", "3"]
    assert buckets[-2:] == ["4", "5"]
    assert 'mukiau_http_request_seconds_bucket{door="store",le="0.0025"} 2' in lines
    assert 'mukiau_http_request_seconds_count{door="store"} 5' in lines
    assert 'mukiau_http_request_seconds_sum{door="store"} 100.206' in lines


def test_processes_and_room_on_the_disk_are_told_where_the_system_tells_them() -> None:
    use = ProcessUse(resident_bytes=4096, cpu_seconds=1.5, started_at=1_790_000_000.25)
    told = Condition(heartbeat_ms=NOW_MS, disk_free_bytes=0, processes={"web": use})

    known = render_metrics(told, Counted(), Meter(), NOW_MS)
    unknown = render_metrics(WELL, Counted(), Meter(), NOW_MS)

    assert "mukiau_disk_free_bytes 0\n" in known
    assert 'mukiau_process_resident_bytes{process="web"} 4096\n' in known
    assert 'mukiau_process_start_time_seconds{process="web"} 1790000000.250\n' in known
    assert "\nmukiau_disk_free_bytes " not in unknown
    assert "\nmukiau_process_resident_bytes{" not in unknown


def test_metrics_without_a_state_file_tell_the_rest(ask: Ask, vitals: FakeVitals) -> None:
    vitals.condition, vitals.figures = Condition(schema_obstacle="schema 0"), None

    status, text = ask("/metrics")

    assert status == 200
    assert 'mukiau_ready{check="schema"} 0' in text
    assert "mukiau_digest_heartbeat_age_seconds +Inf" in text
    assert "mukiau_events" not in text


def test_a_reason_cannot_break_out_of_its_label() -> None:
    text = render_metrics(WELL, Counted(refused={'a"} 1\nmukiau_events 9\\': 1}), Meter(), NOW_MS)

    assert 'mukiau_refused_total{reason="a\\"} 1\\nmukiau_events 9\\\\"} 1' in text.splitlines()


def test_reasons_without_end_become_one() -> None:
    reasons = {f"reason {number}": number for number in range(1, MAX_REASONS + 11)}

    lines = render_metrics(WELL, Counted(refused=reasons), Meter(), NOW_MS).splitlines()

    counted = [line for line in lines if line.startswith("mukiau_refused_total{")]
    assert len(counted) == MAX_REASONS + 1
    assert counted[-1] == f'mukiau_refused_total{{reason="other"}} {sum(range(1, 11))}'


def test_however_many_ask_it_is_read_once_a_second(vitals: FakeVitals) -> None:
    statuses = []

    async def send(message) -> None:
        statuses.extend([message["status"]] if "status" in message else [])

    async def ask_often() -> None:
        desk = HealthDesk(vitals, desk_without_beyond, meter=Meter(), now_ms=lambda: NOW_MS)
        scope = {"type": "http", "method": "GET", "path": "/readyz"}
        await asyncio.gather(*(desk(scope, desk_without_beyond, send) for _ in range(50)))

    asyncio.run(ask_often())

    assert (statuses, vitals.reads) == ([200] * 50, 1)


async def desk_without_beyond(*_: object) -> None:
    raise AssertionError("nothing is passed on or received")


@pytest.mark.parametrize(("path", "method"), [("/readyz", "POST"), ("/healthz/", "GET"), ("/", "GET")])
def test_everything_else_is_passed_on_to_the_pages(ask: Ask, path: str, method: str) -> None:
    assert ask(path, method)[0] == 299
