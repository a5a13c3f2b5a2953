"""What the occurrences of a batch do to the work about their issues: digest's part, in the transaction of the batch.

For an ordinary batch (nothing resolved, nothing to be handled, every issue asked for long ago) this is three short
queries. Everything follows from pure tables: `work.decisions`, `work.lifecycle`, `work.watching`.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from mukiau.notify.cause import regression
from mukiau.stores.event_rows import EventRow
from mukiau.stores.notify.first_sights import sighting_of
from mukiau.stores.notify.outbox import tell
from mukiau.stores.sqlite import Connection
from mukiau.stores.work.handlings import Occurrence, Opening, follow_events
from mukiau.stores.work.issue_work import IssueWork, Who, ask_for_decision, insert_work, load_work, record_history
from mukiau.stores.work.key_values import KeyValues
from mukiau.stores.work.observing import find_fired
from mukiau.stores.work.ownership import give_owners
from mukiau.stores.work.registered import Environments
from mukiau.stores.work.resolutions import find_running, first_deployed, load_resolutions, load_states, put_state
from mukiau.work.decisions import Decision, Effect, Standing, Why, decide_effect
from mukiau.work.handling import Kind, batch_key
from mukiau.work.lifecycle import Arrival, Resolution, State, decide_state, find_holding, holds_fix
from mukiau.work.ownership import Place
from mukiau.work.purposes import Purpose

_KINDS = {Effect.OPEN_EACH: Kind.EACH, Effect.OPEN_KEYED: Kind.KEYED, Effect.OPEN_BATCH: Kind.BATCH}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An event of the batch as it was stored."""

    row: EventRow
    event_pk: int
    fingerprint_id: int
    issue_id: int
    is_new: bool
    """False: it takes the place of one that was stored before."""

    @property
    def occurrence(self) -> Occurrence:
        """The same as what needs an answer."""
        return Occurrence(
            event_pk=self.event_pk,
            project_id=self.row.project_id,
            issue_id=self.issue_id,
            fingerprint_id=self.fingerprint_id,
            environment=self.row.environment,
            service=self.row.service,
            occurred_ms=self.row.occurred_ms,
        )


@dataclass(slots=True)
class Arrivals:
    """Gathers the stored events of a batch; `write` does what they ask for."""

    connection: Connection
    environments: Environments
    now_ms: int
    _stored: list[Stored] = field(default_factory=list)
    _new_issues: dict[int, int] = field(default_factory=dict)

    def add_issue(self, issue_id: int, project_id: int) -> None:
        """Note an issue that was made."""
        self._new_issues[issue_id] = project_id

    def add(self, stored: Stored) -> None:
        """Note an event that was stored."""
        self._stored.append(stored)

    def write(self) -> None:
        """Do what the events ask for; the counts of the batch are written already."""
        for issue, project in self._new_issues.items():
            insert_work(self.connection, issue, project)
        if self._new_issues:
            give_owners(self.connection, self._places_of_new_issues())
        follow_events(self.connection, [(one.event_pk, one.fingerprint_id) for one in self._stored if not one.is_new])
        issues = {one.issue_id for one in self._stored}
        known = load_work(self.connection, issues)
        states = States(self.connection, issues, now_ms=self.now_ms)
        opening, keys = Opening(self.connection, self.now_ms), KeyValues(self.connection)
        watched: dict[int, list[Stored]] = defaultdict(list)
        asking: dict[int, int] = {}
        for one in self._stored:
            issue, work = one.issue_id, known[one.issue_id]
            purpose = self.environments.purpose(one.row.project_id, one.row.environment)
            value = _value_of_key(one.row, work.standing, purpose, keys)
            effect = self._effect(one, work, purpose, value, states, opening)
            if effect is Effect.ASK:
                asking[issue] = min(one.row.occurred_ms, asking.get(issue, one.row.occurred_ms))
            elif effect in _KINDS:
                opening.answer(one.occurrence, _KINDS[effect], _key(one.row, work, effect, value))
            elif work.watch is not None and not work.needs_decision:
                watched[issue].append(one)
        self._ask(asking, known)
        opening.write()
        for issue, stored in watched.items():
            self._look(known[issue], stored)

    def _places_of_new_issues(self) -> dict[int, Place]:
        """Return where the first event of each issue that was made came from."""
        earliest = sorted(self._stored, key=lambda one: (one.row.occurred_ms, one.event_pk), reverse=True)
        first = {one.issue_id: one.row for one in earliest if one.issue_id in self._new_issues}
        return {issue: (row.service, row.environment, row.digested.title.culprit) for issue, row in first.items()}

    def _effect(
        self, one: Stored, work: IssueWork, purpose: Purpose, value: str, states: "States", opening: Opening
    ) -> Effect:
        is_over = states.settle(one, asks=purpose in work.standing.scope, purpose=purpose)
        standing = work.standing
        effect = decide_effect(
            standing,
            purpose=purpose,
            key_value=value,
            opened_lately=(opening.count_lately(one.issue_id) if standing.decision is Decision.HANDLE_EACH else 0),
        )
        return Effect.COUNT if effect is Effect.ASK and is_over else effect

    def _ask(self, asking: Mapping[int, int], known: Mapping[int, IssueWork]) -> None:
        """Ask for decisions, by issue the time of its earliest occurrence that needs one."""
        for issue, since_ms in asking.items():
            work = known[issue]
            if not work.needs_decision or since_ms < work.needed_since_ms:
                ask_for_decision(self.connection, issue, Why.NEW, details={}, at_ms=since_ms)

    def _look(self, work: IssueWork, stored: list[Stored]) -> None:
        """See whether what arrived since an issue is watched meets its condition."""
        fresh = [one.row for one in stored if one.row.occurred_ms > work.decided_ms]
        fired = find_fired(self.connection, work, fresh, self.environments, now_ms=self.now_ms) if fresh else None
        if fired is None:
            return
        details = {"condition": fired}
        if ask_for_decision(self.connection, work.issue_id, Why.CONDITION, details=details, at_ms=self.now_ms):
            record_history(self.connection, work.issue_id, Why.CONDITION, details, who=Who(), at_ms=self.now_ms)


