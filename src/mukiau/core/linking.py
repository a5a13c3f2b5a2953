"""How the errors of one request hang together, and where the trouble likely began.

One request that fails is often logged several times: by the layer that met the error and by the one it was rethrown to,
by the service that failed and by each that called it. Every such log is an event of its own, mostly of an issue of its
own. They are linked, never merged: each may want another answer.

What ties two events of one request, from the surest to the weakest; the first that holds counts:

* **same failure** (same service): one failure, logged by two layers. The chain of one stands in the chain of the other,
  whole and in order (logged, wrapped, logged again; or logged twice as it was), or the words of one's root cause stand
  in what the other logged. Where both know which line threw, it is the same line. Links without words tie only by that
  line or by another link: two `NullPointerException` may be two failures.
* **repeated** (same service): the same failure by the same log call: a retry, a loop.
* **cause** and **effect** (different services): the error of one is why the other failed. Either the other quotes it
  (its root cause's words stand in the other's), or the other is the failure of a call (by the type or the words of its
  links, or because it names the service) and the error came no later. A span that was called from the other's span
  counts as a call; a call to a host that has no word of the service's name in it does not.
* **same request**: nothing but the id.

The likely root is looked for among the errors that no other one caused: the one that caused most others, else one that
is not the failure of a call, else an error before a mere warning, else the first by time. The events of one failure
count as one; the first of them stands for it.

Nothing here depends on the order events are given in; clocks of two machines may differ by CLOCK_SKEW_MS.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

CLOCK_SKEW_MS = 2_000
"""By so much the log of a caller may seem earlier than that of the service it called."""
MIN_QUOTE_CHARS = 16
"""A shorter text (`timeout`, `not found`) stands in many others by chance."""
MAX_TEXT_CHARS = 2_000
"""Of one message; what is compared stands at its beginning."""
MAX_LINKS = 12

_SPACE = re.compile(r"\s{1,400}")
_TYPE_SEPARATORS = re.compile(r"[.$\\:/]")
_CALL_TYPE = re.compile(
    r"http|feign|grpc|rpc|axios|restclient|webclient|resttemplate|statusruntime|upstream|badgateway|remote|faraday"
    r"|guzzle|fetcherror|requestexception|clientrequest|responseerror|serviceunavailable",
    re.IGNORECASE,
)
_CALL_WORDS = re.compile(
    r"\b(?:status(?:[ _-]?code)?|http)\W{0,4}[45]\d\d\b|\b50[0234]\b.{0,3}(?:Internal Server|Bad Gateway|Service Unav|Gateway T)"
    r"|\bupstream\b|\bUNAVAILABLE\b|\bDEADLINE_EXCEEDED\b|\b(?:GET|POST|PUT|PATCH|DELETE) \"?https?://",
    re.IGNORECASE,
)
_HOST = re.compile(r"\bhttps?://(?:[^\s/@]{1,100}@)?([\w.-]{1,200})")
_ADDRESS = re.compile(r"[\d.]+|localhost", re.IGNORECASE)
_WORD = re.compile(r"[a-z]{3,}")
_EVERYWHERE = frozenset(
    "api app com default example http internal jp local net org prod production service stg svc web www".split()
)
_NUMBER = re.compile(r"\d{1,40}")


class Bond(StrEnum):
    """What another event of the request is to one."""

    SAME_FAILURE = "same_failure"
    REPEATED = "repeated"
    CAUSE = "cause"
    """The other one is why this one failed."""
    EFFECT = "effect"
    """This one is why the other one failed."""
    SAME_REQUEST = "same_request"


_MIRRORED = {Bond.CAUSE: Bond.EFFECT, Bond.EFFECT: Bond.CAUSE}
_ONE_FAILURE = frozenset({Bond.SAME_FAILURE, Bond.REPEATED})


class Thrown(NamedTuple):
    """One link of a chain."""

    type: str
    message: str
    place: str = ""
    """The line that threw it (`shop.orders.save:88`); "" when unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedError:
    """One event of a request, as far as it tells how it hangs together with the others."""

    pk: int
    """`event.id`, which settles what time does not."""
    service: str
    occurred_ms: int
    is_warning: bool = False
    logger: str = ""
    message: str = ""
    """What was logged; for a bare exception its own message."""
    chain: tuple[Thrown, ...] = ()
    """Outermost first."""
    span_id: str = ""
    parent_span_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linking:
    """How the events of one request hang together."""

    bonds: Mapping[tuple[int, int], Bond]
    """(pk, other pk) → what the other is to the one; both ways."""
    root: int | None
    """The `pk` of the likely root; None where there are not two events."""
    is_cause: bool = False
    """The root is known to have caused others; else it is merely the first."""


