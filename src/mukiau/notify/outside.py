"""One POST to an address that somebody typed in: never into our own network, never further than asked, never for long.

Whoever may make routes could otherwise have this server ask what only it can reach: the metadata service of a cloud,
databases, admin pages. So the host is resolved here, every address it has must be a public one, and the connection goes
to that very address (a name that is resolved twice can be two things). TLS still checks the name. Redirects are not
followed; an answer is read up to some KB, and everything together takes ten seconds at most.

Hosts inside that are meant to be told (`MUKIAU_NOTIFY_ALLOWED_HOSTS`) are named by whoever runs the server; they may be
reached by http:// as well.
"""

import re
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv6Address, IPv6Network, ip_address, ip_network
from threading import Timer
from time import monotonic
from urllib.parse import urlsplit

from mukiau.core.addresses import Address as IpAddress
from mukiau.notify.answers import Answer, Reason, answer_of_status, failed, retry

TOTAL_SECONDS = 10.0
"""From the first attempt to connect; looking the name up before it has the time that the system gives it."""
CONNECT_SECONDS = 5.0
MAX_ANSWER_BYTES = 16 * 1024
# Slack's `channel_is_archived`; longer texts and pages are nobody's help.
_CODE = re.compile(rb"(?=.{1,40}\Z)[a-z]+(?:_[a-z]+)+")
_NAT64 = IPv6Network("64:ff9b::/96")
_NOT_PUBLIC = tuple(ip_network(text) for text in ("192.88.99.0/24", "168.63.129.16/32", "fec0::/10"))
"""Global by the letter, and not for us: relays of 6to4, Azure's agent on its machines, sites of long ago."""

Resolve = Callable[[str, int], list[str]]


def resolve_host(host: str, port: int) -> list[str]:
    """Return the addresses of a host. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An address that may be sent to."""

    host: str
    port: int
    path: str
    is_encrypted: bool
    is_allowed: bool
    """Named by whoever runs the server, wherever it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What is around this server, and what of it may be reached."""

    allowed_hosts: frozenset[str] = frozenset()
    """Lower case, without ports."""
    resolve: Resolve = resolve_host

    def find_target(self, url: str) -> Target | None:
        """Return where a URL leads; None when it is none that may be sent to, whatever its host resolves to."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").rstrip("."), parts.port
        except ValueError:
            return None
        is_allowed, is_encrypted = host in self.allowed_hosts, parts.scheme == "https"
        is_plain = url.isascii() and url.isprintable() and " " not in url
        if not host or parts.username is not None or not is_plain or not (is_encrypted or is_allowed):
            return None
        if parts.scheme not in {"http", "https"}:
            return None
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return Target(
            host=host,
            port=port or (443 if is_encrypted else 80),
            path=path,
            is_encrypted=is_encrypted,
            is_allowed=is_allowed,
        )

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send a body; never raises for what the other side or the network does."""
        target = self.find_target(url)
        if target is None:
            return failed(Reason.ADDRESS)
        try:
            addresses = self.resolve(target.host, target.port)
        except (OSError, UnicodeError):
            return retry(Reason.UNKNOWN_HOST)
        if not target.is_allowed and not all(is_public(address) for address in addresses):
            return failed(Reason.INSIDE)
        return _post(target, addresses, body, headers)


def is_public(text: str) -> bool:
    """Say whether an address belongs to the public internet, also where it is wrapped into one of the other kind.

    >>> [is_public(text) for text in ("1.1.1.1", "10.0.0.1", "169.254.169.254", "::1", "64:ff9b::a00:1", "::ffff:10.0.0.1")]
    [True, False, False, False, False, False]
    """
    try:
        address: IpAddress = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return all(_is_public(one) for one in _wrapped(address))


def _is_public(address: IpAddress) -> bool:
    if any(address in network for network in _NOT_PUBLIC if network.version == address.version):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _wrapped(address: IpAddress) -> Iterator[IpAddress]:
    """Yield the address that counts, or the ones that a tunnel leads to beside it."""
    if not isinstance(address, IPv6Address):
        yield address
        return
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
        return
    yield address
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if address in _NAT64:
        yield ip_address(int(address) & 0xFFFFFFFF)


class _Connection(HTTPConnection):
    """HTTP on a socket that is open already."""

    def __init__(self, host: str, port: int, opened: socket.socket) -> None:
        super().__init__(host, port)
        self.sock = opened


def _post(target: Target, addresses: list[str], body: bytes, headers: Mapping[str, str]) -> Answer:
    ends_at = monotonic() + TOTAL_SECONDS
    try:
        with closing(_open(target, addresses, ends_at)) as opened, _ended_in_time(opened, ends_at) as is_over:
            try:
                if isinstance(opened, ssl.SSLSocket):
                    opened.do_handshake()
                return _exchange(_Connection(_shown(target.host), target.port, opened), target, body, headers)
            except ssl.SSLError as error:
                return retry(Reason.SILENT if is_over() else Reason.TLS, error.reason or "")
            except (OSError, HTTPException, ValueError) as error:
                silent = is_over() or isinstance(error, TimeoutError)
                unreadable = not silent and isinstance(error, (HTTPException, ValueError))
                return retry(
                    Reason.SILENT if silent else Reason.UNREADABLE if unreadable else Reason.UNREACHABLE,
                    type(error).__name__,
                )
    except OSError as error:
        return retry(Reason.UNREACHABLE, error.strerror or type(error).__name__)


def _exchange(connection: HTTPConnection, target: Target, body: bytes, headers: Mapping[str, str]) -> Answer:
    default = 443 if target.is_encrypted else 80
    host = _shown(target.host) if target.port == default else f"{_shown(target.host)}:{target.port}"
    own = {"Host": host, "User-Agent": "mukiau", "Connection": "close", **headers}
    connection.request("POST", target.path, body, own)
    response = connection.getresponse()
    said = response.read(MAX_ANSWER_BYTES)
    answer = answer_of_status(response.status, response.headers.get("Retry-After", ""))
    is_code = answer.detail and _CODE.fullmatch(said)
    return replace(answer, detail=f"{answer.detail} {said.decode()}") if is_code else answer


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _open(target: Target, addresses: list[str], ends_at: float) -> socket.socket:
    """Connect to the first of the addresses that answers, as long as there is time. Raises OSError."""
    problem: OSError = OSError("no address")
    for address in addresses:
        if (left := ends_at - monotonic()) <= 0:
            break
        try:
            plain = socket.create_connection((address, target.port), timeout=min(CONNECT_SECONDS, left))
        except OSError as error:
            problem = error
        else:
            plain.settimeout(CONNECT_SECONDS)
            return _encrypted(plain, target.host) if target.is_encrypted else plain
    raise problem


def _encrypted(plain: socket.socket, host: str) -> socket.socket:
    """Return the socket as one of TLS, which has not shaken hands yet."""
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
    except OSError:
        plain.close()
        raise


@contextmanager
def _ended_in_time(opened: socket.socket, ends_at: float) -> Iterator[Callable[[], bool]]:
    """Break the connection off when the time is over, however busily the other side sends a byte now and then."""
    over: list[bool] = []

    def end() -> None:
        over.append(True)
        with suppress(OSError):
            socket.socket.shutdown(opened, socket.SHUT_RDWR)  # not TLS's own, which would wait for the other side

    timer = Timer(max(ends_at - monotonic(), 0), end)
    timer.daemon = True
    timer.start()
    try:
        yield lambda: bool(over)
    finally:
        timer.cancel()
