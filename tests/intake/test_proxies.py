"""Who sent a request, by what the proxies people use really send."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mukiau.core.addresses import parse_address, read_networks
from mukiau.intake.proxies import Sender, TrustedProxies

VPC, LOCAL = "10.0.0.0/16", "127.0.0.0/8,::1"
# One of CloudFront's published ranges, as somebody would add it.
CLOUDFRONT = "130.176.0.0/17"
MADE = "made-here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What arrives, and what is to be known of its sender."""

    name: str
    peer: str
    headers: str
    trusted: str = LOCAL
    base_url: str = ""
    address: str
    scheme: str = "http"
    host: str = "app.example"
    request_id: str = MADE


CASES = [
    Case(name="a browser without a proxy", peer="203.0.113.9", headers="host: app.example", address="203.0.113.9"),
    Case(
        name="a client that makes everything up",
        peer="203.0.113.9",
        headers="host: app.example\nx-forwarded-for: 10.0.0.1\nx-forwarded-proto: https\nx-forwarded-host: evil.example"
        "\nforwarded: for=10.0.0.1;proto=https;host=evil.example\nx-request-id: 0123456789abcdef",
        address="203.0.113.9",
    ),
    Case(
        name="nginx with the lines of our guide",
        peer="127.0.0.1",
        headers="host: app.example\nx-forwarded-for: 203.0.113.9\nx-forwarded-proto: https"
        "\nx-request-id: 3f2b8c0d5e6f7a8b9c0d1e2f3a4b5c6d",
        address="203.0.113.9",
        scheme="https",
        request_id="3f2b8c0d5e6f7a8b9c0d1e2f3a4b5c6d",
    ),
    Case(
        name="nginx, and the client had put an address in front",
        peer="127.0.0.1",
        headers="host: app.example\nx-forwarded-for: 10.9.9.9, 203.0.113.9",
        address="203.0.113.9",
    ),
    Case(
        name="nginx that does not pass the host on, with a base URL",
        peer="127.0.0.1",
        headers="host: 127.0.0.1:8000\nx-forwarded-for: 203.0.113.9",
        base_url="https://app.example",
        address="203.0.113.9",
        scheme="https",
    ),
    Case(
        name="an ALB",
        peer="10.0.3.7",
        headers="host: app.example\nx-forwarded-for: 203.0.113.9\nx-forwarded-port: 443\nx-forwarded-proto: https"
        "\nx-amzn-trace-id: Root=1-67891233-abcdef012345678912345678",
        trusted=VPC,
        address="203.0.113.9",
        scheme="https",
        request_id="1-67891233-abcdef012345678912345678",
    ),
    Case(
        name="an ALB that keeps the client's port, of IPv6",
        peer="10.0.3.7",
        headers="host: app.example\nx-forwarded-for: [2001:db8::9]:41234\nx-forwarded-proto: https",
        trusted=VPC,
        address="2001:db8::9",
        scheme="https",
    ),
    Case(
        name="an ALB nobody said is trusted",
        peer="10.0.3.7",
        headers="host: app.example\nx-forwarded-for: 203.0.113.9\nx-forwarded-proto: https",
        address="10.0.3.7",
    ),
    Case(
        name="CloudFront before an ALB, both trusted",
        peer="10.0.3.7",
        headers="host: origin.example\nx-forwarded-for: 198.51.100.1, 203.0.113.9, 130.176.1.2\nx-forwarded-proto: https"
        "\nvia: 2.0 x.cloudfront.net (CloudFront)\nx-amzn-trace-id: Self=1-67891234-12456789abcdef012345678;"
        "Root=1-67891233-abcdef012345678912345678",
        trusted=f"{VPC},{CLOUDFRONT}",
        base_url="https://app.example",
        address="203.0.113.9",
        scheme="https",
        request_id="1-67891233-abcdef012345678912345678",
    ),
    Case(
        name="CloudFront before an ALB, only the ALB trusted: the edge is the client",
        peer="10.0.3.7",
        headers="host: app.example\nx-forwarded-for: 203.0.113.9, 130.176.1.2\nx-forwarded-proto: https",
        trusted=VPC,
        address="130.176.1.2",
        scheme="https",
    ),
    Case(
        name="Caddy",
        peer="::1",
        headers="host: app.example\nx-forwarded-for: 203.0.113.9\nx-forwarded-host: app.example\nx-forwarded-proto: https",
        address="203.0.113.9",
        scheme="https",
    ),
    Case(
        name="HAProxy with option forwarded (RFC 7239)",
        peer="127.0.0.1",
        headers='host: app.example\nforwarded: proto=https;for="[2001:db8::9]:41234"',
        address="2001:db8::9",
        scheme="https",
    ),
    Case(
        name="Forwarded through two proxies, the first of them not ours",
        peer="127.0.0.1",
        headers='host: x\nforwarded: for=198.51.100.1;host="a;b,c", For="203.0.113.9:1";Proto=HTTPS;Host=app.example',
        address="203.0.113.9",
        scheme="https",
    ),
    Case(
        name="a hidden client",
        peer="127.0.0.1",
        headers="host: app.example\nforwarded: for=_hidden;proto=https",
        address="127.0.0.1",
        scheme="https",
    ),
    Case(
        name="Forwarded beside X-Forwarded-For: the proxy wrote the second, the client the first",
        peer="127.0.0.1",
        headers="host: app.example\nforwarded: for=192.0.2.1\nx-forwarded-for: 203.0.113.9",
        address="203.0.113.9",
    ),
    Case(
        name="headers repeated instead of joined",
        peer="127.0.0.1",
        headers="host: app.example\nx-forwarded-for: 198.51.100.1\nx-forwarded-for: 203.0.113.9",
        address="203.0.113.9",
    ),
    Case(
        name="proxies that add to the list of schemes",
        peer="127.0.0.1",
        headers="host: app.example\nx-forwarded-for: 203.0.113.9\nx-forwarded-proto: http, https",
        address="203.0.113.9",
        scheme="https",
    ),
    Case(
        name="a health check from within the VPC",
        peer="10.0.3.7",
        headers="host: 10.0.9.9:8000\nuser-agent: ELB-HealthChecker/2.0",
        trusted=VPC,
        base_url="https://app.example",
        address="10.0.3.7",
        host="10.0.9.9:8000",
    ),
    Case(
        name="somebody within the VPC, through the ALB",
        peer="10.0.3.7",
        headers="host: app.example\nx-forwarded-for: 10.0.200.4\nx-forwarded-proto: http",
        trusted=VPC,
        address="10.0.200.4",
    ),
    Case(
        name="a socket for IPv4 and IPv6",
        peer="::ffff:10.0.3.7",
        headers="host: app.example\nx-forwarded-for: ::ffff:203.0.113.9",
        trusted=VPC,
        address="203.0.113.9",
    ),
    Case(
        name="an entry nobody can read",
        peer="127.0.0.1",
        headers="host: app.example\nx-forwarded-for: 203.0.113.9, <script>",
        address="127.0.0.1",
    ),
    Case(
        name="a scheme that is none",
        peer="127.0.0.1",
        headers="host: app.example\nx-forwarded-for: 203.0.113.9\nx-forwarded-proto: javascript",
        address="203.0.113.9",
    ),
    Case(
        name="a trace instead of a request id",
        peer="127.0.0.1",
        headers="host: app.example\ntraceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        address="127.0.0.1",
        request_id="4bf92f3577b34da6a3ce929d0e0e4736",
    ),
    Case(
        name="a request id that would break a log line",
        peer="127.0.0.1",
        headers='host: app.example\nx-request-id: 0123456789abcdef" level=error',
        address="127.0.0.1",
    ),
    Case(name="nobody's connection", peer="", headers="host: app.example", address=""),
]


