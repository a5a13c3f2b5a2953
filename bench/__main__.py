"""`python -m bench`: measure, print the tables, and write the page when everything was measured."""

import argparse
import os
from datetime import UTC, datetime

from bench.events import measure_events
from bench.logs import measure_logs
from bench.measure import Results
from bench.report import PAGE, describe_machine, render_page, render_table
from bench.stations import measure_stations
from bench.targets import PARTS


def main() -> None:
    """Measure the hot paths of mukiau; the page is written when all parts were measured."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=main.__doc__)
    parser.add_argument("--events", type=int, default=3000, help="events of one load (default: %(default)s)")
    parser.add_argument("--repeats", type=int, default=3, help="loads, each on a fresh server (default: %(default)s)")
    parser.add_argument("--only", choices=PARTS, action="append", help="measure this part; may be repeated")
    options = parser.parse_args()
    parts = options.only or list(PARTS)
    results = Results()
    load = os.getloadavg()[0]
    print(describe_machine())
    for part in parts:
        _measure(part, results, events=options.events, repeats=options.repeats)
        print(f"\n{render_table(results, part=part)}", flush=True)
    print(*results.notes, sep="\n")
    if set(parts) == set(PARTS):
        how = f"{options.events:,} events in each of {options.repeats} loads, quotas off; load average before it began: {load:.1f}."
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(render_page(results, how=how, now=datetime.now(UTC)), encoding="utf-8")
        print(f"Written to {PAGE.name}.")


def _measure(part: str, results: Results, *, events: int, repeats: int) -> None:
    if part == "events":
        measure_events(results, events=events, repeats=repeats)
    elif part == "logs":
        measure_logs(results)
    else:
        measure_stations(results)


if __name__ == "__main__":
    main()