def link_errors(errors: Iterable[LoggedError]) -> Linking:
    """Link the events of one request, each with each: keep them few."""
    read = [_read(error) for error in sorted(errors, key=lambda error: (error.occurred_ms, error.pk))]
    bonds: dict[tuple[int, int], Bond] = {}
    for at, one in enumerate(read):
        for other in read[at + 1 :]:
            bond = _bond(one, other)
            bonds[one.pk, other.pk] = bond
            bonds[other.pk, one.pk] = _MIRRORED.get(bond, bond)
    if len(read) < 2:
        return Linking(bonds=bonds, root=None)
    root, effects = _root(_failures(read, bonds), bonds)
    return Linking(bonds=bonds, root=root.pk, is_cause=effects > 0)


# --- Two events ---------------------------------------------------------------------------------------------------


class _Read(NamedTuple):
    """An event with its texts as they are compared."""

    pk: int
    error: LoggedError
    links: tuple[Thrown, ...]
    said: str
    """All it says: its log call's words and those of its links."""
    root: str
    """The words of its root cause, else those it logged."""
    is_call: bool
    """By its words and types it is the failure of a call."""


def _read(error: LoggedError) -> _Read:
    links = tuple(
        Thrown(_TYPE_SEPARATORS.split(link.type)[-1], _squeezed(link.message), link.place)
        for link in error.chain[:MAX_LINKS]
    )
    said = "\n".join((_squeezed(error.message), *(link.message for link in links)))
    root = links[-1].message if links else _squeezed(error.message)
    is_call = _CALL_WORDS.search(said) is not None or any(_CALL_TYPE.search(link.type) for link in error.chain)
    return _Read(error.pk, error, links, said, root, is_call)


def _squeezed(text: str) -> str:
    return _SPACE.sub(" ", text[:MAX_TEXT_CHARS]).strip()


def _bond(one: _Read, other: _Read) -> Bond:
    """Return what the other is to the one."""
    if one.error.service == other.error.service:
        if not _is_same_failure(one, other):
            return Bond.SAME_REQUEST
        return Bond.REPEATED if _is_same_call(one, other) else Bond.SAME_FAILURE
    if _is_caused(one, by=other):
        return Bond.CAUSE
    return Bond.EFFECT if _is_caused(other, by=one) else Bond.SAME_REQUEST


def _is_same_failure(one: _Read, other: _Read) -> bool:
    if _stands_in(one.links, other.links) or _stands_in(other.links, one.links):
        return True
    places = {read.links[-1].place for read in (one, other) if read.links} - {""}
    return len(places) < 2 and (_quotes(one, other) or _quotes(other, one))


def _stands_in(part: Sequence[Thrown], whole: Sequence[Thrown]) -> bool:
    size = len(part)
    return size > 0 and any(_is_same_stretch(part, whole[at : at + size]) for at in range(len(whole) - size + 1))


def _is_same_stretch(one: Sequence[Thrown], other: Sequence[Thrown]) -> bool:
    pairs = list(zip(one, other, strict=True))
    if any(a[:2] != b[:2] or (a.place and b.place and a.place != b.place) for a, b in pairs):
        return False
    return len(pairs) > 1 or any(a.message or (a.place and a.place == b.place) for a, b in pairs)


def _is_same_call(one: _Read, other: _Read) -> bool:
    """Say whether one log call wrote both. Without a logger only words that no exception gave can tell."""
    if one.error.logger != other.error.logger or not (one.error.logger or not one.links):
        return False
    same_types = [link.type for link in one.links] == [link.type for link in other.links]
    return same_types and _numberless(one) == _numberless(other)


