"""Who really asks: the client's address, scheme and host behind reverse proxies, and the id of the request.

What a proxy says about a client is believed only when the proxy is one of ours (`MUKIAU_TRUSTED_PROXIES`); from anybody
else the same headers are what a client made up. The chain of X-Forwarded-For is read from the right, where the proxy
nearest to us wrote: the first address that is no proxy of ours is the client, and everything left of it is hearsay.

* X-Forwarded-For is read before Forwarded (RFC 7239): a proxy that writes one of them passes the other on as it came,
  and nearly all write the first.
* Of a list in X-Forwarded-Proto or -Host the last one counts, for the same reason.
* X-Forwarded-Prefix and -Port are not needed: the address people use is a setting, and it has a path and a port.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from mukiau.core.addresses import Network, parse_address

Headers = Iterable[tuple[bytes, bytes]]

# Longer chains are nobody's; each hop costs a look.
MAX_HOPS = 20
_READ = {
    b"x-forwarded-for",
    b"x-forwarded-proto",
    b"x-forwarded-host",
    b"forwarded",
    b"x-request-id",
    b"traceparent",
    b"x-amzn-trace-id",
    b"host",
}
_NAMES_A_REQUEST = {b"x-request-id", b"traceparent", b"x-amzn-trace-id"}
_CLAIMS = {b"x-forwarded-for", b"x-forwarded-proto", b"forwarded"}
_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,99}")
# version-trace-parent-flags (W3C Trace Context); a trace of zeros is none.
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}.*")
_AMZN_ROOT = re.compile(r"(?:.*;)?\s*Root=(1-[0-9a-f]{8}-[0-9a-f]{24})(?:;.*)?")
# Separators within quotes are text; both kinds of Forwarded's.
_PAIR = re.compile(r'\s*([A-Za-z-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^,;]*)\s*([,;]|\Z)')


class Sender(NamedTuple):
    """Who sent a request, as far as that can be known. Made for each: a tuple takes a third of a frozen dataclass's time."""

    address: str
    """The client's IP address; empty when even the connection has none."""
    scheme: str
    """`http` or `https`, as the client used it."""
    host: str
    """What the client asked for, with its port; empty when it said nothing."""
    request_id: str
    """A trusted proxy's, else made here."""
    is_proxied: bool = False
    """A trusted proxy has passed the request on."""
    is_unheeded: bool = False
    """Somebody who is not trusted says the same."""


class TrustedProxies:
    """The proxies in front of us, and where people reach us through them."""

    def __init__(self, networks: Sequence[Network], *, base_url: str, new_request_id: Callable[[], str]) -> None:
        """`base_url` may be empty: people come by whatever address leads here."""
        self._networks = tuple(networks)
        self._base_scheme, self._base_host = urlsplit(base_url)[:2]
        self._new_request_id = new_request_id
        self.is_trusted = lru_cache(maxsize=1024)(self._is_trusted)

    def _is_trusted(self, address: str) -> bool:
        parsed = parse_address(address)
        return parsed is not None and any(parsed in network for network in self._networks)

    def read_sender(self, peer: str, headers: Headers, *, scheme: str = "http") -> Sender:
        """Return who sent a request that came from `peer` over a connection of `scheme`. Never raises."""
        given = _read(headers)
        host = given.get(b"host", "")
        if len(given) <= (b"host" in given):  # nearly all events: nobody says anything of anybody else
            return Sender(_plain(peer), scheme, host, self._new_request_id())
        if not self.is_trusted(peer):
            is_unheeded = not _CLAIMS.isdisjoint(given)
            return Sender(_plain(peer), scheme, host, self._new_request_id(), is_unheeded=is_unheeded)
        said = _read_forwarded(given.get(b"forwarded", ""))
        chain = _values(given.get(b"x-forwarded-for", "")) or said.chain
        proto = (_last(given.get(b"x-forwarded-proto", "")) or said.proto).lower()
        is_proxied = bool(chain or proto)
        usual_scheme = (self._base_scheme if is_proxied else "") or scheme
        usual_host = _last(given.get(b"x-forwarded-host", "")) or said.host or host
        return Sender(
            address=self._find_client(peer, chain),
            scheme=proto if proto in {"http", "https"} else usual_scheme,
            host=(self._base_host if is_proxied else "") or usual_host,
            request_id=_read_request_id(given) or self._new_request_id(),
            is_proxied=is_proxied,
        )

    def request_id(self, peer: str, headers: Headers) -> str:
        """Return the id of a request of which nothing else has to be known; without headers one is made."""
        if not headers or not self.is_trusted(peer):
            return self._new_request_id()
        return self.read_sender(peer, headers).request_id

    def _find_client(self, peer: str, chain: Sequence[str]) -> str:
        """Return the right-most hop that is no proxy of ours, else the left-most. A hop nobody can read ends the way."""
        found = _plain(peer)
        for hop in reversed(chain[-MAX_HOPS:]):
            address = parse_address(hop)
            if address is None:
                return found
            found = str(address)
            if not self.is_trusted(found):
                return found
        return found


def may_name(names: Iterable[bytes]) -> bool:
    """Say, by the names of its headers, whether a request may bring an id of its own."""
    return not _NAMES_A_REQUEST.isdisjoint(names)


@dataclass(frozen=True, slots=True)
class _Forwarded:
    chain: tuple[str, ...] = ()
    proto: str = ""
    host: str = ""


def _read(headers: Headers) -> dict[bytes, str]:
    """Return the headers that matter; repeated ones are one list (RFC 9110, 5.3)."""
    found: dict[bytes, str] = {}
    for name, value in headers:
        if name in _READ:
            text = value.decode("latin-1").strip()
            found[name] = f"{found[name]},{text}" if name in found else text
    return found


def _values(text: str) -> tuple[str, ...]:
    return tuple(value for part in text.split(",") if (value := part.strip())) if text else ()


def _last(text: str) -> str:
    return text.rpartition(",")[2].strip()


@lru_cache(maxsize=1024)
def _plain(peer: str) -> str:
    address = parse_address(peer)
    return peer if address is None else str(address)


def _read_forwarded(text: str) -> _Forwarded:
    """Read Forwarded (RFC 7239): an element a hop, `for=…;proto=…;host=…`; proto and host are the last element's."""
    elements = list(_elements(text)) if text else []
    if not elements:
        return _Forwarded()
    chain = tuple(element.get("for", "unknown") for element in elements)
    return _Forwarded(chain, elements[-1].get("proto", ""), elements[-1].get("host", ""))


def _elements(text: str) -> Iterator[dict[str, str]]:
    element: dict[str, str] = {}
    at = 0
    while match := _PAIR.match(text, at):
        name, value, separator = match.groups()
        element[name.lower()] = _unquoted(value)
        at = match.end()
        if separator != ";":
            yield element
            element = {}
        if at == len(text):
            return
    yield {}  # the rest cannot be read: neither can who wrote it


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value.strip()


def _read_request_id(given: dict[bytes, str]) -> str:
    """Return the id a proxy gave the request: its own, else the trace's (W3C's, or the load balancer's of AWS)."""
    own = given.get(b"x-request-id", "")
    if _REQUEST_ID.fullmatch(own):
        return own
    if trace := _TRACEPARENT.fullmatch(given.get(b"traceparent", "")):
        return trace[1]
    root = _AMZN_ROOT.fullmatch(given.get(b"x-amzn-trace-id", ""))
    return root[1] if root else ""
