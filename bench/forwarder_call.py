"""Call the forwarder's zip: `python -I -S -B forwarder_call.py FOLDER TARGET CALLS`; prints what it took, as JSON.

Nothing is imported before the forwarder, but what it needs anyway: the import is a cold one.
"""

import sys
import time

FOLDER, TARGET, CALLS = sys.argv[1:]
sys.path.insert(0, FOLDER)
BEGAN = time.process_time()
from mukiau.forwarder.handler import handler  # noqa: E402 - measured

if TARGET == "sentry":
    import mukiau.forwarder.events
    import mukiau.forwarder.to_sentry
else:
    import mukiau.forwarder.to_mukiau  # noqa: F401
IMPORTED = time.process_time()

import json  # noqa: E402
from pathlib import Path  # noqa: E402


class Context:
    """Lambda's."""

    log_group_name = "/aws/lambda/mukiau-forwarder"

    def get_remaining_time_in_millis(self) -> int:
        """Return a minute."""
        return 60_000


def _peak_kib() -> int:
    """Return the most memory this program had (getrusage would count what its parent had before it began)."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1])


def main() -> None:
    """Make the calls one after the other, as Lambda does in one container."""
    accepted = 0
    began = time.process_time()
    with Path(CALLS).open(encoding="utf-8") as calls:
        for call in calls:
            accepted += handler(json.loads(call), Context())["accepted"]
    measured = {
        "import_ms": (IMPORTED - BEGAN) * 1000,
        "seconds": time.process_time() - began,
        "memory_mib": _peak_kib() / 1024,
        "accepted": accepted,
    }
    sys.stdout.write(json.dumps(measured) + "\n")


main()
