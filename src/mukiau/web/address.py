"""The address people and programs reach this mukiau at, and the one they come from."""

from ipaddress import IPv6Address, ip_network

from django.conf import settings
from django.http import HttpRequest

from mukiau.core.addresses import parse_address

# What a provider gives to one customer, at the least: all of it is one client.
IPV6_CLIENT_BITS = 64


def base_url(request: HttpRequest) -> str:
    """Return the configured base URL, else the address the viewer came by."""
    configured: str = settings.MUKIAU.base_url
    return configured.rstrip("/") or f"{request.scheme}://{request.get_host()}"


def absolute_url(request: HttpRequest, path: str) -> str:
    """Return a path of ours (as `reverse` gives it, below the base URL's own) as an address to hand on."""
    return settings.ORIGIN + path if settings.MUKIAU.base_url else f"{request.scheme}://{request.get_host()}{path}"


def client_address(request: HttpRequest) -> str:
    """Return the client's IP address, as far as the proxies we trust can tell: for limits, the audit log and our own log.

    Intake has found it out (`intake/proxies.py`); no header of a request says more.
    """
    return request.META.get("REMOTE_ADDR") or "unknown"


def limited_address(request: HttpRequest) -> str:
    """Return the address that attempts are counted by: the client's, of IPv6 the first of its network."""
    address = parse_address(client_address(request))
    if isinstance(address, IPv6Address):
        return str(ip_network((address, IPV6_CLIENT_BITS), strict=False).network_address)
    return client_address(request)
