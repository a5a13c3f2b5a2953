"""How often the right runbook comes first when an error of the demo is pasted, for runbooks as teams write them.

Each kind of error has two runbooks, never in one index: a *thin* one, which is a title and some words of the cause, and a
*full* one with an example. What is pasted is of another occurrence than the example, and its ids, numbers and names are
changed once more. A line that many kinds begin with ("the order failed") names none of them: the pasted line has the
cause, as a chat message has.
"""

import gzip
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from random import Random

import pytest

from mukiau import config
from mukiau.core.grouping.chain import short_name
from mukiau.core.records.record import Record
from mukiau.core.templates import template_of
from mukiau.digest.batch import DigestedEvent
from mukiau.stores.state_file import changing
from mukiau.stores.work.known_runbooks import KnownRunbooks
from mukiau.stores.work.runbooks import Author, create_runbook
from mukiau.wiring import digest_records
from mukiau.work.finding.failure import failure_in_text
from mukiau.work.finding.index import IndexedText, RunbookIndex
from mukiau.work.finding.proposing import rule_for
from mukiau.work.runbooks.facts import facts_of
from mukiau.work.runbooks.front_matter import FrontMatter, parse_runbook, write_runbook

pytestmark = pytest.mark.slow

PLACEHOLDER = re.compile(r"<[a-z]{2,8}[^<>]{0,80}>")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
NUMBER = re.compile(r"(?<![\d.])\d{5,20}(?![\d.])")
PERSON = re.compile(r"[一-龯]{2} [一-龯]{1,2}(?= 様| 帳票)")
ADDRESS = re.compile(r"[a-z]+\.[a-z]+\d+@example")


def _records() -> Iterator[Record]:
    folder = files("mukiau.demo")
    with (folder / "records.jsonl.gz").open("rb") as packed, gzip.open(packed, "rt", encoding="utf-8") as lines:
        for line in (*lines, *(folder / "requests.jsonl").read_text("utf-8").splitlines()):
            record = json.loads(line)
            yield Record(
                record_id=record["id"],
                message=record["message"],
                timestamp_ms=record["timestamp"],
                log_group=record["log_group"],
                log_stream=record["log_stream"],
            )


@cache
def kinds() -> tuple[tuple[DigestedEvent, ...], ...]:
    """The demo's events by what went wrong in which service, at most twenty of a kind."""
    found: dict[tuple[str, ...], list[DigestedEvent]] = defaultdict(list)
    for digested in digest_records(_records(), settings=config.load({})):
        if len(events := found[_kind(digested)]) < 20:
            events.append(digested)
    return tuple(map(tuple, found.values()))


def _kind(digested: DigestedEvent) -> tuple[str, ...]:
    title, chain = digested.title, digested.event.exceptions
    cause = re.sub(r" at <path>.*", "", re.sub(r"'col_[A-Z]+'", "<str>", template_of(title.root_message)))
    raised = short_name(chain[0].type) if chain else ""
    said = "" if title.root_type or cause else title.template
    return digested.event.service, raised, title.root_type, cause, said


def thin(digested: DigestedEvent) -> IndexedText:
    title = digested.title
    cause = PLACEHOLDER.sub(" ", template_of(title.root_message))[:60]
    return IndexedText(
        title=PLACEHOLDER.sub(" ", title.template).split("\n")[0],
        services=(digested.event.service,),
        keywords=(short_name(title.root_type), cause),
    )


def full(digested: DigestedEvent) -> IndexedText:
    title = digested.title
    return IndexedText(
        title=PLACEHOLDER.sub(" ", f"{template_of(title.title)} {template_of(title.subtitle)}"),
        services=(digested.event.service,),
        rules=(*(short_name(link.type) for link in digested.event.exceptions), title.template),
        examples=f"{title.title}\n{title.subtitle}\n{digested.event.message}",
    )


def varied(text: str, random: Random) -> str:
    """The text with other ids, numbers, people and addresses."""
    text = UUID.sub(lambda _: f"{random.getrandbits(32):08x}-1a2b-4c3d-8e4f-{random.getrandbits(48):012x}", text)
    text = NUMBER.sub(lambda found: str(random.randrange(10 ** (len(found[0]) - 1), 10 ** len(found[0]))), text)
    return ADDRESS.sub("somebody.else7@example", PERSON.sub("小野 寧々", text))


def block(digested: DigestedEvent) -> str:
    return digested.event.origin.raw


def line(digested: DigestedEvent) -> str:
    return f"{digested.title.title} : {digested.title.subtitle}".removesuffix(" : ")


def cause(digested: DigestedEvent) -> str:
    return digested.title.subtitle or digested.title.title


@pytest.mark.parametrize("write", [thin, full])
@pytest.mark.parametrize("paste", [block, line, cause])
def test_the_right_runbook_is_first_for_95_of_100_kinds(
    write: Callable[[DigestedEvent], IndexedText], paste: Callable[[DigestedEvent], str]
) -> None:
    index, random = RunbookIndex(), Random(6)
    for at, events in enumerate(kinds()):
        index.put(at, write(events[0]))

    firsts = [
        [one.runbook_id for one in index.find(failure_in_text(varied(paste(events[-1]), random)), limit=1)]
        for events in kinds()
    ]

    right = sum(first == [at] for at, first in enumerate(firsts))
    assert right / len(firsts) >= 0.95, [line(kinds()[at][-1]) for at, first in enumerate(firsts) if first != [at]]


def with_rule(digested: DigestedEvent) -> str:
    event, title = digested.event, digested.title
    rule = rule_for(
        service=event.service,
        root_type=title.root_type,
        root_message=title.root_message,
        template=title.template,
        fingerprint_hash=digested.fingerprint.hash,
    )
    front = FrontMatter(title=thin(digested).title, services=(event.service,), rules=(rule,))
    return write_runbook(front, f"# Examples\n{line(digested)}\n")


@pytest.mark.parametrize("paste", [block, line])
def test_with_a_rule_the_right_runbook_is_always_first(
    data_folder: Path, paste: Callable[[DigestedEvent], str]
) -> None:
    known, random, by = KnownRunbooks(), Random(6), Author(name="alice", at_ms=1)
    with changing(data_folder) as state:
        ids = [create_runbook(state, with_rule(events[0]), prefix="RB", by=by).id for events in kinds()]
        hits = [known.find_in_text(state, varied(paste(events[-1]), random)) for events in kinds()]

    assert [hit[0].runbook.id for hit in hits] == ids
    # A title and its cause do not say everything that a rule looks at; the whole block does.
    assert paste is line or all(hit[0].reasons for hit in hits)


def test_the_rule_proposed_for_an_error_holds_for_its_other_occurrences() -> None:
    for events in kinds():
        rule = parse_runbook(with_rule(events[0])).front.rules[0]
        for digested in events:
            facts = facts_of(digested.event, template=digested.title.template, fingerprint_hash="")
            assert rule.find_reasons(facts) is not None, line(digested)


def test_the_demo_has_a_hundred_kinds_of_errors() -> None:
    assert len(kinds()) >= 100
