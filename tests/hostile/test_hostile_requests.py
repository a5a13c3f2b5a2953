"""Every case of the table: the right answer, no fault, a bounded time; what was accepted is digested and stored."""

import gc
import tracemalloc
from time import perf_counter

import pytest
from bodies import MEGABYTE, brotli_bomb, gzip_bomb, raw_deflate_bomb, zlib_bomb, zstd_bomb
from cases import CASES, RECORD_DOORS, Case
from siege import AUTH, Answer, Siege

MAX_SECONDS = 20
"""Far more than any case takes on a small machine, far less than one that is not linear would take."""
MAX_BOMB_MEMORY_BYTES = 100 * MEGABYTE


def _send(siege: Siege, case: Case) -> Answer:
    body, headers = case.make_request()
    return siege.knock(case.path or f"/api/1/{case.door}/", body, headers, method=case.method, query=case.query)


def _expected_events(case: Case, before: int, after: int) -> bool:
    if case.events is not None:
        return after == before + case.events
    if case.status != 200:
        return after == before
    return after >= before if case.door in RECORD_DOORS else after == before + 1


def test_the_table_is_as_long_as_it_should_be() -> None:
    assert len(CASES) >= 200
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_hostile_request_is_answered_and_what_is_accepted_is_stored(siege: Siege, case: Case) -> None:
    before, set_aside = siege.event_count(), siege.set_aside()
    siege.spool.refusals.clear()

    began = perf_counter()
    answer = _send(siege, case)
    siege.digest()
    seconds = perf_counter() - began

    assert (answer.status, answer.body[:300]) == (case.status, answer.body[:300])
    assert "internal error" not in siege.spool.refusals
    assert siege.set_aside() == set_aside
    assert _expected_events(case, before, siege.event_count())
    assert seconds < MAX_SECONDS


@pytest.mark.parametrize(
    ("encoding", "bomb"),
    [
        ("gzip", gzip_bomb),
        ("deflate", zlib_bomb),
        ("deflate", raw_deflate_bomb),
        ("br", brotli_bomb),
        ("zstd", zstd_bomb),
    ],
)
def test_a_bomb_takes_no_more_memory_than_its_cap(siege: Siege, encoding: str, bomb: object) -> None:
    body = bomb()  # type: ignore[operator]
    gc.collect()
    tracemalloc.start()

    answer = siege.knock("/api/1/records/", body, {**AUTH, "content-encoding": encoding})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert answer.status == 413
    assert peak < MAX_BOMB_MEMORY_BYTES
