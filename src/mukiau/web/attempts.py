"""Count failed sign-ins per name and per address; kept in the shared cache, so every web process sees them."""

from hashlib import sha256

from django.core.cache import cache
from django.http import HttpRequest

from mukiau.web.address import client_address

WINDOW_SECONDS = 300
MAX_FOR_NAME = 8
MAX_FOR_ADDRESS = 40
"""An office shares one address."""


def keys_of(request: HttpRequest, name: str) -> tuple[tuple[str, int], ...]:
    """Return the counters of an attempt with their limits: this name from this address, and this address."""
    address = client_address(request)
    pair = sha256(f"{address}\0{name.casefold()}".encode("utf-8", "replace")).hexdigest()
    return ((f"sign-in:name:{pair}", MAX_FOR_NAME), (f"sign-in:address:{address}", MAX_FOR_ADDRESS))


def too_many(keys: tuple[tuple[str, int], ...]) -> bool:
    """Say whether a limit is reached; asked before the password is looked at."""
    return any(cache.get(key, 0) >= limit for key, limit in keys)


def count(keys: tuple[tuple[str, int], ...]) -> None:
    """Count a failure."""
    for key, _ in keys:
        cache.add(key, 0, WINDOW_SECONDS)
        try:
            cache.incr(key)
        except ValueError:  # it ran out between the two calls
            cache.set(key, 1, WINDOW_SECONDS)


def forget(keys: tuple[tuple[str, int], ...]) -> None:
    """Begin anew after a success (the address keeps its count: one known password must not open the rest)."""
    cache.delete(keys[0][0])
