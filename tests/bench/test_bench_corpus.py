"""The benchmark's input: 40 failures by the real SDK, corpus files, and the demo's lines."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
from bench.corpus import read_corpus, write_corpus
from bench.logs import bodies_of, count_lines, split_noise

from bench import shop
from mukiau.core.records.record import Record

REPOSITORY = Path(__file__).parents[2]


def test_a_corpus_file_gives_back_its_bodies(tmp_path: Path) -> None:
    bodies = [b"one", b"", b"three" * 1000]

    sizes = write_corpus(tmp_path / "c.bin", bodies)

    packed = list(read_corpus(tmp_path / "c.bin"))
    assert [gzip.decompress(body) for body in packed] == bodies
    assert [len(body) for body in packed] == sizes


def test_the_shop_fails_in_forty_ways() -> None:
    names = [fail.__name__ for fail in shop.FAILURES]

    assert len(set(names)) == 40


@pytest.mark.slow
def test_the_sdk_reports_each_failure_with_its_own_frames(tmp_path: Path) -> None:
    corpus = tmp_path / "events.bin"
    # In a process of its own: the SDK patches the interpreter it is set up in.
    subprocess.run(
        [sys.executable, "-m", "bench.corpus", str(corpus), "-n", "40"], check=True, capture_output=True, cwd=REPOSITORY
    )

    events = [json.loads(gzip.decompress(body).split(b"\n")[2]) for body in read_corpus(corpus)]

    assert len({event["event_id"] for event in events}) == 40
    assert [event["tags"]["failure"] for event in events] == [fail.__name__ for fail in shop.FAILURES]
    for event in events:
        functions = [
            frame["function"] for value in event["exception"]["values"] for frame in value["stacktrace"]["frames"]
        ]
        assert event["tags"]["failure"] in functions
        assert len(event["breadcrumbs"]["values"]) >= 3


def test_noise_is_what_belongs_to_no_error() -> None:
    quiet = Record(record_id="1", message="2026-01-05 10:00:00.000  INFO 1 --- [main] a.B : started", log_stream="s")
    broken = Record(record_id="2", message="2026-01-05 10:00:01.000 ERROR 1 --- [main] a.B : failed", log_stream="s")
    trace = Record(record_id="3", message="java.lang.IllegalStateException: no\n\tat a.B.c(B.java:1)", log_stream="s")

    noise, errors = split_noise([quiet, broken, trace])

    assert noise == [quiet]
    assert errors == [broken, trace]
    assert count_lines(errors) == 3


def test_bodies_for_the_records_door_keep_every_record() -> None:
    records = [Record(record_id=str(number), message="line", timestamp_ms=number) for number in range(501)]

    bodies = bodies_of(records)

    assert [len(body.splitlines()) for body in bodies] == [500, 1]
    assert json.loads(bodies[1])["id"] == "500"
