"""Patterns are proposed for one logger or root cause of one service, and say what they would join."""

from datetime import UTC, datetime
from random import Random

from mukiau.core.event import Event, ExceptionInfo, Origin
from mukiau.core.grouping.explanation import Part
from mukiau.core.grouping.fingerprint import fingerprint_of
from mukiau.core.grouping.proposing import propose_patterns

NOW = datetime(2026, 10, 6, tzinfo=UTC)
NAMES = ("Müller", "O'Brien", "Tanaka", "Li Wei", "Anna-Lena Vogt", "sato_k")


def said(message: str, *, service: str = "crm", logger: str = "mail", type_: str = "") -> Part:
    chain = (ExceptionInfo(type=type_, message=message),) if type_ else ()
    event = Event(
        event_id="0" * 32,
        origin=Origin(),
        occurred_at=NOW,
        received_at=NOW,
        service=service,
        logger=logger,
        message=message,
        exceptions=chain,
    )
    return fingerprint_of(event).explanation


def test_names_of_people_are_proposed_for_their_logger() -> None:
    trees = [said(f"user {name} was not found") for name in NAMES]

    (found,) = propose_patterns([*trees, said("user was not found", logger="web"), said("disk is full")])

    assert (found.rule.service, found.rule.logger, found.rule.pattern) == ("crm", "mail", "user {words} was not found")
    assert found.issues == len(NAMES)
    assert set(found.words) <= {word for name in NAMES for word in name.split()}


def test_of_exceptions_they_are_proposed_for_the_root_cause() -> None:
    (found,) = propose_patterns(
        [said(f"no row for topic {name}", type_="acme.Missing") for name in ("orders", "stock", "users", "audit")]
    )

    assert (found.rule.logger, found.rule.root_type) == ("", "acme.Missing")


def test_few_names_or_names_of_several_loggers_and_services_are_no_pattern() -> None:
    messages = [f"user {name} was not found" for name in NAMES]

    assert propose_patterns(map(said, messages[:3])) == ()
    assert propose_patterns(said(text, logger=f"log{text[5]}") for text in messages) == ()
    assert propose_patterns(said(text, service=text[5]) for text in messages) == ()


def test_neither_order_nor_number_matters() -> None:
    trees = [said(f"user {name} left team {team}") for name in NAMES for team in ("red", "blue", "green", "grey")]

    assert propose_patterns(trees) == propose_patterns(Random(1).sample(trees * 2, len(trees) * 2)) != ()
