"""The same records in any batches, cut anywhere and sent twice, are the same issues and counts as one file."""

import gzip
import json
import random
from collections import defaultdict
from contextlib import closing
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from digesting import MAKER, MemorySpool, drain, make_worker

from mukiau.core.grouping.kinship import Gathered
from mukiau.core.records.log_groups import DEFAULT
from mukiau.core.records.payloads import parse_records
from mukiau.digest.batch import DigestedEvent
from mukiau.digest.offline import digest_records
from mukiau.stores.memory import MemoryState
from mukiau.stores.reader import iter_events, read_status
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.state_writer import StateWriter

LINES = 6_000
Groups = dict[str, tuple[str, tuple[str, ...]]]


@pytest.fixture(scope="module")
def records() -> list[dict[str, Any]]:
    with gzip.open(str(files("mukiau.demo") / "records.jsonl.gz"), "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in islice(stream, LINES)]


@pytest.fixture(scope="module")
def found(records: list[dict[str, Any]]) -> list[DigestedEvent]:
    """The events of the records as one file."""
    body = "\n".join(json.dumps(record) for record in records).encode()
    parsed = parse_records(body, item="file").records
    return list(digest_records(parsed, maker=MAKER, table=DEFAULT, now_ms=0))


@pytest.fixture(scope="module")
def whole(found: list[DigestedEvent]) -> Groups:
    """Event id → (fingerprint, record ids)."""
    return {one.event.event_id: (one.fingerprint.hash, one.record_ids) for one in found}


@pytest.fixture(scope="module")
def issues(found: list[DigestedEvent]) -> set[frozenset[str]]:
    """The events of each issue."""
    gathered, together = Gathered(), defaultdict[str, set[str]](set)
    for one in found:
        gathered.add(one.event, one.fingerprint.hash, one.fingerprint.explanation)
    homes = gathered.homes()
    for one in found:
        home = homes.get(one.fingerprint.hash)
        together[one.fingerprint.hash if home is None else str(home.known.issue)].add(one.event.event_id)
    return set(map(frozenset, together.values()))


def test_the_file_has_errors_to_speak_of(whole: Groups) -> None:
    assert len(whole) > 100
    assert len({fingerprint for fingerprint, _ in whole.values()}) > 20


@pytest.mark.parametrize("seed", range(4))
def test_any_batches_sent_twice_give_what_one_file_gives(
    records: list[dict[str, Any]], whole: Groups, issues: set[frozenset[str]], data_folder: Path, seed: int
) -> None:
    chance = random.Random(seed)
    spool = MemorySpool()
    _put(spool, records, chance)
    _put(spool, records, chance)

    with closing(StateWriter(data_folder / STATE_FILE)) as store:
        drain(spool, store, maker=MAKER)

    events = list(iter_events(data_folder))
    status = read_status(data_folder)
    assert {event.event_id: (event.fingerprint_hash, event.record_ids) for event in events} == whole
    assert status.events == len(events) == len(whole)
    together = defaultdict[int, set[str]](set)
    for event in events:
        together[event.issue].add(event.event_id)
    assert set(map(frozenset, together.values())) == issues
    assert status.issues == len(issues) < len({group for group, _ in whole.values()})
    assert (status.duplicates, status.set_aside, status.open_entries) == (len(records), 0, 0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_digester_that_dies_after_any_batch_loses_and_doubles_nothing(
    records: list[dict[str, Any]], whole: Groups, seed: int
) -> None:
    chance = random.Random(seed)
    spool, store = MemorySpool(), MemoryState()
    _put(spool, records, chance)

    while store.position() < len(spool.items):
        drain_some(spool, store, chance.randint(1, 8))
    drain(spool, store)

    found = {one.event.event_id: (one.fingerprint.hash, one.record_ids) for one in store.events.values()}
    assert found == whole


def drain_some(spool: MemorySpool, store: MemoryState, turns: int) -> None:
    """A digester that begins with what is saved and is gone after some batches."""
    worker = make_worker(spool, store, maker=MAKER)
    for _ in range(turns):
        worker.turn()


def _put(spool: MemorySpool, records: list[dict[str, Any]], chance: random.Random) -> None:
    """Cut into requests of any size; now and then a stream falls idle in the middle of an entry."""
    at, now_ms = 0, spool.items[-1].received_ms if spool.items else 0
    while at < len(records):
        size = chance.choice([1, 2, 3, 10, 100, 700])
        spool.put_records(records[at : at + size], received_ms=now_ms)
        at += size
        now_ms += chance.choice([0, 5, 50, 400, 3_000])
