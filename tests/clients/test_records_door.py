"""The same log lines, cut and sent however a forwarder may, become the same issues and counts as one file."""

import base64
import gzip
import json
import random
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import pytest

from mukiau import config
from mukiau.cli.files import open_text, read_batches
from mukiau.core.grouping.kinship import Gathered
from mukiau.digest.batch import DigestedEvent
from mukiau.wiring import digest_records
from serving import wait_until

pytestmark = pytest.mark.slow

DEMO = Path(__file__).resolve().parents[2] / "src/mukiau/demo/records.jsonl.gz"
LINES = 8_000
MAX_BATCH = 700
AS_LAMBDA = 0.5
"""Share of those requests with lines of one stream that take CloudWatch's form."""
RETRIED = 0.1
"""Share of requests that are sent again at once, as a Lambda does that got no answer."""


@pytest.fixture(scope="module")
def lines() -> list[str]:
    with open_text(str(DEMO)) as text:
        return list(islice(text, LINES))


@pytest.fixture(scope="module")
def found(lines: list[str], tmp_path_factory: pytest.TempPathFactory) -> list[DigestedEvent]:
    """The events, read as one file without a server."""
    file = tmp_path_factory.mktemp("one") / "records.jsonl"
    file.write_text("".join(lines), encoding="utf-8")
    records = (record for batch in read_batches(str(file), numbered=True) for record in batch.records)
    return list(digest_records(records, settings=config.load({})))


def _by_issue(found: list[DigestedEvent]) -> Counter[str]:
    """Count events by issue: some fingerprints have theirs with another one (ADR 0020)."""
    gathered = Gathered()
    for one in found:
        gathered.add(one.event, one.fingerprint.hash, one.fingerprint.explanation)
    homes = gathered.homes()
    hashes = (one.fingerprint.hash for one in found)
    return Counter(str(homes[one].known.issue) if one in homes else one for one in hashes)


def test_random_batches_split_anywhere_and_replayed_count_as_one_file(tracker, lines, found) -> None:
    chance = random.Random(random.getrandbits(32))

    for _ in range(2):
        for batch in _cut(lines, chance):
            body = _lambda_event(batch) if chance.random() < AS_LAMBDA and _is_one_stream(batch) else "\n".join(batch)
            for _ in range(1 + (chance.random() < RETRIED)):
                _send(tracker, body, accepted=len(batch))
    wait_until(tracker.server.is_drained, 60, "digest")

    assert _counts(tracker) == Counter(one.fingerprint.hash for one in found)
    assert _counts_of_issues(tracker) == sorted(_by_issue(found).values())


def _cut(lines: list[str], chance: random.Random) -> Iterator[list[str]]:
    at = 0
    while at < len(lines):
        size = chance.choice((1, 2, chance.randint(1, 30), chance.randint(1, MAX_BATCH)))
        yield [line.rstrip("\n") for line in lines[at : at + size]]
        at += size


def _is_one_stream(batch: list[str]) -> bool:
    records = map(json.loads, batch)
    return len({(record.get("account"), record["log_group"], record["log_stream"]) for record in records}) == 1


def _lambda_event(batch: list[str]) -> str:
    """The records as a CloudWatch Logs subscription gives them to a Lambda function."""
    records: list[dict[str, Any]] = [json.loads(line) for line in batch]
    document = {
        "messageType": "DATA_MESSAGE",
        "owner": records[0].get("account", ""),
        "logGroup": records[0]["log_group"],
        "logStream": records[0]["log_stream"],
        "logEvents": [{name: record[name] for name in ("id", "timestamp", "message")} for record in records],
    }
    packed = gzip.compress(json.dumps(document).encode(), 1)
    return json.dumps({"awslogs": {"data": base64.b64encode(packed).decode()}})


def _send(tracker, body: str, *, accepted: int) -> None:
    url = f"http://127.0.0.1:{tracker.server.port}/api/1/records/"
    headers = {"Authorization": f"Bearer {tracker.server.public_key}", "Content-Encoding": "gzip"}
    answer = httpx.post(url, content=gzip.compress(body.encode(), 1), headers=headers, timeout=30)
    assert (answer.status_code, answer.json()) == (200, {"accepted": accepted, "rejected": []})


def _counts(tracker) -> Counter[str]:
    return Counter(
        dict(
            tracker.server.rows(
                "SELECT fingerprint.hash, count(*) FROM event JOIN fingerprint ON fingerprint.id = event.fingerprint_id"
                " GROUP BY 1"
            )
        )
    )


def _counts_of_issues(tracker) -> list[object]:
    return sorted(count for (count,) in tracker.server.rows("SELECT event_count FROM issue WHERE event_count > 0"))
