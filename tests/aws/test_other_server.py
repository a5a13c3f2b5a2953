"""The target sentry against a server of the protocol that is not ours: foxray, in a virtual environment of its own."""

import io
import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("awslambdaric", reason="NOT TESTED: the forwarder against another server; `make aws` does.")

import emulated_lambda

from bench import peer
from mukiau import config
from mukiau.cli.forwarder.package import build_zip
from mukiau.core.records.payloads import parse_records
from mukiau.wiring import digest_records
from serving import wait_until

CORPUS = sorted((Path(__file__).resolve().parents[1] / "data/corpus/subscription").glob("*.json"))[:60]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = peer._install(tmp_path_factory.mktemp("peer") / "venv")
    if found is None:
        pytest.skip(f"NOT TESTED: {peer.PACKAGE} cannot be installed here.")
    return found


def stored(database: Path) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT issue_id, data FROM foxray_event ORDER BY id").fetchall()
    return [{"issue": issue, **json.loads(data)} for issue, data in rows]


def test_events_arrive_once_with_their_chain_and_are_grouped_by_our_fingerprint(program: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(io.BytesIO(build_zip())).extractall(tmp_path / "task")
    expected = _expected()

    with peer._running(program, tmp_path / "peer.sqlite3") as (_, dsn):
        environ = {"MUKIAU_TARGET": "sentry", "MUKIAU_DSN": dsn}
        with emulated_lambda.running(tmp_path / "task", environ) as function:
            for name in CORPUS * 2:  # each delivered twice
                function.invoke(json.loads(name.read_text(encoding="utf-8")))
            wait_until(lambda: function.is_done, 120, "the function")
        events = stored(tmp_path / "peer.sqlite3")

    found = sorted((event["fingerprint"][0], tuple(_types(event))) for event in events)
    assert function.errors == []
    assert found == expected
    assert any(len(types) > 1 for _, types in found)
    assert len({event["issue"] for event in events}) == len({event["fingerprint"][0] for event in events})


def _types(event: dict[str, Any]) -> list[str]:
    """Return the chain, outermost first."""
    return [value["type"] for value in reversed(event.get("exception", {}).get("values", []))]


def _expected() -> list[tuple[str, tuple[str, ...]]]:
    """Return what mukiau makes of each document alone, as the function sees them."""
    return sorted(
        (made.fingerprint.hash, tuple(link.type for link in made.event.exceptions))
        for name in CORPUS
        for made in digest_records(parse_records(name.read_bytes(), item="").records, settings=config.load({}))
    )
