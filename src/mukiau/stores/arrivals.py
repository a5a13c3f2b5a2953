"""How requests arrive (`intake/arrivals.py`), kept in the data folder for `mukiau doctor`."""

import json
from collections import Counter
from pathlib import Path

from mukiau.intake.arrivals import Arrivals

ARRIVALS_FILE = "arrivals.json"


def record_arrivals(data: Path, arrivals: Arrivals) -> None:
    """Write the counts, whole or not at all. Raises OSError."""
    part = data / f"{ARRIVALS_FILE}.part"
    part.write_text(json.dumps(arrivals.as_json()), encoding="utf-8")
    part.replace(data / ARRIVALS_FILE)


def find_arrivals(data: Path) -> Arrivals | None:
    """Return the counts of the server that runs, or ran last; None when there are none."""
    try:
        kept = json.loads((data / ARRIVALS_FILE).read_text(encoding="utf-8"))
        return Arrivals(kept["total"], Counter(kept["unheeded"]), kept["insecure"], Counter(kept["hosts"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
