"""What a new runbook takes over from errors is code and nothing else, whatever the errors say."""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mukiau.core.event import Event, ExceptionInfo, Origin, Relation
from mukiau.core.templates import template_of
from mukiau.work.finding.draft import rule_of_event, write_examples
from mukiau.work.runbooks.facts import facts_of
from mukiau.work.runbooks.front_matter import FrontMatter, parse_runbook, write_runbook
from mukiau.work.runbooks.rendering import check_runbook

NOW = datetime(2026, 11, 30, tzinfo=UTC)
HOSTILE = st.text(alphabet=st.sampled_from("`~{}<>#-*|\n ab'\"$\x1b\x00{{x}}"), max_size=60)


def event(message: str, *, cause: str = "", tags: tuple[tuple[str, str], ...] = ()) -> Event:
    chain = (
        ExceptionInfo(type="a.b.OrderException", message=message),
        ExceptionInfo(type="java.io.IOException", message=cause, relation=Relation.CAUSE, parent=0),
    )
    return Event(
        event_id="0" * 32,
        origin=Origin(),
        occurred_at=NOW,
        received_at=NOW,
        service="order",
        message=message,
        exceptions=chain if cause else (),
        tags=tags,
    )


def test_chain_messages_and_tags_are_taken_over() -> None:
    written = write_examples(
        [event("order 1 lost", cause="reset", tags=(("shop", "7"),)), event("order 2 lost"), event("order 2 lost")]
    )

    assert written == (
        "```text\na.b.OrderException: order 1 lost\n  java.io.IOException: reset\n```\n\n"
        "```text\norder 1 lost\n```\n\n```text\norder 2 lost\n```\n\n```text\nshop=7\n```\n"
    )


def test_nothing_is_written_of_nothing() -> None:
    assert write_examples([]) == ""


@example("{{{ a }}}", "{{{{ a }}}}", "{{{{{ a }}}}}")
@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_text_of_an_error_leaves_its_block(message: str, cause: str, tag: str) -> None:
    text = write_runbook(FrontMatter(title="a"), write_examples([event(message, cause=cause, tags=(("t", tag),))]))

    assert parse_runbook(text).problems == ()
    assert check_runbook(text) == ()
    assert "{{" not in text


@pytest.mark.parametrize("cause", ["", "reset by 10.0.0.1:8080"])
def test_the_rule_holds_for_the_error_it_was_made_of(cause: str) -> None:
    one = event("order OD2026 lost (why?)", cause=cause)

    rule = rule_of_event(one, template=template_of(one.message))

    assert rule.find_reasons(facts_of(one, template=template_of(one.message), fingerprint_hash="")) is not None
