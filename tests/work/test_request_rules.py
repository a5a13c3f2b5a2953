"""What of requests holds for everybody in every order of acts: the table is total, and nobody approves their own."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mukiau.work.request_content import Content, Gap, find_excess, find_gaps, find_hidden, repeat_key
from mukiau.work.requests import (
    CLOSED,
    SIDES,
    STATEMENT_KINDS,
    TABLE,
    Act,
    Kind,
    Person,
    Side,
    Standing,
    State,
    Why,
    decide_act,
    list_acts,
    may_file,
    next_act,
)

ALL = frozenset(Side)
DORA = Person(id=1, sides=frozenset({Side.DEVELOPMENT, Side.SUPPORT}), may_ask=True, may_approve=False)
OTTO = Person(id=2, sides=frozenset({Side.OPERATIONS, Side.SUPPORT}), may_ask=True, may_approve=True)
OLGA = replace(OTTO, id=3)
VERA = Person(id=4, sides=frozenset({Side.SUPPORT}), may_ask=False, may_approve=False)
ALICE = Person(id=5, sides=ALL, may_ask=True, may_approve=True, is_admin=True)
PEOPLE = (DORA, OTTO, OLGA, VERA, ALICE)
BY_ID = {person.id: person for person in PEOPLE}

kinds_and_sides = st.sampled_from([(kind, side) for kind, sides in SIDES.items() for side in sides])
walks = st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(list(Act))), max_size=40)
steered = st.lists(st.tuples(st.sampled_from(PEOPLE), st.integers(0, 5)), max_size=40)


def filed(
    kind: Kind = Kind.DATA_CORRECTION, *, by: Person = OTTO, state: State = State.DRAFT, statement: bool | None = None
) -> Standing:
    has_statement = kind is Kind.DATA_CORRECTION if statement is None else statement
    return Standing(kind=kind, state=state, side=SIDES[kind][0], has_statement=has_statement, requester_id=by.id)


def walk(standing: Standing, *steps: tuple[Person, Act]) -> Standing:
    for person, act in steps:
        decided = decide_act(standing, act, person)
        assert isinstance(decided, Standing), (act, decided)
        standing = decided
    return standing


@given(
    kinds_and_sides, st.sampled_from(list(State)), st.sampled_from(list(Act)), st.sampled_from(PEOPLE), st.booleans()
)
def test_every_act_in_every_state_by_everybody_has_an_answer(
    what: tuple[Kind, Side], state: State, act: Act, person: Person, statement: bool
) -> None:
    standing = Standing(
        kind=what[0], state=state, side=what[1], has_statement=statement, requester_id=1, approver_id=2, executor_id=3
    )

    decided = decide_act(standing, act, person)

    assert (decided is Why.NOT_NOW) == ((state, act) not in TABLE)
    assert isinstance(decided, Why) or decided.state is TABLE[state, act].to


def test_every_state_but_the_closed_ones_leads_on_and_to_an_end() -> None:
    leads = {state: {step.to for (at, _), step in TABLE.items() if at is state} for state in State}
    ends = set(CLOSED)
    while more := {state for state in State if state not in ends and leads[state] & ends}:
        ends |= more

    assert {state for state in State if not leads[state]} == CLOSED
    assert ends == set(State)
    assert {state for state in State if next_act(filed(state=state)) is None} == CLOSED


@given(kinds_and_sides, st.sampled_from(PEOPLE), st.booleans(), steered)
def test_no_sequence_of_acts_gets_a_request_approved_by_who_asked_or_run_unapproved(
    what: tuple[Kind, Side], requester: Person, statement: bool, steps: list[tuple[Person, int]]
) -> None:
    has_statement = what[0] is Kind.DATA_CORRECTION or (statement and what[0] in STATEMENT_KINDS)
    standing = Standing(
        kind=what[0], state=State.DRAFT, side=what[1], has_statement=has_statement, requester_id=requester.id
    )

    for person, choice in steps:
        open_to = list(list_acts(standing, person))
        if open_to:
            standing = walk(standing, (person, open_to[choice % len(open_to)]))
        assert standing.approver_id != standing.requester_id
        if standing.state in {State.APPROVED, State.RUNNING, State.TO_VERIFY, State.DONE}:
            assert standing.approver_id is not None
            if standing.touches_production:
                assert BY_ID[standing.approver_id].may_approve
        if standing.state in {State.RUNNING, State.TO_VERIFY, State.DONE}:
            assert standing.executor_id is not None
            if standing.touches_production:
                assert BY_ID[standing.executor_id].may_approve


@given(walks)
def test_a_correction_is_never_done_without_somebody_elses_approval_since_it_was_last_written(
    steps: list[tuple[Person, Act]],
) -> None:
    standing, approved_by = filed(by=OTTO), None

    for person, act in steps:
        decided = decide_act(standing, act, person)
        if isinstance(decided, Why):
            continue
        standing = decided
        if act is Act.APPROVE:
            approved_by = person.id
        elif act in {Act.EDIT, Act.ASK, Act.SEND_BACK, Act.NOT_YET}:
            approved_by = None
        if standing.state in {State.APPROVED, State.RUNNING, State.TO_VERIFY, State.DONE}:
            assert approved_by is not None
            assert approved_by not in {OTTO.id, DORA.id, VERA.id}
            assert standing.approver_id == approved_by


def test_the_way_of_a_correction_is_asked_approved_by_another_run_reported_and_verified() -> None:
    done = walk(
        filed(by=OTTO),
        (OTTO, Act.ASK),
        (OLGA, Act.APPROVE),
        (OTTO, Act.START),
        (OTTO, Act.REPORT),
        (OTTO, Act.VERIFY),
    )

    assert done.state is State.DONE
    assert (done.approver_id, done.executor_id, done.verifier_id) == (OLGA.id, OTTO.id, OTTO.id)


@pytest.mark.parametrize(
    ("person", "act", "state", "why"),
    [
        (OTTO, Act.APPROVE, State.ASKED, Why.OWN),
        (DORA, Act.APPROVE, State.ASKED, Why.NEEDS_OPERATOR),
        (VERA, Act.APPROVE, State.ASKED, Why.NEEDS_OPERATOR),
        (OLGA, Act.START, State.ASKED, Why.APPROVAL_FIRST),
        (DORA, Act.START, State.APPROVED, Why.NEEDS_OPERATOR),
        (OLGA, Act.REPORT, State.RUNNING, Why.NOT_EXECUTOR),
        (OLGA, Act.VERIFY, State.TO_VERIFY, Why.NOT_REQUESTER),
        (OTTO, Act.VERIFY, State.ASKED, Why.NOT_NOW),
        (OTTO, Act.EDIT, State.RUNNING, Why.NOT_NOW),
        (ALICE, Act.EDIT, State.DRAFT, Why.NOT_REQUESTER),
    ],
)
def test_who_may_not_is_told_why(person: Person, act: Act, state: State, why: Why) -> None:
    assert decide_act(filed(by=OTTO, state=state), act, person) is why


def test_an_administrator_approves_no_request_of_their_own_either() -> None:
    standing = filed(by=ALICE, state=State.ASKED)

    assert decide_act(standing, Act.APPROVE, ALICE) is Why.OWN
    assert decide_act(standing, Act.START, ALICE) is Why.OWN


def test_an_administrator_verifies_for_a_requester_who_is_gone_but_not_what_they_ran_themselves() -> None:
    ran_by_olga = replace(filed(state=State.TO_VERIFY), approver_id=OLGA.id, executor_id=OLGA.id)

    assert isinstance(decide_act(ran_by_olga, Act.VERIFY, ALICE), Standing)
    assert decide_act(replace(ran_by_olga, executor_id=ALICE.id), Act.VERIFY, ALICE) is Why.NOT_REQUESTER


def test_what_is_harmless_is_taken_at_once_by_the_side_that_is_asked() -> None:
    asked = filed(Kind.WRITE_RUNBOOK, by=OTTO, state=State.ASKED)

    taken = decide_act(asked, Act.START, DORA)

    assert isinstance(taken, Standing)
    assert (taken.state, taken.approver_id, taken.executor_id) == (State.RUNNING, DORA.id, DORA.id)
    assert next_act(asked) is Act.START
    assert decide_act(asked, Act.START, OLGA) is Why.OTHER_SIDE
    assert decide_act(asked, Act.START, OTTO) is Why.OWN


def test_an_investigation_with_a_statement_is_approved_like_a_correction() -> None:
    asked = filed(Kind.INVESTIGATE, by=OTTO, state=State.ASKED, statement=True)

    assert decide_act(asked, Act.START, DORA) is Why.NEEDS_OPERATOR
    assert next_act(asked) is Act.APPROVE


def test_another_takes_over_what_somebody_left_lying() -> None:
    running = replace(filed(state=State.RUNNING), approver_id=OLGA.id, executor_id=OLGA.id)

    taken = decide_act(running, Act.TAKE_OVER, OTTO)

    assert isinstance(taken, Standing)
    assert (taken.approver_id, taken.executor_id) == (OLGA.id, OTTO.id)
    assert decide_act(running, Act.TAKE_OVER, OLGA) is Why.HAS_IT


def test_who_only_reads_files_inquiries_of_customers() -> None:
    assert [kind for kind in Kind if may_file(VERA, kind)] == [Kind.CUSTOMER_INQUIRY]
    assert all(may_file(person, kind) for person, kind in product((DORA, OTTO, ALICE), Kind))


CORRECTION = Content(
    kind=Kind.DATA_CORRECTION,
    side=Side.OPERATIONS,
    title="Grant the points again",
    statement="UPDATE grants SET points = 10 WHERE order_id = 'ORD-17';",
    expected_rows=1,
    rollback="UPDATE grants SET points = 0 WHERE order_id = 'ORD-17';",
    environment="acme-prod",
)


def test_a_correction_says_what_to_run_where_with_how_many_rows_and_how_to_take_it_back() -> None:
    bare = replace(CORRECTION, statement=" ", expected_rows=None, rollback="", title="  ")

    assert find_gaps(CORRECTION) == ()
    assert find_gaps(bare) == (Gap.TITLE, Gap.STATEMENT, Gap.EXPECTED_ROWS, Gap.ROLLBACK)
    assert find_gaps(replace(CORRECTION, environment="")) == (Gap.ENVIRONMENT,)
    assert find_gaps(replace(CORRECTION, side=Side.SUPPORT)) == (Gap.SIDE,)


def test_what_is_too_long_is_named_and_never_cut() -> None:
    long = replace(CORRECTION, statement="x" * 20_001, title="y" * 201, expected_rows=-1)

    assert find_excess(CORRECTION) == ()
    assert find_excess(long) == ("title", "statement", "expected_rows")
    assert find_excess(replace(CORRECTION, kind=Kind.FIX)) == ("statement",)


@given(
    st.text(
        alphabet=st.characters(categories=["Cc", "Cf", "Zl", "Zp"], exclude_characters="\n\t"), min_size=1, max_size=1
    )
)
def test_no_character_hides_in_a_statement(char: str) -> None:
    assert find_hidden(f"SELECT 1 {char} FROM dual") == char


@pytest.mark.parametrize("char", ["\u00a0", "\u3164", "\u2800", "\ufe0f", "\u180e"])
def test_what_looks_like_a_blank_and_is_none_is_hidden_and_a_wide_blank_is_not(char: str) -> None:
    assert (find_hidden(f"DELETE{char}1"), find_hidden("-- 全角\u3000空白\n")) == (char, "")


def test_the_same_thing_for_another_order_has_the_same_key_and_another_thing_has_not() -> None:
    other = CORRECTION.statement.replace("ORD-17", "ORD-20481")

    assert repeat_key(CORRECTION) == repeat_key(replace(CORRECTION, statement=other, title="Points, again"))
    assert repeat_key(CORRECTION) != repeat_key(replace(CORRECTION, statement="DELETE FROM grants"))
    assert repeat_key(CORRECTION) != repeat_key(replace(CORRECTION, kind=Kind.INVESTIGATE))
    assert repeat_key(CORRECTION, [7, 9]) == repeat_key(replace(CORRECTION, statement="DELETE FROM grants"), [9, 7])
