"""The demo's runbooks can be put in force as they are, and each answers errors of the demo by its rules."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest

from mukiau import config
from mukiau.core.records.record import Record
from mukiau.demo.runbooks import put_runbooks_in_force, read_runbooks
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import connect
from mukiau.wiring import digest_records
from mukiau.work.runbooks.facts import facts_of
from mukiau.work.runbooks.front_matter import parse_runbook
from mukiau.work.runbooks.occurrence import values_of
from mukiau.work.runbooks.rendering import check_runbook, render_runbook
from mukiau.work.runbooks.rules import find_match

RUNBOOKS = read_runbooks()
OF_THE_SDK = {"STO-1"}
"""Answers events that come by the SDK, not log records."""


def _records() -> Iterator[Record]:
    with (
        (files("mukiau.demo") / "records.jsonl.gz").open("rb") as packed,
        gzip.open(packed, "rt", encoding="utf-8") as lines,
    ):
        for line in lines:
            record = json.loads(line)
            yield Record(
                record_id=record["id"],
                message=record["message"],
                timestamp_ms=record["timestamp"],
                log_group=record["log_group"],
                log_stream=record["log_stream"],
            )


@pytest.mark.parametrize("code", RUNBOOKS)
def test_a_runbook_of_the_demo_is_right_and_complete(code: str) -> None:
    rendered = render_runbook(RUNBOOKS[code], {})

    assert check_runbook(RUNBOOKS[code]) == ()
    assert rendered.front.rules
    assert rendered.front.proposes
    assert rendered.front.minutes
    assert rendered.steps


def test_they_are_in_force_once_the_demo_begins(data_folder: Path) -> None:
    put_runbooks_in_force(data_folder, author="Hanamaru", now_ms=1)

    with closing(connect(data_folder / STATE_FILE, readonly=True)) as state:
        kept = state.execute("SELECT code, state FROM runbook ORDER BY code").fetchall()
    assert kept == [(code, "published") for code in sorted(RUNBOOKS)]


@pytest.mark.slow
def test_every_runbook_of_the_demo_is_found_by_its_rule_and_filled_in() -> None:
    rules = {code: parse_runbook(text).front.rules for code, text in RUNBOOKS.items()}
    matched: Counter[str] = Counter()
    unfilled: Counter[tuple[str, str]] = Counter()
    for digested in digest_records(_records(), settings=config.load({})):
        event, title = digested.event, digested.title
        facts = facts_of(event, template=title.template, fingerprint_hash=digested.fingerprint.hash)
        for code in (code for code, one in rules.items() if find_match(one, facts) is not None):
            matched[code] += 1
            known = {"environment": event.environment, "occurred_at": "2026-10-05T12:00:00Z"}
            unfilled.update(
                (code, one.name) for one in render_runbook(RUNBOOKS[code], values_of(event, known)).problems
            )

    assert set(matched) == set(RUNBOOKS) - OF_THE_SDK
    mostly_empty = {name for (code, name), count in unfilled.items() if count > matched[code] / 2}
    assert mostly_empty == set()