def headers_of(text: str) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in (line.split(": ", 1) for line in text.splitlines())]


def proxies_of(trusted: str, base_url: str = "") -> TrustedProxies:
    return TrustedProxies(read_networks(trusted), base_url=base_url, new_request_id=lambda: MADE)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_sender_behind(case: Case) -> None:
    sender = proxies_of(case.trusted, case.base_url).read_sender(case.peer, headers_of(case.headers))

    found = (sender.address, sender.scheme, sender.host, sender.request_id)
    assert found == (case.address, case.scheme, case.host, case.request_id)


@given(chain=st.text(max_size=200), forwarded=st.text(alphabet='for=proto;,"\\[]:. 019_', max_size=200))
def test_whatever_a_trusted_proxy_sends_something_is_known_of_the_sender(chain: str, forwarded: str) -> None:
    headers = [
        (b"x-forwarded-for", chain.encode("latin-1", "replace")),
        (b"forwarded", forwarded.encode()),
        (b"x-request-id", chain.encode("latin-1", "replace")),
    ]

    sender = proxies_of(LOCAL).read_sender("127.0.0.1", headers)

    assert isinstance(sender, Sender)
    assert parse_address(sender.address) is not None
    assert sender.request_id.isascii()
    assert sender.request_id.isprintable()


@given(st.lists(st.ip_addresses().map(str), min_size=1, max_size=5))
def test_nothing_a_client_puts_in_front_changes_who_it_is(made_up: list[str]) -> None:
    chain = ", ".join([*made_up, "203.0.113.9"]).encode()

    assert proxies_of(LOCAL).read_sender("127.0.0.1", [(b"x-forwarded-for", chain)]).address == "203.0.113.9"
