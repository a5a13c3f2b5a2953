"""The corpus: logs of a made-up platform whose every error is known, scored as strangers would score them."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner

from mukiau.cli.main import main

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / "tests/data/corpus"
RECORDS = ROOT / "src/mukiau/demo/records.jsonl.gz"


@pytest.fixture(scope="module")
def scoring() -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", CORPUS / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def score(tmp_path_factory: pytest.TempPathFactory, scoring: ModuleType) -> dict[str, Any]:
    environment = {"MUKIAU_DATA": str(tmp_path_factory.mktemp("corpus") / "none")}
    grouped = CliRunner().invoke(main, ["group", str(RECORDS), "--json"], env=environment)
    assert grouped.exit_code == 0, grouped.output
    truth = list(scoring.lines(CORPUS / "truth.jsonl.gz"))
    return json.loads(json.dumps(scoring.score(truth, list(map(json.loads, grouped.stdout.splitlines())))))


def test_errors_are_found_and_grouped(score: dict[str, Any]) -> None:
    assert score["detection"]["recall"] >= 0.95, score["detection"]
    assert score["detection"]["precision"] >= 0.95, score["detection"]
    assert score["grouping"]["pairwise_f1"] >= 0.85, score["grouping"]
    assert score["end_to_end"]["pairwise_f1"] >= 0.85, score["end_to_end"]


def test_different_failures_hardly_ever_share_an_issue(score: dict[str, Any]) -> None:
    """Splitting costs a second look; joining hides a failure."""
    assert score["grouping"]["pairwise_precision"] >= 0.98, score["grouping"]["worst_merges"]