class States:
    """Where the issues of a batch stand in their environments, as far as they are resolved."""

    def __init__(self, connection: Connection, issues: set[int], *, now_ms: int) -> None:
        self._connection = connection
        self._now_ms = now_ms
        self._resolutions = load_resolutions(connection, issues)
        self._states = load_states(connection, self._resolutions) if self._resolutions else {}

    def settle(self, one: Stored, *, asks: bool, purpose: Purpose) -> bool:
        """Let an event change where its issue stands; say whether the issue is over there for all that is known.

        With `asks` an issue that came back needs a decision.
        """
        holding = find_holding(self._resolutions.get(one.issue_id, ()), one.row.environment)
        if holding is None:
            return False
        if self._states.get((one.issue_id, one.row.environment)) is not State.REGRESSED:
            state = self._decide(one, holding)
            if state is not None:
                self._put(one, state, asks=asks, purpose=purpose)
        return True

    def _decide(self, one: Stored, resolution: Resolution) -> State | None:
        row = one.row
        release, deployed = row.digested.event.release, dict[str, int]()
        if resolution.release:
            release = release or find_running(
                self._connection, row.project_id, row.environment, row.service, row.occurred_ms
            )
            deployed = first_deployed(self._connection, row.project_id, row.service, (release, resolution.release))
        arrival = Arrival(environment=row.environment, occurred_ms=row.occurred_ms, release=release)
        state = decide_state(resolution, arrival, deployed)
        return None if state is State.AWAITING_DEPLOY and self._runs_fix(row, resolution.release) else state

    def _runs_fix(self, row: EventRow, fix: str) -> bool:
        """Say whether an environment has the fix although the event does not: a process of before is still running."""
        now_ms = max(self._now_ms, row.occurred_ms)
        running = find_running(self._connection, row.project_id, row.environment, row.service, now_ms)
        deployed = first_deployed(self._connection, row.project_id, row.service, (running, fix))
        return holds_fix(running, fix, deployed)

    def _put(self, one: Stored, state: State, *, asks: bool, purpose: Purpose) -> None:
        place = (one.issue_id, one.row.environment)
        if self._states.get(place) is state:
            return
        self._states[place] = state
        put_state(self._connection, *place, state, at_ms=one.row.occurred_ms, event_pk=one.event_pk)
        details: Mapping[str, object] = {"environment": one.row.environment, "event": one.event_pk}
        record_history(self._connection, one.issue_id, state, details, who=Who(), at_ms=self._now_ms)
        if state is State.REGRESSED:
            seen = sighting_of(one.row, issue_id=one.issue_id, purpose=purpose)
            release = one.row.digested.event.release
            tell(self._connection, regression(seen, event_pk=one.event_pk, release=release, at_ms=self._now_ms))
        if state is State.REGRESSED and asks:
            ask_for_decision(self._connection, one.issue_id, Why.REGRESSED, details=details, at_ms=one.row.occurred_ms)


def _value_of_key(row: EventRow, standing: Standing, purpose: Purpose, keys: KeyValues) -> str:
    """Return the value by which an occurrence joins others; empty where nothing asks for it."""
    is_asked = standing.decision is Decision.HANDLE_EACH and standing.key and purpose in standing.scope
    return keys.find(row, standing.key) if is_asked else ""


def _key(row: EventRow, work: IssueWork, effect: Effect, value: str) -> str:
    """Return what says which handling the occurrence joins."""
    if effect is Effect.OPEN_BATCH:
        return batch_key(work.standing.period, row.occurred_ms)
    return value if effect is Effect.OPEN_KEYED else ""
