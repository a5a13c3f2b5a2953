"""The Node.js SDK itself sends to a running mukiau; NODE_CLIENT_FOLDER names a folder that has it installed."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PROGRAM = Path(__file__).parent / "programs" / "node_client.cjs"


@pytest.fixture(scope="module")
def sent(tracker) -> dict[str, str]:
    modules = Path(os.environ.get("NODE_CLIENT_FOLDER", "nowhere")) / "node_modules"
    node = shutil.which("node")
    if node is None or not modules.joinpath("@sentry/node").is_dir():
        pytest.skip(
            "NOT TESTED: @sentry/node. Set NODE_CLIENT_FOLDER to a folder with it (npm install @sentry/node@10)."
        )
    ran = subprocess.run(
        [node, PROGRAM, tracker.dsn],
        env=os.environ | {"NODE_PATH": str(modules)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_a_cause_chain_arrives(tracker, sent) -> None:
    seen = tracker.wait_for(sent["chained"])

    assert seen.chain == [
        ("Error", "order 118 was not charged", "top"),
        ("RangeError", "gateway did not answer for 4200", "cause"),
    ]
    assert seen.event.exceptions[0].frames[-1].function == "charge"
    assert seen.event.exceptions[1].frames[-1].function == "pay"


def test_an_aggregate_error_arrives_with_its_members(tracker, sent) -> None:
    seen = tracker.wait_for(sent["aggregate"])

    assert seen.chain == [
        ("AggregateError", "2 of 9 jobs failed", "top"),
        ("TypeError", "no currency", "aggregate-member"),
        ("Error", "no stock", "aggregate-member"),
    ]


def test_breadcrumbs_tags_and_user_arrive(tracker, sent) -> None:
    seen = tracker.wait_for(sent["chained"])

    assert ("gateway", "connecting") in {
        (crumb.get("category"), crumb.get("message")) for crumb in seen.payload["breadcrumbs"]["values"]
    }
    assert seen.tags.items() >= {"service": "order", "carrier": "cat-express"}.items()
    assert seen.payload["user"]["username"] == "hanako"
    assert (seen.event.environment, seen.event.release, seen.service) == ("acme-prod", "order@1.42.0", "order")


def test_a_message_arrives_with_its_level(tracker, sent) -> None:
    seen = tracker.wait_for(sent["message"])

    assert (seen.title, str(seen.event.level)) == ("stock is low", "warning")


def test_different_failures_are_different_issues(tracker, sent) -> None:
    assert len({tracker.wait_for(event_id).issue for event_id in sent.values()}) == len(sent)
