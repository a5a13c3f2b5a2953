"""Decisions, conditions, the life cycle and purposes: what the tables say, and what must be true for any input."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mukiau.work.decisions import EFFECTS, STORM_HANDLINGS, Decision, Effect, Period, Standing, decide_effect
from mukiau.work.handling import CLOSED_STATES, NEXT, OPEN_STATES, Act, State, batch_key, next_state
from mukiau.work.lifecycle import Arrival, Resolution, decide_state, holds_fix
from mukiau.work.lifecycle import State as Stands
from mukiau.work.purposes import Purpose, customer_of, find_purpose, purpose_of
from mukiau.work.watching import Fired, Observation, Watch, decide_watch

NOON_MS = 1_791_201_600_000
_standings = st.builds(
    Standing,
    decision=st.sampled_from(Decision),
    scope=st.frozensets(st.sampled_from(Purpose)),
    key=st.sampled_from(["", "order_id"]),
    period=st.sampled_from(Period),
)


def test_every_decision_says_what_an_occurrence_does() -> None:
    assert set(EFFECTS) == set(Decision)


@given(_standings, st.sampled_from(Purpose), st.text(max_size=3), st.integers(0, 100))
def test_an_occurrence_always_has_one_effect_and_none_outside_the_scope(
    standing: Standing, purpose: Purpose, key_value: str, lately: int
) -> None:
    effect = decide_effect(standing, purpose=purpose, key_value=key_value, opened_lately=lately)

    assert isinstance(effect, Effect)
    assert (effect is Effect.COUNT) == (purpose not in standing.scope or standing.decision is Decision.WATCH)


@given(st.sampled_from(["", "order_id"]), st.integers(0, 100))
def test_a_storm_becomes_one_batch(key: str, lately: int) -> None:
    each = Standing(decision=Decision.HANDLE_EACH, key=key)

    effect = decide_effect(each, purpose=Purpose.PRODUCTION, key_value="ORD-1", opened_lately=lately)

    assert (effect is Effect.OPEN_BATCH) == (lately >= STORM_HANDLINGS)


def test_occurrences_of_one_key_are_answered_together_and_without_a_key_each_by_itself() -> None:
    keyed = Standing(decision=Decision.HANDLE_EACH, key="order_id")

    assert decide_effect(keyed, purpose=Purpose.PRODUCTION, key_value="ORD-1") is Effect.OPEN_KEYED
    assert decide_effect(keyed, purpose=Purpose.PRODUCTION) is Effect.OPEN_EACH


# --- Watching -----------------------------------------------------------------------------------------------------

_watches = st.builds(
    Watch,
    per_hour=st.integers(0, 3),
    per_day=st.integers(0, 3),
    until_ms=st.integers(0, 3),
    release=st.sampled_from(["", "1.2"]),
    customers=st.integers(0, 3),
    above_usual=st.booleans(),
)
_seen = st.builds(
    Observation,
    now_ms=st.integers(0, 5),
    hour_count=st.integers(0, 5),
    day_count=st.integers(0, 5),
    releases=st.frozensets(st.sampled_from(["1.1", "1.2"])),
    customers=st.integers(0, 5),
    is_above_usual=st.sampled_from([None, False, True]),
)


@given(_watches, _seen)
def test_only_a_condition_that_was_set_and_is_known_is_met(watch: Watch, seen: Observation) -> None:
    fired = decide_watch(watch, seen)

    assert not (watch.is_for_ever and fired)
    assert not (fired is Fired.PER_HOUR and not 0 < watch.per_hour < seen.hour_count)
    assert not (fired is Fired.ABOVE_USUAL and seen.is_above_usual is None)


@pytest.mark.parametrize(
    ("watch", "seen", "fired"),
    [
        (Watch(per_hour=10), Observation(now_ms=1, hour_count=10), None),
        (Watch(per_hour=10), Observation(now_ms=1, hour_count=11), Fired.PER_HOUR),
        (Watch(per_day=10), Observation(now_ms=1, day_count=11), Fired.PER_DAY),
        (Watch(customers=2), Observation(now_ms=1, customers=3), Fired.CUSTOMERS),
        (Watch(release="2.0"), Observation(now_ms=1, releases=frozenset({"2.0"})), Fired.RELEASE),
        (Watch(until_ms=5), Observation(now_ms=5), Fired.UNTIL),
        (Watch(above_usual=True), Observation(now_ms=1, is_above_usual=True), Fired.ABOVE_USUAL),
        (Watch(above_usual=True), Observation(now_ms=1), None),
    ],
)
def test_a_condition_is_met_when_it_is_exceeded(watch: Watch, seen: Observation, fired: Fired | None) -> None:
    assert decide_watch(watch, seen) == fired


# --- Resolved and come back ---------------------------------------------------------------------------------------

_names = st.sampled_from(["", "acme-prod", "globex-prod"])
_releases = st.sampled_from(["", "1.9", "1.10", "v2.0.0", "shop@1.9.1", "3f2a9c1", "2.0.0-rc1"])


@given(_names, _releases, st.integers(0, 3), st.sampled_from(["acme-prod", "other"]), _releases, st.integers(0, 3))
def test_what_occurred_before_an_issue_was_resolved_changes_nothing(
    about: str, fix: str, resolved_ms: int, environment: str, release: str, occurred_ms: int
) -> None:
    resolution = Resolution(resolved_ms=resolved_ms, environment=about, release=fix)
    arrival = Arrival(environment=environment, occurred_ms=occurred_ms, release=release)

    state = decide_state(resolution, arrival)

    assert (state is None) == (occurred_ms <= resolved_ms or about not in ("", environment))
    if state is not None and not fix:
        assert state is Stands.REGRESSED


@pytest.mark.parametrize(
    ("release", "fix", "holds"),
    [
        ("1.10.2", "1.9", True),
        ("1.9", "1.10.2", False),
        ("2.0", "2.0.0", True),
        ("v2.0.1", "2.0.0", True),
        ("shop@3.1.0", "shop@3.0.9", True),
        ("2.0.0-rc1", "2.0.0", False),
        ("2.0.0", "2.0.0-rc1", True),
        ("2.0.0-rc2", "2.0.0-rc1", True),
        ("2.0.0+build7", "2.0.0", True),
        ("", "2.0.0", False),
        ("3f2a9c1", "3f2a9c1", True),
        ("3f2a9c1", "9b1c2d3", False),
    ],
)
def test_a_release_holds_a_fix_of_itself_and_of_those_before_it(release: str, fix: str, holds: bool) -> None:
    assert holds_fix(release, fix) is holds


def test_where_names_say_nothing_the_release_that_was_deployed_later_holds_the_fix() -> None:
    deployed = {"9b1c2d3": 1, "3f2a9c1": 2}

    assert holds_fix("3f2a9c1", "9b1c2d3", deployed)
    assert not holds_fix("9b1c2d3", "3f2a9c1", deployed)


def test_an_environment_without_the_fix_awaits_it_and_one_with_it_has_regressed() -> None:
    resolution = Resolution(resolved_ms=10, release="1.5")

    assert decide_state(resolution, Arrival(environment="a", occurred_ms=11, release="1.4")) is Stands.AWAITING_DEPLOY
    assert decide_state(resolution, Arrival(environment="a", occurred_ms=11, release="1.5")) is Stands.REGRESSED
    assert decide_state(resolution, Arrival(environment="a", occurred_ms=11)) is Stands.AWAITING_DEPLOY


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_names_of_releases_can_be_compared(release: str, fix: str) -> None:
    assert holds_fix(release, fix) in (True, False)


# --- Handlings ----------------------------------------------------------------------------------------------------


def test_the_states_of_handlings_are_total_and_a_closed_one_only_opens_again() -> None:
    assert set(OPEN_STATES) | set(CLOSED_STATES) == set(State)
    for state in State:
        possible = {act for act in Act if next_state(state, act)}
        assert possible == ({Act.REOPEN} if state in CLOSED_STATES else set(Act) - {Act.REOPEN})
    assert {after for (_, act), after in NEXT.items() if act is Act.FINISH} == {State.DONE}


def test_a_batch_is_called_by_its_day_or_hour() -> None:
    assert batch_key(Period.DAY, NOON_MS) == "2026-10-05"
    assert batch_key(Period.HOUR, NOON_MS + 3_600_000) == "2026-10-05T13"


# --- Purposes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "customer", "purpose"),
    [
        ("acme-prod", "acme", Purpose.PRODUCTION),
        ("prod-acme", "acme", Purpose.PRODUCTION),
        ("test-corp-prod", "test-corp", Purpose.PRODUCTION),
        ("globex_stg", "globex", Purpose.STAGING),
        ("青葉商事-本番", "青葉商事", Purpose.PRODUCTION),
        ("青葉商事-検証", "青葉商事", Purpose.STAGING),
        ("acme/loadtest", "acme", Purpose.LOADTEST),
        ("production", "", Purpose.PRODUCTION),
        ("dev", "", Purpose.DEVELOPMENT),
        ("blue", "", None),
        ("product-team", "", None),
        ("", "", None),
    ],
)
def test_a_name_says_customer_and_purpose(name: str, customer: str, purpose: Purpose | None) -> None:
    assert (customer_of(name), find_purpose(name)) == (customer, purpose)


def test_what_people_registered_wins_over_the_name() -> None:
    assert purpose_of("acme-prod", "staging") is Purpose.STAGING
    assert customer_of("acme-prod", "Acme Corporation") == "Acme Corporation"
    assert purpose_of("blue") is Purpose.PRODUCTION


@given(st.text())
def test_any_name_has_a_purpose(name: str) -> None:
    assert purpose_of(name) in set(Purpose)
