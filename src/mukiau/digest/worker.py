"""The digester: reads the spool, digests, keeps each batch in one transaction, and never stops for a bad item.

A turn of the loop reads some items after the store's position, lets the pipeline digest them and writes the batch.
Nothing is kept in between, so whatever fails, the way back is the same: restore the pipeline from the store and read
again from its position.

* An item that raises while it is digested is noted with its reason; the next turn reads only up to it and sets it aside
  instead. So every item before it is digested at most twice, and the item itself is tried once.
* A batch the store refuses as a whole (not because of a lock or a full disk) is tried again item by item; the one that
  is refused alone is set aside.
* An item that ends the process itself (no memory left, a fault in a library) cannot be caught, only counted: after some
  starts at one position each item is tried alone and each try is noted first; one whose tries all ended so is set aside.
* An item of many records is digested in parts. The position stays before it, and beside the position stands how many
  of its records are digested, so no transaction grows with what somebody sends at once.
* A log entry that makes the assembler raise would poison every later item of its stream: streams that cannot be flushed
  are set aside with what they hold.

Log streams are flushed by the time of arrival of the last item while there is a backlog, and by the clock only when the
spool is drained: however late digest is, an entry whose rest waits in the spool is not torn apart.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from mukiau.digest.batch import Batch, SetAside, StreamState
from mukiau.digest.boundary import Failure, attempt
from mukiau.digest.pipeline import Outcome, Pipeline
from mukiau.digest.policies import Policies
from mukiau.digest.ports import Item, Keeper, SpoolReader, StateStore, StoreBusy

log = logging.getLogger(__name__)

MAX_BATCH_ITEMS = 200
MAX_BATCH_BYTES = 4 * 1024**2
"""Of bodies, mostly compressed."""
MAX_BATCH_EVENTS = 500
"""Items of records hold many events; together with the limits above this keeps one transaction below 50 ms."""
MAX_BATCH_MS = 150
"""Of digesting: a batch is written when it took so long, so that its first event is not kept waiting."""
POLL_SECONDS = 0.05
FLUSH_EVERY_MS = 200
BEAT_EVERY_MS = 1_000
MAX_REPLAYS = 20
"""Items digested again per heartbeat."""
FORGET_EVERY_MS = 60_000
PRUNE_EVERY_MS = 3_600_000
PRUNE_ROWS = 10_000
SEEN_KEPT_MS = 16 * 86_400_000
"""A record id is remembered at least 15 days after it came last; one more because days are counted whole."""
RETRY_SECONDS = 1.0
MAX_STARTS = 3
"""Of processes that began at one position and did not get on; from then on items are tried one by one."""
MAX_TRIES = 3
"""Of one item alone, each ended by the end of the process."""


class Worker:
    """Digests one spool into one store; run it in one thread of one process."""

    def __init__(
        self,
        *,
        spool: SpoolReader,
        store: StateStore,
        pipeline: Pipeline,
        clock: Callable[[], int],
        idle_ms: int,
        steady: Callable[[], int] | None = None,
        keepers: Sequence[Keeper] = (),
        policies: Policies | None = None,
    ) -> None:
        """`clock` gives unix milliseconds; `idle_ms` is how long a log stream is silent before it is flushed.

        What is forgotten or deleted after so many days goes by `steady`, the same without jumps (None: by `clock`).
        `policies` are told which grouping policies the store says are in force.
        """
        self._spool = spool
        self._store = store
        self._pipeline = pipeline
        self._clock = clock
        self._idle_ms = idle_ms
        self._steady = steady or clock
        self._keepers = tuple(keepers)
        self._policies = policies or Policies()
        self._position = self._records_done = 0
        self._is_fresh = self._has_begun = False
        """Whether it stands where the store does; whether the start was noted."""
        self._poison: dict[int, str] = {}
        """Position → reason of the items the next turns set aside."""
        self._read_until = 0
        """While the position is below it, a turn reads no further: the items before a poisonous one."""
        self._alone_until = 0
        """While the position is below it, a turn reads one item: a batch up to there was refused as a whole."""
        self._suspect_until = 0
        """While the position is below it, a turn tries one item and notes it first: one of them ends the process."""
        self._flush_at = self._beat_at = self._forget_at = self._prune_at = 0
        self._looked_ms = 0
        """The clock when house was kept last."""

    def run(self, stop: threading.Event) -> None:
        """Digest until `stop` is set, and finish the batch at hand. Raises AnotherDigester and MakerLost."""
        while not stop.is_set():
            did = self._attempt_turn()
            if did is None:
                self._is_fresh = False
                stop.wait(RETRY_SECONDS)
            elif not did:
                stop.wait(POLL_SECONDS)

    def _attempt_turn(self) -> bool | None:
        """Do one turn; None when it failed."""
        try:
            did = attempt(self._go_on)
        except StoreBusy as busy:
            log.warning("%s", busy)
            return None
        if isinstance(did, Failure):
            log.error("digest failed; it starts again from the last position kept", exc_info=did.error)
            return None
        return did

    def _go_on(self) -> bool:
        if not self._is_fresh:
            self.restore()
            self._is_fresh = True
        if not self._has_begun:
            self._note_start()
            self._has_begun = True
        return self.turn()

    def restore(self) -> None:
        """Go back to what the store holds; saved streams that cannot be read any more are set aside."""
        self._position, self._records_done = self._store.position(), self._store.records_done()
        self._policies.use(self._store.load_policies())
        unreadable = self._pipeline.restore(self._store.load_streams())
        if unreadable:
            self._set_streams_aside([(state, "The saved stream cannot be read.") for state in unreadable])

    def _note_start(self) -> None:
        is_waiting = self._spool.read(self._position, max_items=1, max_bytes=1)
        if is_waiting and self._store.count_trial("start", self._position, self._records_done) > MAX_STARTS:
            log.warning("digest ended several times at position %d; its next items are tried alone", self._position)
            self._suspect_until = self._position + MAX_BATCH_ITEMS

    def turn(self) -> bool:
        """Digest and keep one batch, then do what is due; say whether anything was waiting."""
        items = self._spool.read(self._position, max_items=self._max_items(), max_bytes=MAX_BATCH_BYTES)
        if items:
            self._digest(items)
        self._keep_house(now_ms=self._clock(), arrived_ms=items[-1].received_ms if items else None)
        return bool(items)

    # --- One batch ------------------------------------------------------------------------------------------------

    def _max_items(self) -> int:
        if self._position < max(self._alone_until, self._suspect_until):
            return 1
        return max(1, min(MAX_BATCH_ITEMS, self._read_until - self._position)) if self._poison else MAX_BATCH_ITEMS

    def _digest(self, items: Sequence[Item]) -> None:
        if self._position < self._suspect_until:
            self._note_try(items[0])
        # A part belongs to the item it was read from; where the spool was lost, another one comes next.
        is_same = items[0].position == self._position + 1
        outcome = Outcome(records_done=self._records_done if is_same else 0)
        until = self._clock() + MAX_BATCH_MS
        self._pipeline.look_ahead(items)
        count = 0
        for count, item in enumerate(items, 1):  # noqa: B007 - used below
            if (reason := self._poison.get(item.position)) is not None:
                outcome.set_aside.append(_aside(item, reason))
                outcome.records_done = 0
                continue
            failure = attempt(self._digest_item, item, outcome, until)
            if failure is not None:
                self._blame(item, failure)
                return
            if self._is_enough(outcome, until):
                break
        self._keep(items[:count], outcome)

    def _note_try(self, item: Item) -> None:
        if self._store.count_trial("item", item.position, self._records_done) > MAX_TRIES:
            self._poison[item.position] = f"The process ended {MAX_TRIES} times while this item was digested."

    def _digest_item(self, item: Item, outcome: Outcome, until: int) -> None:
        """Digest an item from where it was left, as far as the batch has room."""
        while True:
            part = self._pipeline.digest_item(item, records_done=outcome.records_done)
            outcome.add(part)
            if not outcome.records_done or self._is_enough(outcome, until):
                return

    def _is_enough(self, outcome: Outcome, until: int) -> bool:
        return len(outcome.events) >= MAX_BATCH_EVENTS or self._clock() >= until

    def _keep(self, items: Sequence[Item], outcome: Outcome) -> None:
        """Write what the items became; a refusal that will not pass by itself narrows down to the one at fault."""
        whole = items[:-1] if outcome.records_done else items
        failure = attempt(self._write, outcome, items=whole, records_done=outcome.records_done)
        if failure is None:
            self._poison = {position: why for position, why in self._poison.items() if position > self._position}
            return
        if len(items) == 1:
            self._note_poison(items[0], failure.reason)
        else:
            log.warning("a batch was refused (%s); its items are tried one by one", failure.reason)
            self._alone_until = items[-1].position
        self.restore()

    def _write(
        self,
        outcome: Outcome,
        *,
        items: Sequence[Item] = (),
        records_done: int | None = None,
        streams: tuple[StreamState, ...] | None = None,
        replayed: tuple[int, ...] = (),
    ) -> None:
        batch = Batch(
            after=self._position,
            position=items[-1].position if items else self._position,
            after_records=self._records_done,
            records=self._records_done if records_done is None else records_done,
            digested_ms=self._clock(),
            policies_stamp=self._policies.grouped_by.stamp,
            steady_ms=self._steady(),
            item_count=len(items),
            events=tuple(outcome.events),
            seen=self._pipeline.take_seen(),
            arrived=self._pipeline.take_arrived(),
            streams=self._pipeline.take_streams() if streams is None else streams,
            counters=outcome.counters,
            set_aside=tuple(outcome.set_aside),
            replayed=replayed,
        )
        self._store.write(batch)
        self._position, self._records_done = batch.position, batch.records

    def _blame(self, item: Item, failure: Failure) -> None:
        """An item raised: set its stream aside when that is broken, else the item itself."""
        self.restore()
        broken = self._pipeline.find_broken_streams()
        if broken:
            self._set_streams_aside(broken)
        else:
            self._note_poison(item, failure.reason)

    def _note_poison(self, item: Item, reason: str) -> None:
        log.warning("item %d cannot be digested and is set aside: %s", item.position, reason)
        self._poison[item.position] = reason
        self._read_until = item.position

    def _set_streams_aside(self, broken: Sequence[tuple[StreamState, str]]) -> None:
        now_ms = self._clock()
        asides = tuple(_stream_aside(state, reason, now_ms) for state, reason in broken)
        forgotten = tuple(replace(state, state="", is_open=False) for state, _ in broken)
        self._write(Outcome(set_aside=list(asides)), streams=forgotten)
        self.restore()

    # --- What is due ----------------------------------------------------------------------------------------------

    def _keep_house(self, *, now_ms: int, arrived_ms: int | None) -> None:
        if now_ms < self._looked_ms:  # the clock was set back: what is due then would not come for as long
            self._flush_at = self._beat_at = self._forget_at = self._prune_at = now_ms
        self._looked_ms = now_ms
        if now_ms >= self._flush_at:
            self._flush_at = now_ms + FLUSH_EVERY_MS
            self._flush(now_ms if arrived_ms is None else arrived_ms)
        if now_ms >= self._beat_at:
            self._beat_at = now_ms + BEAT_EVERY_MS
            self._store.beat(now_ms, steady_ms=self._steady())
            self._replay()
        if now_ms >= self._forget_at:
            self._forget_at = now_ms + FORGET_EVERY_MS
            self._pipeline.forget_idle(now_ms)
        if now_ms >= self._prune_at and not self._store.prune_seen(self._steady() - SEEN_KEPT_MS, max_rows=PRUNE_ROWS):
            self._prune_at = now_ms + PRUNE_EVERY_MS
        for keeper in self._keepers:
            keeper.step(self._steady())

    def _flush(self, now_ms: int) -> None:
        outcome = attempt(self._pipeline.flush_idle, now_ms, self._idle_ms)
        if isinstance(outcome, Failure):
            self.restore()
            if not (broken := self._pipeline.find_broken_streams()):
                raise outcome.error
            self._set_streams_aside(broken)
            return
        streams = self._pipeline.take_streams()
        if outcome.events or outcome.set_aside or streams:
            self._write(outcome, streams=streams)

    def _replay(self) -> None:
        """Digest items again that were set aside; one that fails again stays, with the new reason."""
        for aside_id, item in self._store.load_requested(max_items=MAX_REPLAYS):
            failure = attempt(self._replay_one, aside_id, item)
            if failure is not None:
                self.restore()
                again = replace(item, reason=failure.reason)
                self._write(Outcome(set_aside=[again]), replayed=(aside_id,))

    def _replay_one(self, aside_id: int, item: SetAside) -> None:
        self._write(self._digest_whole(item), replayed=(aside_id,))

    def _digest_whole(self, item: Item) -> Outcome:
        outcome = self._pipeline.digest_item(item)
        while outcome.records_done:
            outcome.add(self._pipeline.digest_item(item, records_done=outcome.records_done))
        return outcome


def _aside(item: Item, reason: str) -> SetAside:
    return SetAside(
        position=item.position,
        kind=item.kind,
        project_id=item.project_id,
        source_id=item.source_id,
        received_ms=item.received_ms,
        encoding=item.encoding,
        event_id=item.event_id,
        body=item.body,
        reason=reason,
    )


def _stream_aside(state: StreamState, reason: str, now_ms: int) -> SetAside:
    return SetAside(
        position=0,
        kind="stream",
        project_id=state.project_id,
        source_id=0,
        received_ms=now_ms,
        encoding="",
        event_id="",
        body=state.state.encode(),
        reason=reason,
    )
