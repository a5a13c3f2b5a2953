"""How requests for pages arrive, counted: what tells a proxy that is not trusted, or people who come by another name.

Addresses and hosts are kept as counts, few of them, cut and cleaned: a client can choose its Host. `mukiau doctor` reads
the counts.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

from mukiau.intake.proxies import Sender

# The rest is counted together: a client that makes up hosts must not fill a file.
MAX_NAMES = 20
OTHERS = "others"
_HOST = re.compile(r"[A-Za-z0-9.\-\[\]:]{1,100}")


@dataclass(slots=True)
class Arrivals:
    """Counts since the process started."""

    total: int = 0
    unheeded: Counter[str] = field(default_factory=Counter)
    """By address: requests with forwarded headers from somebody who is not trusted."""
    insecure: int = 0
    """A trusted proxy said that the client came by plain HTTP."""
    hosts: Counter[str] = field(default_factory=Counter)
    """By what the client asked for, behind no trusted proxy."""

    def note(self, peer: str, sender: Sender) -> None:
        """Count one request."""
        self.total += 1
        if sender.is_unheeded:
            _count(self.unheeded, peer)
        if sender.is_proxied:
            self.insecure += sender.scheme == "http"
        elif sender.host:
            _count(self.hosts, sender.host if _HOST.fullmatch(sender.host) else OTHERS)

    def as_json(self) -> dict[str, object]:
        return {
            "total": self.total,
            "unheeded": dict(self.unheeded),
            "insecure": self.insecure,
            "hosts": dict(self.hosts),
        }


def _count(counts: Counter[str], name: str) -> None:
    counts[name if name in counts or len(counts) < MAX_NAMES else OTHERS] += 1