def _numberless(read: _Read) -> str:
    return _NUMBER.sub("0", _squeezed(read.error.message))


def _quotes(one: _Read, other: _Read) -> bool:
    return len(other.root) >= MIN_QUOTE_CHARS and other.root in one.said


def _is_caused(one: _Read, *, by: _Read) -> bool:
    """Say whether another service's error is why this one failed."""
    if by.error.occurred_ms > one.error.occurred_ms + CLOCK_SKEW_MS:
        return False
    forth, back = _pointing(one, by), _pointing(by, one)
    if forth != back:
        return forth > back
    return forth > 0 and by.error.occurred_ms < one.error.occurred_ms


def _pointing(one: _Read, other: _Read) -> int:
    """Return how surely one event points to another service's: 3 it quotes it, 2 it called or names it, 1 some call failed."""
    if _quotes(one, other) and not _quotes(other, one):  # both: they met the same trouble, neither made it
        return 3
    is_called = bool(one.error.span_id) and other.error.parent_span_id == one.error.span_id
    hosts = {word for host in _HOST.findall(one.said) for word in _words(host)}
    if is_called or hosts & _words(other.error.service) or _names(one, other.error.service):
        return 2
    return 1 if one.is_call and not hosts else 0


def _names(one: _Read, service: str) -> bool:
    return len(service) > 2 and service.lower() in one.said.lower() and _name_of(service).search(one.said) is not None


@lru_cache(maxsize=1024)
def _name_of(service: str) -> re.Pattern[str]:
    """A pattern of the service's name; one that is a mere word (`order`) counts beside `service`, `api` or a status only."""
    name = re.escape(service)
    if not service.isalpha():
        return re.compile(rf"(?<![\w-]){name}(?![\w-])", re.IGNORECASE)
    return re.compile(
        rf"\bservice[ =:]{{1,2}}{name}\b|\b{name}(?:[ _-](?:service|api)| [a-z]{{2,12}}(?: with)? 5\d\d)\b",
        re.IGNORECASE,
    )


@lru_cache(maxsize=1024)
def _words(name: str) -> frozenset[str]:
    """Return the words of a host or a service that tell it from others: `stock` of `stock-api.internal`; none of an address."""
    if _ADDRESS.fullmatch(name):
        return frozenset()
    return frozenset(word for word in _WORD.findall(name.lower()) if word not in _EVERYWHERE)


# --- All of them --------------------------------------------------------------------------------------------------

_Failure = list[_Read]
"""The events of one failure, the first one first."""


def _failures(read: Sequence[_Read], bonds: Mapping[tuple[int, int], Bond]) -> list[_Failure]:
    """Gather what is one failure; `read` is in order of time."""
    failures: list[_Failure] = []
    for one in read:
        related = [f for f in failures if any(bonds[one.pk, member.pk] in _ONE_FAILURE for member in f)]
        joined = sorted((*(member for f in related for member in f), one), key=_moment)
        failures = [f for f in failures if f not in related] + [joined]
    return failures


def _root(failures: Sequence[_Failure], bonds: Mapping[tuple[int, int], Bond]) -> tuple[_Read, int]:
    """Return the likely root and how many other failures it caused."""
    causes = {
        at: {n for n in _others(at, failures) if _has_caused(failures[n], failures[at], bonds)}
        for at in range(len(failures))
    }
    effects = {at: sum(at in found for found in causes.values()) for at in causes}
    candidates = [at for at in causes if not causes[at]] or list(causes)
    best = min(
        candidates,
        key=lambda at: (
            -effects[at],
            all(read.is_call for read in failures[at]),
            all(read.error.is_warning for read in failures[at]),
            _moment(failures[at][0]),
        ),
    )
    return failures[best][0], effects[best]


def _others(at: int, failures: Sequence[_Failure]) -> Iterator[int]:
    return (n for n in range(len(failures)) if n != at)


def _has_caused(cause: _Failure, effect: _Failure, bonds: Mapping[tuple[int, int], Bond]) -> bool:
    return any(bonds[one.pk, other.pk] is Bond.CAUSE for one in effect for other in cause)


def _moment(read: _Read) -> tuple[int, int]:
    return read.error.occurred_ms, read.pk
