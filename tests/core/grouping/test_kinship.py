"""A cut trace, and an id that happens to have no digit, belong to the one known failure that fits; to none where two do."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from mukiau.core.event import Event, ExceptionInfo, Frame, Origin, Relation
from mukiau.core.grouping.fingerprint import fingerprint_of
from mukiau.core.grouping.kinship import Because, Doubt, Gathered, doubt_of

NOW = datetime(2026, 10, 6, tzinfo=UTC)
HEAD = "E: a\n\tat com.acme.A.b(A.java:1)\n"
CUT = HEAD + "Caused by: F: b\n\tat com.acme.A.c(A.java:2)"
WHOLE = CUT + "\n\t... 3 more"


def frame(function: str) -> Frame:
    return Frame(function=function, module="com.acme.order.Orders", in_app=True)


def link(name: str, message: str, *functions: str) -> ExceptionInfo:
    return ExceptionInfo(type=f"com.acme.{name}", message=message, frames=tuple(map(frame, functions)))


def failed(*links: ExceptionInfo, raw: str = WHOLE, service: str = "order", language: str = "java") -> Event:
    chain = tuple(
        replace(one, parent=at - 1 if at else None, relation=Relation.CAUSE if at else Relation.TOP)
        for at, one in enumerate(links)
    )
    origin = Origin(raw=raw, language=language)
    return Event(event_id="0" * 32, origin=origin, occurred_at=NOW, received_at=NOW, service=service, exceptions=chain)


def said(message: str, *, service: str = "ship", logger: str = "plan") -> Event:
    return Event(
        event_id="0" * 32,
        origin=Origin(),
        occurred_at=NOW,
        received_at=NOW,
        service=service,
        logger=logger,
        message=message,
    )


def homes_of(events: Sequence[Event]) -> list[tuple[int, int, Because]]:
    """Which event belongs to the issue of which other, and why; the same in whatever order they come."""
    prints = [fingerprint_of(event) for event in events]
    hashes = [one.hash for one in prints]
    found = []
    for order in list(permutations(range(len(events))))[:24]:
        gathered = Gathered()
        for at in order:
            gathered.add(events[at], hashes[at], prints[at].explanation)
        homes = gathered.homes()
        found.append(
            sorted(
                (hashes.index(one), hashes.index(str(home.known.issue)), home.because) for one, home in homes.items()
            )
        )
    assert all(one == found[0] for one in found)
    return found[0]


WRAPPER = link("NotSaved", "order 7 not saved", "save", "post")
TOO_LONG = link("SqlError", "value too long", "insert")
DOWN = link("Timeout", "read timed out", "call")


def test_a_cut_cause_belongs_to_the_failure_that_begins_like_it() -> None:
    known, other = failed(WRAPPER, TOO_LONG), failed(WRAPPER, DOWN)
    without_frames = failed(WRAPPER, link("SqlError", "value too long"), raw=CUT)

    assert homes_of([without_frames, known, other]) == [(0, 1, Because.CUT_TRACE)]


def test_a_trace_without_its_cause_belongs_nowhere_where_two_causes_are_known() -> None:
    known, other, cut = failed(WRAPPER, TOO_LONG), failed(WRAPPER, DOWN), failed(WRAPPER, raw=HEAD)

    assert homes_of([cut, known]) == [(0, 1, Because.CUT_TRACE)]
    assert homes_of([cut, known, other]) == []


def test_what_a_cut_trace_does_say_has_to_fit() -> None:
    known = failed(WRAPPER, TOO_LONG)

    for cut in (
        failed(WRAPPER, link("SqlError", "no such column"), raw=CUT),
        failed(WRAPPER, link("SqlError", "value too long", "update"), raw=CUT),
        failed(link("NotSaved", "order 7 not saved", "cancel"), link("SqlError", "value too long"), raw=CUT),
        failed(WRAPPER, link("SqlError", "value too long"), raw=CUT, service="cart"),
    ):
        assert homes_of([cut, known]) == []


def test_a_whole_trace_never_belongs_to_another_ones_issue() -> None:
    assert homes_of([failed(WRAPPER, link("SqlError", "value too long")), failed(WRAPPER, TOO_LONG)]) == []


def test_a_type_and_words_alone_are_too_little() -> None:
    known = failed(link("Npe", "is null", "save", "post"))

    assert homes_of([failed(link("Npe", "is null"), raw=HEAD), known]) == []


def test_where_the_types_come_first_a_cut_chain_has_no_further_cause() -> None:
    known = failed(WRAPPER, DOWN, link("SocketError", "reset", "read"), language="csharp")
    cut = failed(
        WRAPPER, link("Timeout", "read timed out"), raw="A: a ---> Acme.B: b\n   at A.B.C()", language="csharp"
    )

    assert doubt_of(cut, fingerprint_of(cut).explanation) is Doubt.CUT_BELOW_TYPES
    assert homes_of([cut, known]) == []


def test_an_id_without_digits_belongs_to_the_failure_with_such_ids() -> None:
    events = [said(f"no calendar for depot {depot} (pref=a)") for depot in ("KWXE", "8X2X", "BEGN")]

    assert homes_of(events) == [(0, 1, Because.LETTERS_OF_AN_ID), (2, 1, Because.LETTERS_OF_AN_ID)]
    assert homes_of([said("The key 'col_KWXE' is missing"), said("The key 'col_8X2X' is missing")]) != []


def test_a_word_is_no_id_where_nothing_like_it_was_seen() -> None:
    for one, other in (
        ("disk RAID failed", "disk 3 failed"),  # a number is no id
        ("disk RAID failed", "disk SDA12 failed"),  # another length
        ("disk raid failed", "disk SDA1 failed"),
        ("refused: code=ABCDE", "refused: code=E4031"),  # codes are kept
        ("error ABCDE in job", "error E4031 in job"),
        ("POST 9X3K refused", "8Y2A 9X3K refused"),
        ("The key 'row_KWXE' is missing", "The key 'col_8X2X' is missing"),
        ("RAID lost depot KWXE", "ZFSX lost depot 8X2X"),
    ):
        assert homes_of([said(one), said(other)]) == []
    assert homes_of([said("depot KWXE lost", logger="a"), said("depot 8X2X lost", logger="b")]) == []


def test_a_message_may_hold_two_ids() -> None:
    events = [said(f"{one} moved to {other}") for one, other in (("KWXE", "8X2X"), ("7Q2A", "9P1Z"), ("7Q2A", "ABCD"))]

    assert homes_of(events) == [(0, 1, Because.LETTERS_OF_AN_ID), (2, 1, Because.LETTERS_OF_AN_ID)]


@given(st.lists(st.text(max_size=40), max_size=4), st.text(max_size=200))
def test_anything_may_come(messages: list[str], raw: str) -> None:
    events = [said(message) for message in messages]
    events += [failed(link("E", message, "save"), raw=raw) for message in messages]

    homes_of(events[:4])
