"""Maker processes: they share the making of events, so that digest uses more than one core.

One process keeps the order, assembles streams and writes; that is a quarter of the work. The rest are jobs that depend
on nothing but themselves. A batch's jobs are dealt in small hands: each member gets one, the digester itself takes jobs
while it waits, and who is done gets the next. The results stand in the order of the jobs, so a batch is the same,
whoever made what.

* Members are forked when the digester has loaded and read everything they need but opened no file yet. What is shared so
  costs no memory, and a member holds nothing of the digester's: neither its lock nor its files.
* A member has one hand at a time and answers before it gets the next, so neither side can wait for the other's buffer.
* A job that fails, or that cannot be passed on, comes back as None: the digester does it again itself and meets the
  same exception where it knows what to do with it.
* A member ends when its pipe does, that is with the digester. When a member ends by itself (no memory left, a fault in a
  library) the digester ends too: its next start finds the item at fault as it always does.
"""

import os
import select
import signal
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from typing import NoReturn, Protocol

from mukiau import codec
from mukiau.digest.boundary import Failure, attempt
from mukiau.digest.making import Job, Made
from mukiau.digest.policies import GroupedBy, Policies
from mukiau.digest.ports import MakerLost

HAND_JOBS = 8
"""So many take some milliseconds: few enough that all are done at nearly the same time."""
MIN_JOBS = 2 * HAND_JOBS
"""Fewer are done sooner than shared."""
MAX_PASSED_BYTES = 256 * 1024
"""A body beyond it stays with the digester: passing it on would take memory for each process it goes through."""


class Packing(Protocol):
    """Packs payloads with a dictionary that is changed for a newer one now and then."""

    @property
    def dictionary(self) -> bytes: ...
    def use(self, dictionary: bytes) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """What a member is given."""

    jobs: tuple[Job, ...]
    dictionary: bytes | None = None
    """The one to pack with from now on; None for the same as before."""
    grouped_by: GroupedBy | None = None
    """What to group by from now on; None for the same as before."""


_NOT_WRITABLE = (ValueError, TypeError, OverflowError, RecursionError)
_pack_hand, _read_hand = codec.messages(Hand)
_pack_made, _read_made = codec.messages(tuple[Made | None, ...])


class MakerPool:
    """Some maker processes and the one they work for. With a size of 0 it does every job itself."""

    def __init__(
        self, make: Callable[[Job], Made], packing: Packing, policies: Policies | None = None, *, size: int
    ) -> None:
        """Fork the members; `make` is what each of them does with a job, groups by `policies` and packs with `packing`."""
        self._make = make
        self._packing = packing
        self._policies = policies or Policies()
        self._members = [_Member(make, packing, self._policies) for _ in range(size)]

    @property
    def size(self) -> int:
        return len(self._members)

    def make_all(self, jobs: Sequence[Job]) -> list[Made | None]:
        """Return what each job became, None for those the caller has to do itself. Raises MakerLost."""
        made: list[Made | None] = [None] * len(jobs)
        if not self._members or len(jobs) < MIN_JOBS:
            return made
        waiting = deque(range(len(jobs)))
        while waiting or any(member.hand for member in self._members):
            for member in self._members:
                if member.hand and member.is_done(wait=not waiting):
                    for index, result in member.take():
                        made[index] = result
                if waiting and not member.hand:
                    hand = [waiting.popleft() for _ in range(min(HAND_JOBS, len(waiting)))]
                    member.give(hand, jobs, self._packing.dictionary, self._policies.grouped_by)
            if waiting:
                index = waiting.pop()
                made[index] = _attempt(self._make, jobs[index])
        return made

    def close(self) -> None:
        """End the members."""
        for member in self._members:
            member.close()


class _Member:
    """A maker process, seen from the digester."""

    def __init__(self, make: Callable[[Job], Made], packing: Packing, policies: Policies) -> None:
        self.hand: list[int] = []
        """Indexes of the jobs it has; empty while it waits."""
        self._dictionary = packing.dictionary
        self._grouped_by = policies.grouped_by
        self._pipe, theirs = Pipe()
        self._process_id = os.fork()
        if not self._process_id:
            _serve(theirs, make, packing, policies)
        theirs.close()
        self._poll = select.poll()
        self._poll.register(self._pipe.fileno(), select.POLLIN)

    def give(self, hand: list[int], jobs: Sequence[Job], dictionary: bytes, grouped_by: GroupedBy) -> None:
        """Pass some of the jobs on, unless they are too large or cannot be written down."""
        given = tuple(jobs[index] for index in hand)
        news = None if dictionary is self._dictionary else dictionary
        policies = None if grouped_by is self._grouped_by else grouped_by
        try:
            message = _pack_hand(Hand(jobs=given, dictionary=news, grouped_by=policies))
        except _NOT_WRITABLE:
            return
        if len(message) > HAND_JOBS * MAX_PASSED_BYTES:
            return
        try:
            self._pipe.send_bytes(message)
        except OSError as error:
            raise MakerLost("A maker process has ended.") from error
        self._dictionary, self._grouped_by, self.hand = dictionary, grouped_by, hand

    def is_done(self, *, wait: bool) -> bool:
        return bool(self._poll.poll(None if wait else 0))

    def take(self) -> list[tuple[int, Made | None]]:
        """Return the results of the hand, each with the index of its job."""
        try:
            results = _read_made(self._pipe.recv_bytes())
        except (EOFError, OSError) as error:
            raise MakerLost("A maker process has ended.") from error
        hand, self.hand = self.hand, []
        return list(zip(hand, results, strict=True))

    def close(self) -> None:
        self._pipe.close()
        with suppress(ChildProcessError):
            os.waitpid(self._process_id, 0)


def _serve(pipe: Connection, make: Callable[[Job], Made], packing: Packing, policies: Policies) -> NoReturn:
    """Live as a member until the pipe ends; nothing may lead back into the digester's code."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; the pipe says when it is over
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.closerange(3, pipe.fileno())
        os.closerange(pipe.fileno() + 1, os.sysconf("SC_OPEN_MAX"))
        while True:
            pipe.send_bytes(_play(_read_hand(pipe.recv_bytes()), make, packing, policies))
    finally:
        os._exit(0)


def _play(hand: Hand, make: Callable[[Job], Made], packing: Packing, policies: Policies) -> bytes:
    if hand.dictionary is not None:
        packing.use(hand.dictionary)
    if hand.grouped_by is not None:
        policies.use(hand.grouped_by)
    results = tuple(_attempt(make, job) for job in hand.jobs)
    try:
        return _pack_made(results)
    except _NOT_WRITABLE:
        return _pack_made((None,) * len(results))


def _attempt(make: Callable[[Job], Made], job: Job) -> Made | None:
    made = attempt(make, job)
    return None if isinstance(made, Failure) else made  # whoever asked does it again
