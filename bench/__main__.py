"""`python -m bench`: measure, print the tables, and write the page when everything was measured."""

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path

from bench.events import measure_events
from bench.forwarder import measure_forwarder
from bench.isolation import measure_isolation
from bench.lab import measure_lab
from bench.logs import measure_logs
from bench.measure import Results
from bench.pages import measure_pages
from bench.peer import measure_peer
from bench.report import PAGE, describe_machine, render_page, render_table
from bench.stations import measure_stations
from bench.targets import PARTS
from bench.templates import measure_templates


def main() -> None:
    """Measure the hot paths of mukiau; the page is written when all parts were measured."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=main.__doc__)
    parser.add_argument("--events", type=int, default=30_000, help="events of one load (default: %(default)s)")
    parser.add_argument("--repeats", type=int, default=2, help="loads, each on a fresh server (default: %(default)s)")
    parser.add_argument(
        "--kept", type=int, default=1_000_000, help="events pages are read among (default: %(default)s)"
    )
    parser.add_argument("--seeded", type=Path, help="a folder `python -m bench.seed` filled; made when left out")
    parser.add_argument("--peer-events", type=int, default=3_000, help="events the peer is sent (default: %(default)s)")
    parser.add_argument("--only", choices=PARTS, action="append", help="measure this part; may be repeated")
    options = parser.parse_args()
    parts = options.only or list(PARTS)
    results = Results()
    load = os.getloadavg()[0]
    print(describe_machine())
    for part in parts:
        _measure(part, results, options)
        print(f"\n{render_table(results, part=part)}", flush=True)
    print(*results.notes, sep="\n")
    if set(parts) == set(PARTS):
        how = f"{options.events:,} events in each of {options.repeats} loads, quotas off; load average before it began: {load:.1f}."
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(render_page(results, how=how, now=datetime.now(UTC)), encoding="utf-8")
        print(f"Written to {PAGE.name}.")


def _measure(part: str, results: Results, options: argparse.Namespace) -> None:
    if part == "events":
        measure_events(results, events=options.events, repeats=options.repeats)
    elif part == "isolation":
        measure_isolation(results, events=options.events)
    elif part == "pages":
        measure_pages(results, events=options.kept, folder=options.seeded)
    elif part == "logs":
        measure_logs(results)
    elif part == "lab":
        measure_lab(results, events=options.kept, folder=options.seeded)
    elif part == "templates":
        measure_templates(results)
    elif part == "forwarder":
        measure_forwarder(results)
    elif part == "stations":
        measure_stations(results)
    else:
        measure_peer(results, events=options.peer_events)


if __name__ == "__main__":
    main()
