"""How long the grouping lab takes where a million events are: what a policy would do, doing it, and taking it back."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.measure import Results
from bench.pages import seeded_folder
from mukiau.stores.reader import read_status

POLICY = """defaults = 1

[[rules]]
name = "a type is an issue"
when.service = "**"
fingerprint = ["{{ type }}"]
"""
"""Moves nearly every event: no policy asks for more."""


def measure_lab(results: Results, *, events: int, folder: Path | None = None) -> None:
    """Measure a run on a folder with so many events, made unless it is given; all is as before when it is over."""
    with seeded_folder(folder, events) as data, tempfile.TemporaryDirectory(prefix="bench-") as name:
        before = read_status(data)
        draft = Path(name) / "draft.toml"
        draft.write_text(POLICY, encoding="utf-8")
        said = _policy(data, "save", str(draft), "--project", "1")[1]
        version = said.partition("version ")[2].partition(";")[0]
        seconds, _ = _policy(data, "try", version, "--project", "1")
        run = _policy(data, "runs", "--project", "1")[1].split()[0]
        results.add("lab_try", seconds)
        results.add("lab_apply", _policy(data, "apply", run)[0])
        during = read_status(data)
        results.add("lab_undo", _policy(data, "undo", run)[0])
        after = read_status(data)
        results.add("lab_kept", abs(after.issues - before.issues) + abs(after.events - before.events))
        results.note(
            f"Lab: {before.events:,} events; {before.issues:,} issues became {during.issues:,} and again so many."
        )


def _policy(data: Path, *words: str) -> tuple[float, str]:
    """Run `mukiau policy …`; return seconds and what it said."""
    started = time.monotonic()
    command = [sys.executable, "-m", "mukiau", "policy", *words, "--data", str(data)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return time.monotonic() - started, done.stdout
