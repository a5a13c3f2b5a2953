"""Addresses of machines and networks, read from text."""

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# An address with a port: `203.0.113.9:41234` (ALB with "client port"), `[2001:db8::1]:443` (RFC 7239).
_WITH_PORT = re.compile(r"\[([^\[\]]+)\](?::\d{1,5})?|([\d.]+):\d{1,5}")


def parse_address(text: str) -> Address | None:
    """Return the address a text names, with or without a port; None when it names none.

    An IPv4 address written as IPv6 is the IPv4 one: a socket for both kinds sees clients so.

    >>> parse_address("203.0.113.9:41234"), parse_address("[2001:db8::1]:443"), parse_address("::ffff:10.0.0.7")
    (IPv4Address('203.0.113.9'), IPv6Address('2001:db8::1'), IPv4Address('10.0.0.7'))
    >>> parse_address("unknown") is None
    True
    """
    text = text.strip()
    if match := _WITH_PORT.fullmatch(text):
        text = match[1] or match[2]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def read_networks(text: str) -> tuple[Network, ...]:
    """Return the networks of a comma-separated list; a bare address is a network of one. Raises ValueError.

    >>> read_networks("10.0.0.0/8, ::1")
    (IPv4Network('10.0.0.0/8'), IPv6Network('::1/128'))
    """
    return tuple(ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())
